import { Modal, SegmentedControl, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import { ErrorState, LoadingState } from "../../app/states";
import type { Measures } from "../../reports/types";
import { countText, durationText } from "../../routing/core/text";

type Mine = {
  time_zone: string;
  figures: Measures & { offers: number; rejected: number; missed: number };
  activities: { sid: string; name: string; available: boolean; seconds: number }[];
};

const SPANS = { today: { label: "Today", days: 1 }, week: { label: "7 days", days: 7 }, month: { label: "30 days", days: 30 } };
type Span = keyof typeof SPANS;

/** The first day of a span and the last, here: `2030-05-01`. */
function daysOf(span: Span, now: Date): { from: string; to: string } {
  const day = (ago: number) => {
    const date = new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago);
    return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
  };
  return { from: day(SPANS[span].days - 1), to: day(0) };
}

/** What the agent did themselves, as reports will count it. */
export function FiguresDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [span, setSpan] = useState<Span>("today");
  return (
    <Modal opened={opened} onClose={onClose} title="My figures" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <SegmentedControl
        mb="md" aria-label="Days" value={span} onChange={(value) => setSpan(value as Span)}
        data={Object.entries(SPANS).map(([value, { label }]) => ({ value, label }))}
      />
      {opened && <Figures span={span} />}
    </Modal>
  );
}

function Figures({ span }: { span: Span }) {
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const query = useQuery({
    queryKey: ["reports", "mine", span],
    queryFn: () => api.get<Mine>("reports/mine", { query: { ...daysOf(span, new Date()), time_zone } }),
  });
  if (query.isPending) return <LoadingState label="Counting" />;
  if (query.isError) return <ErrorState title="Your figures cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const { figures, activities } = query.data;
  const tiles = [
    { label: "Contacts", value: String(figures.accepted), note: `${figures.transfers_out} passed on` },
    { label: "Handle time", value: durationText(figures.handle_avg), note: `${durationText(figures.wrap_avg)} of it wrap-up` },
    { label: "Offers", value: String(figures.offers), note: `${figures.rejected} rejected, ${figures.missed} missed` },
    { label: "Rating", value: figures.csat_avg === null ? "–" : figures.csat_avg.toFixed(1), note: countText(figures.csat_answers, "answer") },
  ];
  return (
    <>
      <section className="mine" aria-label="Totals">
        {tiles.map(({ label, value, note }) => (
          <div key={label} className="mine__one">
            <span className="mine__label">{label}</span>
            <strong>{value}</strong>
            <span className="mine__label">{note}</span>
          </div>
        ))}
      </section>
      {activities.length > 0 && (
        <dl className="mine__times" aria-label="Time in each activity">
          {activities.map(({ sid, name, seconds }) => (
            <div key={sid}>
              <dt>{name}</dt>
              <dd>{durationText(seconds)}</dd>
            </div>
          ))}
        </dl>
      )}
      <Text size="xs" c="dimmed" mt="md">
        A contact counts on the day on which it ended, after its wrap-up.
      </Text>
    </>
  );
}
