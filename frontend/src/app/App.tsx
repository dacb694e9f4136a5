import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { RouterProvider } from "react-router";

import { ApiError } from "../api/client";
import { ErrorState, LoadingState } from "./states";
import { router } from "./router";
import { SessionProvider } from "./session";
import { cssVariables, theme } from "./theme";

function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // What the server refused stays refused; what did not arrive may arrive the next time.
        retry: (count, error) => !(error instanceof ApiError && error.status >= 400 && error.status < 500) && count < 2,
        refetchOnWindowFocus: false,
        staleTime: 5_000,
      },
    },
  });
}

export function App() {
  const [client] = useState(newQueryClient);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <ModalsProvider>
          <Notifications position="bottom-right" limit={4} />
          <SessionProvider
            loading={<LoadingState label="Opening Flowdesk" tall />}
            failed={(error, retry) => <ErrorState title="Flowdesk cannot be reached" error={error} onRetry={retry} tall />}
          >
            <RouterProvider router={router} />
          </SessionProvider>
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
