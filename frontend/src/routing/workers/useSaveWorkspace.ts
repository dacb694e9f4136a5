import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "../../api/client";
import type { Workspace } from "../types";

/** Change what holds for the whole workspace, at once. */
export function useSaveWorkspace() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Partial<Workspace>) => api.put<Workspace>("routing/workspace", change),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["routing"] });
      notifications.show({ title: "Saved", message: "This holds from now on." });
    },
    onError: (error) => notifications.show({ color: "clay", title: "Not saved", message: error.message }),
  });
}
