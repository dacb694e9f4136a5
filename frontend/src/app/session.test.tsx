import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import { api } from "../api/client";
import type { Role, Session } from "../api/types";
import { renderAt, serve } from "../testing/render";
import { LoginPage, safeNext } from "./LoginPage";
import { SessionProvider } from "./session";
import { Shell } from "./Shell";

function sessionOf(role: Role): Session {
  return { user: { sid: "US1", username: "ada", name: "Ada Lovelace", role, worker_sid: null }, account: { sid: "AC1", name: "Demo" }, csrf_token: "t" };
}

const LOGGED_OUT = { status: 401, body: { code: 20401, message: "Log in first.", status: 401, details: { csrf_token: "t0" } } };
const shell = <p>content</p>;

function page(element = <LoginPage />) {
  return (
    <SessionProvider loading={<p>loading</p>} failed={(error) => <p>failed: {error.message}</p>}>
      {element}
    </SessionProvider>
  );
}

describe("logging in", () => {
  it("goes to the page that was asked for, with the token of the refusal", async () => {
    const calls = serve(({ method }) => (method === "POST" ? { body: sessionOf("admin") } : LOGGED_OUT));
    const { router } = renderAt(page(), { path: "/login?next=%2Fflows%2FFW1", route: "/login", others: [{ path: "/flows/:sid", element: <p>the flow</p> }] });

    await userEvent.type(await screen.findByLabelText("User name"), "ada");
    await userEvent.type(screen.getByLabelText("Password"), "pw{Enter}");

    expect(await screen.findByText("the flow")).toBeVisible();
    expect(router.state.location.pathname).toBe("/flows/FW1");
    expect(calls.at(-1)).toMatchObject({ body: { username: "ada", password: "pw" }, headers: { "X-CSRFToken": "t0" } });
  });

  it("says what was wrong and empties the password", async () => {
    serve(({ method }) => (method === "POST" ? { status: 400, body: { code: 20003, message: "The password is wrong.", status: 400 } } : LOGGED_OUT));
    renderAt(page());

    await userEvent.type(await screen.findByLabelText("User name"), "ada");
    await userEvent.type(screen.getByLabelText("Password"), "no{Enter}");

    expect(await screen.findByRole("alert")).toHaveTextContent("The password is wrong.");
    expect(screen.getByLabelText("Password")).toHaveValue("");
    expect(screen.getByLabelText("User name")).toHaveValue("ada");
  });

  it("asks for both before it asks the server", async () => {
    const calls = serve(() => LOGGED_OUT);
    renderAt(page());

    await userEvent.click(await screen.findByRole("button", { name: "Log in" }));

    expect(screen.getByRole("alert")).toHaveTextContent("Fill in");
    expect(calls.filter((call) => call.method === "POST")).toEqual([]);
  });

  it("asks for the code of a second factor, and for the password again once that took too long", async () => {
    const answers = [
      { status: 400, body: { code: 20001, message: "The code is wrong or too old", status: 400 } },
      { status: 401, body: { code: 20003, message: "Log in with your password again", status: 401 } },
    ];
    const calls = serve(({ method, path }) => {
      if (path === "session/second-factor") return answers.shift() ?? { body: sessionOf("admin") };
      return method === "POST" ? { status: 202, body: { second_factor: true, csrf_token: "t1" } } : LOGGED_OUT;
    });
    renderAt(page(), { path: "/login", route: "/login", others: [{ path: "/flows", element: <p>the flows</p> }] });

    await userEvent.type(await screen.findByLabelText("User name"), "ada");
    await userEvent.type(screen.getByLabelText("Password"), "pw{Enter}");
    await userEvent.type(await screen.findByLabelText("Code"), "111111{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("The code is wrong");
    expect(screen.getByLabelText("Code")).toHaveValue("");
    await userEvent.type(screen.getByLabelText("Code"), "222222{Enter}");
    expect(await screen.findByText("Log in with your password again")).toBeVisible();
    await userEvent.type(screen.getByLabelText("Password"), "pw{Enter}");
    await userEvent.type(await screen.findByLabelText("Code"), "333333{Enter}");

    expect(await screen.findByText("the flows")).toBeVisible();
    expect(calls.filter((call) => call.path.startsWith("session/")).map((call) => call.body)).toEqual([{ code: "111111" }, { code: "222222" }, { code: "333333" }]);
  });

  it("offers the account's identity providers and says why one let nobody in", async () => {
    serve(() => ({ ...LOGGED_OUT, body: { ...LOGGED_OUT.body, details: { csrf_token: "t", providers: [{ name: "Acme", url: "/sso/acme/login/" }] } } }));
    renderAt(page(), { path: "/login?next=%2Fconsole&error=Nobody+here+has+your+address", route: "/login" });

    expect(await screen.findByRole("link", { name: "Log in with Acme" })).toHaveAttribute("href", "/sso/acme/login/?next=%2Fconsole");
    expect(screen.getByRole("alert")).toHaveTextContent("Nobody here has your address");
  });

  it("only follows addresses of its own", () => {
    expect(["/flows", "//evil.example", "/\\evil", "https://evil.example", "/login", null].map(safeNext)).toEqual(["/flows", null, null, null, null, null]);
  });
});

describe("the frame", () => {
  it("shows an administrator everything and an agent the console", async () => {
    serve(() => ({ body: sessionOf("admin") }));
    const { unmount } = renderAt(page(<Shell>{shell}</Shell>));
    await screen.findByText("content");
    expect(screen.getAllByRole("link").map((link) => link.textContent).filter(Boolean)).toEqual(["Skip to content", "Flows", "Executions", "Routing", "Supervisor", "Reports", "Console", "History", "Contacts", "Settings"]);
    unmount();

    serve(() => ({ body: sessionOf("agent") }));
    renderAt(page(<Shell>{shell}</Shell>));
    await screen.findByText("content");
    expect(screen.getAllByRole("link").map((link) => link.textContent).filter(Boolean)).toEqual(["Skip to content", "Console", "History", "Contacts"]);
  });

  it("asks for the password over the page when the session ends, and keeps the page", async () => {
    let alive = true;
    serve(({ method, path }) => {
      if (method === "POST" && path === "session") {
        alive = true;
        return { body: sessionOf("admin") };
      }
      return alive ? { body: sessionOf("admin") } : LOGGED_OUT;
    });
    renderAt(page(<Shell>{shell}</Shell>));
    await screen.findByText("content");

    alive = false;
    await expect(api.get("flows")).rejects.toMatchObject({ status: 401 });

    expect(await screen.findByText("Your session has ended")).toBeVisible();
    expect(screen.getByText("content")).toBeInTheDocument();
    await userEvent.type(screen.getByLabelText("Password"), "pw{Enter}");
    await waitFor(() => expect(screen.queryByText("Your session has ended")).not.toBeInTheDocument());
  });
});
