import { Button, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";

import { fileOf } from "./PeriodBar";
import type { PanelProps } from "./ReportsPage";

/** Files for a spreadsheet. */
export function ExportPanel({ period }: PanelProps) {
  const { from, to, zone } = period;
  return (
    <section className="card export" aria-labelledby="export-conversations">
      <div>
        <Title order={2} size="h4" id="export-conversations">
          One row per conversation
        </Title>
        <Text size="sm" c="dimmed" maw={620}>
          Every conversation that began from {from} to {to}: channel, customer, messages, flows, queues, agents, wait, handle time, transfers, outcome and rating. Long files are sent while they are read.
        </Text>
      </div>
      <Button component="a" href={fileOf("conversations.csv", { from, to, time_zone: zone })} download leftSection={<IconDownload size={17} />}>
        Download CSV
      </Button>
    </section>
  );
}
