import { Button } from "@mantine/core";
import { IconLock, IconMap } from "@tabler/icons-react";
import { createBrowserRouter, Link, Navigate, Outlet, useLocation, useRouteError } from "react-router";

import type { Role } from "../api/types";
import { EnrolPage } from "../profile/EnrolPage";
import { LoginPage } from "./LoginPage";
import { homeOf, useSession, useSessionState } from "./session";
import { Shell } from "./Shell";
import { EmptyState, ErrorState, LoadingState } from "./states";

function Home() {
  const { session } = useSessionState();
  return <Navigate to={session ? homeOf(session.user.role) : "/login"} replace />;
}

function RequireSession() {
  const { session } = useSessionState();
  const location = useLocation();
  if (!session) {
    const next = encodeURIComponent(location.pathname + location.search);
    return <Navigate to={`/login?next=${next}`} replace />;
  }
  if (session.must_enrol) return <EnrolPage />;
  return (
    <Shell>
      <Outlet />
    </Shell>
  );
}

function RequireRole({ roles }: { roles: Role[] }) {
  const { user } = useSession();
  if (roles.includes(user.role)) return <Outlet />;
  return (
    <EmptyState
      tall
      icon={<IconLock size={26} stroke={1.6} />}
      title="This page is for administrators"
      action={
        <Button component={Link} to={homeOf(user.role)} variant="default">
          Go to the console
        </Button>
      }
    >
      You are logged in as {user.name}. Ask an administrator if you need to work here.
    </EmptyState>
  );
}

function NotFound() {
  return (
    <EmptyState
      tall
      icon={<IconMap size={26} stroke={1.6} />}
      title="There is nothing at this address"
      action={
        <Button component={Link} to="/" variant="default">
          Go to the start page
        </Button>
      }
    >
      The link may be old, or what it pointed to has been deleted.
    </EmptyState>
  );
}

/** Catches what a screen throws while drawing, so that the rest of the application stays usable. */
function RouteError() {
  const thrown = useRouteError();
  const error = thrown instanceof Error ? thrown : new Error("Something unexpected happened while drawing this page.");
  return <ErrorState tall title="This page stopped working" error={error} onRetry={() => window.location.reload()} />;
}

const opening = <LoadingState tall label="Opening" />;

export const router = createBrowserRouter([
  {
    errorElement: <RouteError />,
    hydrateFallbackElement: opening,
    children: [
      { path: "/", element: <Home /> },
      { path: "/login", element: <LoginPage /> },
      {
        element: <RequireSession />,
        children: [
          {
            errorElement: <RouteError />,
            children: [
              {
                element: <RequireRole roles={["admin"]} />,
                children: [
                  {
                    path: "/settings/:section?",
                    lazy: async () => ({ Component: (await import("../settings/SettingsPage")).SettingsPage }),
                  },
                ],
              },
              {
                element: <RequireRole roles={["admin", "supervisor"]} />,
                children: [
                  { path: "/flows", lazy: async () => ({ Component: (await import("../flows/FlowsPage")).FlowsPage }) },
                  {
                    path: "/flows/:sid",
                    lazy: async () => ({ Component: (await import("../builder/BuilderPage")).BuilderPage }),
                  },
                  {
                    path: "/executions",
                    lazy: async () => ({ Component: (await import("../executions/ExecutionsPage")).ExecutionsPage }),
                  },
                  {
                    path: "/executions/:sid",
                    lazy: async () => ({ Component: (await import("../executions/ExecutionPage")).ExecutionPage }),
                  },
                  {
                    path: "/routing/:section?/:sid?",
                    lazy: async () => ({ Component: (await import("../routing/RoutingPage")).RoutingPage }),
                  },
                  {
                    path: "/supervisor/:section?/:sid?",
                    lazy: async () => ({ Component: (await import("../supervisor/SupervisorPage")).SupervisorPage }),
                  },
                  {
                    path: "/reports/:section?",
                    lazy: async () => ({ Component: (await import("../reports/ReportsPage")).ReportsPage }),
                  },
                ],
              },
              {
                path: "/history/:sid?",
                lazy: async () => ({ Component: (await import("../history/HistoryPage")).HistoryPage }),
              },
              {
                path: "/contacts/:sid?",
                lazy: async () => ({ Component: (await import("../contacts/ContactsPage")).ContactsPage }),
              },
              {
                path: "/console/*",
                lazy: async () => ({ Component: (await import("../console/ConsolePage")).ConsolePage }),
              },
              { path: "/profile", lazy: async () => ({ Component: (await import("../profile/ProfilePage")).ProfilePage }) },
              { path: "*", element: <NotFound /> },
            ],
          },
        ],
      },
    ],
  },
]);
