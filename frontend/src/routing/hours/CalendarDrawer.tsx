import { ActionIcon, Badge, Button, Drawer, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { api } from "../../api/client";
import { NotSaved } from "../../app/NotSaved";
import { fullTime } from "../../core/time";
import { useCanEdit, useSave } from "../api";
import { calendarProblems, DAYS, draftOfCalendar, emptyCalendar, newDate, periodsOf, withDay, type CalendarDraft } from "../core/hours";
import { FormFoot } from "../FormFoot";
import { CALENDAR_NAMES } from "../names";
import type { Calendar, CalendarOptions, OwnDate } from "../types";
import { DaysPreview } from "./DaysPreview";
import { PeriodsField } from "./PeriodsField";

type Props = { calendar: Calendar | "new" | null; onClose: () => void };

export function CalendarDrawer({ calendar, onClose }: Props) {
  return (
    <Drawer opened={calendar !== null} onClose={onClose} position="right" size={560} title={calendar === "new" ? "New opening hours" : "Opening hours"}>
      {calendar !== null && <Body calendar={calendar === "new" ? null : calendar} onClose={onClose} />}
    </Drawer>
  );
}

const countryNames = new Intl.DisplayNames(["en"], { type: "region" });

function countryName(code: string): string {
  try {
    return countryNames.of(code) ?? code;
  } catch {
    return code;
  }
}

function Body({ calendar, onClose }: { calendar: Calendar | null; onClose: () => void }) {
  const canEdit = useCanEdit();
  const options = useQuery({ queryKey: ["routing-calendar-options"], queryFn: () => api.get<CalendarOptions>("routing/calendars/options"), staleTime: Number.POSITIVE_INFINITY });
  const [draft, setDraft] = useState<CalendarDraft>(() => (calendar ? draftOfCalendar(calendar) : emptyCalendar(Intl.DateTimeFormat().resolvedOptions().timeZone)));
  const [shown, setShown] = useState(false);
  const save = useSave<Calendar>("calendars", calendar?.sid ?? null, onClose);
  const set = (change: Partial<CalendarDraft>) => setDraft((before) => ({ ...before, ...change }));
  const found = calendarProblems(draft);
  const problems = shown ? found : {};
  const country = options.data?.countries.find(({ code }) => code === draft.country);
  const zones = useMemo(() => [...new Set([draft.time_zone, ...(options.data?.time_zones ?? [])])].filter(Boolean), [draft.time_zone, options.data]);
  const countries = useMemo(
    () => [...new Set([draft.country, ...(options.data?.countries ?? []).map(({ code }) => code)])].filter(Boolean).map((code) => ({ value: code, label: countryName(code) })),
    [draft.country, options.data],
  );
  const setDate = (index: number, change: Partial<OwnDate>) => set({ dates: draft.dates.map((own, place) => (place === index ? { ...own, ...change } : own)) });

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setShown(true);
        if (Object.keys(found).length === 0) save.mutate(draft);
      }}
    >
      <Stack gap="md">
        <NotSaved error={save.error} names={CALENDAR_NAMES} />
        {calendar && (
          <div className="open-now" role="status">
            <Badge variant="light" color={calendar.open ? "petrol" : "gray"}>
              {calendar.open ? "Open now" : "Closed now"}
            </Badge>
            {calendar.next_change && (
              <Text size="sm" c="dimmed">
                {calendar.open ? "Closes" : "Opens"} {fullTime(calendar.next_change)}
              </Text>
            )}
          </div>
        )}
        <TextInput data-autofocus label="Name" placeholder="support" readOnly={!canEdit} error={problems.name} value={draft.name} onChange={(event) => set({ name: event.currentTarget.value.trim() })} />
        <Select
          label="Time zone"
          searchable
          allowDeselect={false}
          readOnly={!canEdit}
          error={problems.time_zone ?? (options.isError ? `The list cannot be read: ${options.error.message}` : undefined)}
          data={zones}
          value={draft.time_zone}
          onChange={(time_zone) => time_zone && set({ time_zone })}
        />
        <div role="group" aria-label="Week">
          <Text size="sm" fw={600} mb={4}>
            Week
          </Text>
          {DAYS.map((name, day) => (
            <PeriodsField key={name} name={name} periods={periodsOf(draft.weekly, day)} problem={problems[`day${day}`]} readOnly={!canEdit} onChange={(periods) => set({ weekly: withDay(draft.weekly, day, periods) })} />
          ))}
        </div>
        <div className="two-columns">
          <Select
            label="Closed on holidays of"
            placeholder="No country"
            searchable
            clearable
            readOnly={!canEdit}
            data={countries}
            value={draft.country || null}
            onChange={(code) => set({ country: code ?? "", subdivision: "" })}
          />
          <Select
            label="Region"
            placeholder={country && country.subdivisions.length > 0 ? "Whole country" : "No regions"}
            searchable
            clearable
            readOnly={!canEdit}
            disabled={!country || country.subdivisions.length === 0}
            data={country?.subdivisions ?? (draft.subdivision ? [draft.subdivision] : [])}
            value={draft.subdivision || null}
            onChange={(subdivision) => set({ subdivision: subdivision ?? "" })}
          />
        </div>
        <div role="group" aria-label="Own dates">
          <Text size="sm" fw={600}>
            Own dates
          </Text>
          <Text size="xs" c="dimmed" mb={6}>
            They win over holidays and the week. Without times the day is closed.
          </Text>
          {draft.dates.map((own, index) => (
            <div key={index} className="own-date">
              <TextInput size="xs" type="date" aria-label={`Date ${index + 1}`} readOnly={!canEdit} value={own.date} onChange={(event) => setDate(index, { date: event.currentTarget.value })} />
              <TextInput size="xs" aria-label={`Name of date ${index + 1}`} placeholder="Inventory" readOnly={!canEdit} value={own.name} onChange={(event) => setDate(index, { name: event.currentTarget.value })} />
              {canEdit && (
                <ActionIcon variant="subtle" color="gray" aria-label={`Remove date ${own.name || own.date || index + 1}`} onClick={() => set({ dates: draft.dates.filter((_, place) => place !== index) })}>
                  <IconTrash size={15} />
                </ActionIcon>
              )}
              <div className="own-date__periods">
                <PeriodsField name={own.name || own.date || `Date ${index + 1}`} isHidden periods={own.periods} problem={problems[`date${index}`]} readOnly={!canEdit} onChange={(periods) => setDate(index, { periods })} />
              </div>
            </div>
          ))}
          {canEdit && (
            <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => set({ dates: [...draft.dates, newDate()] })}>
              Add date
            </Button>
          )}
        </div>
        {calendar && <DaysPreview sid={calendar.sid} />}
      </Stack>
      {shown && Object.keys(found).length > 0 && (
        <Text size="sm" c="var(--fd-danger)" role="alert" mt="sm">
          Not saved: {Object.values(found)[0]}
        </Text>
      )}
      <FormFoot label="Save opening hours" isSaving={save.isPending} onCancel={onClose} />
    </form>
  );
}
