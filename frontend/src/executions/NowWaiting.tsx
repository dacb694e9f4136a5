import { Text } from "@mantine/core";

import type { ExecutionDetail } from "../api/types";
import { fullTime } from "../core/time";
import { warningText } from "./text";

const AWAITED: Readonly<Record<string, string>> = {
  reply: "the customer’s reply",
  http: "the answer to its call",
  handoff: "the agents to be done",
  subflow: "its subflow",
  redirect: "the other application to give control back",
  conversation: "its conversation",
};

/** The widget that an active execution is in, what it waits for, and until when. */
export function NowWaiting({ execution: { current_widget: widget, waiting } }: { execution: ExecutionDetail }) {
  const awaited = waiting ? AWAITED[waiting.waits_for] : undefined;
  return (
    <li className="step step--now">
      <span className="step__dot" aria-hidden />
      <Text size="sm">
        Now waiting at <strong>{widget}</strong>
        {awaited && ` for ${awaited}`}
        {waiting?.due_at && ` until ${fullTime(waiting.due_at)}`}
      </Text>
      {waiting?.warnings.map((warning, index) => (
        <p key={index} className="step__warning">
          {warningText(warning)}
        </p>
      ))}
    </li>
  );
}
