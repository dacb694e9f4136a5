/** What happened around a conversation, as lines between its messages. */
import { IconAlertTriangle } from "@tabler/icons-react";

import { actText, isTrouble, type Act } from "../core/acts";
import { fullTime } from "../core/time";

const clock = (iso: string) => new Date(iso).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });

export function ActLines({ acts }: { acts: readonly Act[] }) {
  return (
    <ul className="acts" aria-label="What happened">
      {acts.map((act, at) => (
        <li key={`${act.kind} ${act.at} ${at}`} className={isTrouble(act) ? "acts__trouble" : undefined}>
          {isTrouble(act) && <IconAlertTriangle size={13} stroke={1.8} aria-hidden />}
          <span dir="auto">{actText(act)}</span>{" "}
          <time dateTime={act.at} title={fullTime(act.at)}>
            {clock(act.at)}
          </time>
        </li>
      ))}
    </ul>
  );
}
