/** Drawing components in tests: the application's providers, and a server of canned answers. */
import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactElement, ReactNode } from "react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { vi } from "vitest";

import type { Role, Session } from "../api/types";
import { SessionContext } from "../app/session";
import { cssVariables, theme } from "../app/theme";

type Place = { path?: string; route?: string; others?: { path: string; element: ReactElement }[]; role?: Role; user?: Partial<Session["user"]> };

const asked = () => Promise.reject(new Error("Nobody logs in or out in this test."));

/** Somebody is logged in: Ada, an admin, unless the test says who. */
export function LoggedIn({ user, children }: { user?: Partial<Session["user"]>; children: ReactNode }) {
  const session: Session = {
    user: { sid: "US1", username: "ada", name: "Ada", role: "admin", worker_sid: null, ...user },
    account: { sid: "AC1", name: "Acme" },
    csrf_token: "",
  };
  return <SessionContext value={{ session, lost: false, providers: [], logIn: asked, giveCode: asked, logOut: asked }}>{children}</SessionContext>;
}

/** Draw an element at an address of the application, for somebody of a role. `others` are further pages it may lead to. */
export function renderAt(element: ReactElement, { path = "/", route = "/", others = [], role = "admin", user }: Place = {}) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createMemoryRouter([{ path: route, element }, ...others], { initialEntries: [path] });
  return {
    router,
    ...render(
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} env="test">
        <QueryClientProvider client={client}>
          <ModalsProvider>
            <Notifications />
            <LoggedIn user={{ role, ...user }}>
              <RouterProvider router={router} />
            </LoggedIn>
          </ModalsProvider>
        </QueryClientProvider>
      </MantineProvider>,
    ),
  };
}

type Answer = { status?: number; body?: unknown };
export type Call = { method: string; path: string; body: unknown; headers: Record<string, string> };

/**
 * Answer `/app/v1` by a function of method and path (with its query, without `/app/v1/`). Answers every call made.
 * A path nobody answers is a 404 in the server's form.
 */
export function serve(handler: (call: Call) => Answer | undefined): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", (address: string, init: RequestInit = {}) => {
    const call: Call = {
      method: init.method ?? "GET",
      path: address.replace(/^\/app\/v1\//, ""),
      body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : undefined,
      headers: (init.headers ?? {}) as Record<string, string>,
    };
    calls.push(call);
    const { status = 200, body } = handler(call) ?? { status: 404, body: { code: 20404, message: "There is nothing here.", status: 404 } };
    return Promise.resolve(new Response(status === 204 ? null : JSON.stringify(body), { status }));
  });
  return calls;
}
