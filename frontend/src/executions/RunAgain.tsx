import { Text } from "@mantine/core";
import { Fragment } from "react";
import { Link } from "react-router";

import type { ExecutionDetail } from "../api/types";

/** Which execution this one runs again, and which ones ran this one again; nothing where there are none. */
export function RunAgain({ execution: { initiated_by: earlier, retries = [] } }: { execution: ExecutionDetail }) {
  const repeats = earlier?.startsWith("FN");
  if (!repeats && retries.length === 0) return null;
  return (
    <Text size="sm" c="dimmed">
      {repeats && (
        <>
          Runs{" "}
          <Link className="textlink-plain" to={`/executions/${earlier}`}>
            an earlier execution
          </Link>{" "}
          again
        </>
      )}
      {repeats && retries.length > 0 && " · "}
      {retries.length > 0 && "Run again "}
      {retries.map((sid, index) => (
        <Fragment key={sid}>
          {index > 0 && ", "}
          <Link className="textlink-plain" to={`/executions/${sid}`}>
            {index === 0 ? "once" : `${index + 1}${["", "nd", "rd"][index] ?? "th"} time`}
          </Link>
        </Fragment>
      ))}
    </Text>
  );
}
