import { Text } from "@mantine/core";
import type { ReactNode } from "react";

/** What a list is about, and the one thing to do with it. */
export function PanelHead({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="panel-head">
      <Text size="sm" c="dimmed" maw={640}>
        {children}
      </Text>
      {action}
    </div>
  );
}
