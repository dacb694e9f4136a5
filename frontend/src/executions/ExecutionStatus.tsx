import { Badge } from "@mantine/core";

import type { Execution } from "../api/types";

export function ExecutionStatus({ execution }: { execution: Pick<Execution, "status" | "error"> }) {
  if (execution.error) {
    return (
      <Badge variant="light" color="clay" title={execution.error}>
        Failed
      </Badge>
    );
  }
  return (
    <Badge variant="light" color={execution.status === "active" ? "petrol" : "gray"}>
      {execution.status === "active" ? "Active" : "Ended"}
    </Badge>
  );
}
