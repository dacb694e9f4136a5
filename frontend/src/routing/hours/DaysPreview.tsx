import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { api } from "../../api/client";
import { ErrorState, LoadingState } from "../../app/states";
import { periodsText } from "../core/hours";
import type { CalendarDay } from "../types";

const DAYS = 14;
const dayText = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });

/** The next two weeks as stored, with the reason of every day that differs from the week. */
export function DaysPreview({ sid }: { sid: string }) {
  const from = new Date().toISOString().slice(0, 10);
  const query = useQuery({
    queryKey: ["routing-days", sid, from],
    queryFn: () => api.get<{ days: CalendarDay[] }>(`routing/calendars/${sid}/days`, { query: { from, days: DAYS } }),
  });
  if (query.isPending) return <LoadingState label="Reading the next two weeks" />;
  if (query.isError) return <ErrorState title="The next two weeks cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <section aria-label="The next two weeks">
      <Text size="sm" fw={600} mb={4}>
        The next two weeks, as saved
      </Text>
      <ul className="days">
        {query.data.days.map((day) => (
          <li key={day.date} className={day.reason ? "days__special" : ""}>
            <span>{dayText.format(new Date(`${day.date}T00:00:00Z`))}</span>
            <span>{periodsText(day.periods)}</span>
            <span className="table__sub">{day.reason}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
