import { Group, Select, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";

import { daysOf, intervalsOf, PRESETS, shift, today, type Days, type Preset } from "./core/period";
import type { Interval } from "./types";

export type Period = Days & {
  zone: string;
  interval: Interval;
  preset: Preset;
  choose: (preset: Preset) => void;
  change: (days: Partial<Days>) => void;
  cut: (interval: Interval) => void;
};

const INTERVALS: Record<Interval, string> = { hour: "By the hour", day: "By day", week: "By week", month: "By month" };

export function usePeriod(zone: string): Period {
  const day = today(new Date(), zone);
  const [preset, setPreset] = useState<Preset>("7");
  const [custom, setCustom] = useState<Days>({ from: shift(day, -6), to: day });
  const [wanted, setWanted] = useState<Interval | null>(null);
  const days = daysOf(preset, day, custom);
  const offered = intervalsOf(days);
  const interval = wanted && offered.includes(wanted) ? wanted : offered.includes("day") ? "day" : offered[0]!;
  return {
    ...days,
    zone,
    interval,
    preset,
    choose: (chosen) => {
      if (chosen === "custom") setCustom(days);
      setPreset(chosen);
    },
    change: (part) => {
      const next = { ...custom, ...part };
      // Whichever end was moved past the other takes it along.
      if (next.from > next.to) setCustom(part.from ? { from: next.from, to: next.from } : { from: next.to, to: next.to });
      else setCustom(next);
    },
    cut: setWanted,
  };
}

/** What the server is asked with. */
export function queryOf({ from, to, zone, interval }: Period): Record<string, string> {
  return { from, to, time_zone: zone, interval };
}

/** The address of a file with a period's figures. */
export function fileOf(name: string, query: Record<string, string | null | undefined>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return `/app/v1/reports/${name}?${new URLSearchParams(given)}`;
}

type Props = { period: Period; zone: string; onZone: (zone: string) => void; withInterval: boolean };

export function PeriodBar({ period, zone, onZone, withInterval }: Props) {
  const zones = useMemo(() => {
    const known = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];
    return [...new Set([zone, "UTC", Intl.DateTimeFormat().resolvedOptions().timeZone, ...known])];
  }, [zone]);
  return (
    <Group mb="lg" gap="sm" align="flex-end" className="filters">
      <Select label="Days" w={170} allowDeselect={false} data={PRESETS.map(({ value, label }) => ({ value, label }))} value={period.preset} onChange={(value) => value && period.choose(value as Preset)} />
      {period.preset === "custom" && (
        <>
          <TextInput type="date" label="From" value={period.from} onChange={(event) => event.currentTarget.value && period.change({ from: event.currentTarget.value })} />
          <TextInput type="date" label="To" value={period.to} onChange={(event) => event.currentTarget.value && period.change({ to: event.currentTarget.value })} />
        </>
      )}
      {withInterval && (
        <Select label="Cut" w={140} allowDeselect={false} data={intervalsOf(period).map((value) => ({ value, label: INTERVALS[value] }))} value={period.interval} onChange={(value) => value && period.cut(value as Interval)} />
      )}
      <Select label="Time zone" w={210} allowDeselect={false} searchable limit={60} data={zones} value={zone} onChange={(value) => value && onZone(value)} />
    </Group>
  );
}
