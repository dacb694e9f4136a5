import { useState } from "react";

import type { Activity, Worker } from "../api/types";
import { spanText } from "./core/format";
import { useNow } from "./useConsole";

type Props = {
  worker: Worker;
  activities: readonly Activity[];
  clockSkew: number;
  onChange: (activitySid: string) => Promise<void>;
};

/** The agent's declared state, and since when. The server owns it: what is shown is what it said last. */
export function ActivityPicker({ worker, activities, clockSkew, onChange }: Props) {
  const now = useNow(10_000);
  const [wanted, setWanted] = useState<string | null>(null);
  const current = activities.find((activity) => activity.sid === (wanted ?? worker.activity_sid));
  const seconds = (now + clockSkew - Date.parse(worker.activity_since)) / 1_000;

  return (
    <div className={`activity ${current?.available ? "activity--available" : ""}`}>
      <span className="activity__dot" aria-hidden />
      <select
        id="activity"
        aria-label="Activity"
        value={wanted ?? worker.activity_sid}
        disabled={wanted !== null}
        onChange={(event) => {
          const sid = event.currentTarget.value;
          setWanted(sid);
          void onChange(sid).finally(() => setWanted(null));
        }}
      >
        {activities.map(({ sid, name }) => (
          <option key={sid} value={sid}>
            {name}
          </option>
        ))}
      </select>
      <span className="activity__since" title={`Since ${new Date(worker.activity_since).toLocaleString()}`}>
        {seconds < 60 ? "just now" : `for ${spanText(seconds)}`}
      </span>
    </div>
  );
}
