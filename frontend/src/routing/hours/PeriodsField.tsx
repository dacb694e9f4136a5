import { ActionIcon, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";

import { nextPeriod } from "../core/hours";
import type { Period } from "../types";

type Props = {
  /** The day, for the names of the fields. */
  name: string;
  isHidden?: boolean;
  periods: Period[];
  problem?: string;
  readOnly: boolean;
  onChange: (periods: Period[]) => void;
};

/** The periods of one day, several where there is a break. Times are texts, as 24:00 is one. */
export function PeriodsField({ name, isHidden = false, periods, problem, readOnly, onChange }: Props) {
  const put = (index: number, change: Partial<Period>) => onChange(periods.map((period, place) => (place === index ? { ...period, ...change } : period)));
  return (
    <div className={`day ${isHidden ? "day--bare" : ""}`} role="group" aria-label={name}>
      {!isHidden && <span className="day__name">{name}</span>}
      <div className="day__periods">
        {periods.length === 0 && <span className="table__sub">Closed</span>}
        {periods.map((period, index) => (
          <div key={index} className="period">
            <TextInput size="xs" w={70} placeholder="09:00" aria-label={`${name}: opens ${index + 1}`} readOnly={readOnly} value={period.from} onChange={(event) => put(index, { from: event.currentTarget.value })} />
            <span aria-hidden>–</span>
            <TextInput size="xs" w={70} placeholder="17:00" aria-label={`${name}: closes ${index + 1}`} readOnly={readOnly} value={period.to} onChange={(event) => put(index, { to: event.currentTarget.value })} />
            {!readOnly && (
              <ActionIcon variant="subtle" color="gray" aria-label={`${name}: remove ${period.from} to ${period.to}`} onClick={() => onChange(periods.filter((_, place) => place !== index))}>
                <IconTrash size={15} />
              </ActionIcon>
            )}
          </div>
        ))}
        {problem && (
          <span className="field-problem" role="alert">
            {problem}
          </span>
        )}
      </div>
      {!readOnly && (
        <ActionIcon variant="subtle" color="gray" aria-label={`${name}: add a period`} onClick={() => onChange([...periods, nextPeriod(periods)])}>
          <IconPlus size={15} />
        </ActionIcon>
      )}
    </div>
  );
}
