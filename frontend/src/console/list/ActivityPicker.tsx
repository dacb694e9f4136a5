import { Menu, UnstyledButton } from "@mantine/core";
import { IconCheck, IconChevronDown } from "@tabler/icons-react";
import { useState } from "react";

import type { Activity, Worker } from "../../api/types";
import { clockText, spanText } from "../core/format";
import { useNow } from "../useConsole";

type Props = {
  worker: Worker;
  activities: readonly Activity[];
  clockSkew: number;
  onChange: (activitySid: string) => Promise<void>;
};

/** What the agent says about being there, and for how long; the server keeps it. */
export function ActivityPicker({ worker, activities, clockSkew, onChange }: Props) {
  const now = useNow(1_000);
  const [wanted, setWanted] = useState<string | null>(null);
  const current = activities.find((activity) => activity.sid === (wanted ?? worker.activity_sid));
  const seconds = Math.max(0, (now + clockSkew - Date.parse(worker.activity_since)) / 1_000);
  const groups = [
    { label: "Offers come", all: activities.filter(({ available }) => available) },
    { label: "No offers", all: activities.filter(({ available }) => !available) },
  ];

  return (
    <Menu position="bottom-start" width="target" disabled={wanted !== null}>
      <Menu.Target>
        <UnstyledButton
          data-activity-picker
          className={`activity ${current?.available ? "activity--available" : ""}`}
          title={`Since ${new Date(worker.activity_since).toLocaleString()}`}
        >
          <span className="activity__dot" aria-hidden />
          <span className="visually-hidden">Activity: </span>
          <span className="activity__name clip">{current?.name ?? "Unknown"}</span>
          <span className="activity__since">{seconds < 3_600 ? clockText(seconds) : spanText(seconds)}</span>
          <IconChevronDown size={15} stroke={1.8} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown className="activity__menu">
        {groups.map(
          ({ label, all }) =>
            all.length > 0 && (
              <div key={label} role="group" aria-label={label}>
                <Menu.Label>{label}</Menu.Label>
                {all.map(({ sid, name, available }) => (
                  <Menu.Item
                    key={sid}
                    leftSection={<span className={`activity__dot ${available ? "activity__dot--available" : ""}`} aria-hidden />}
                    rightSection={sid === worker.activity_sid ? <IconCheck size={16} aria-label="Now" /> : null}
                    onClick={() => {
                      if (sid === worker.activity_sid) return;
                      setWanted(sid);
                      void onChange(sid).finally(() => setWanted(null));
                    }}
                  >
                    {name}
                  </Menu.Item>
                ))}
              </div>
            ),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
