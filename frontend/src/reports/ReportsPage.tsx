import "./reports.css";

import { ScrollArea, Tabs, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ComponentType, type LazyExoticComponent } from "react";
import { useNavigate, useParams } from "react-router";

import { api } from "../api/client";
import { ErrorState, LoadingState } from "../app/states";
import { PeriodBar, usePeriod, type Period } from "./PeriodBar";
import type { Options } from "./types";

export type PanelProps = { period: Period; options: Options };

// Charts are large: they come when somebody looks at figures.
const FiguresPanel = lazy(async () => ({ default: (await import("./FiguresPanel")).FiguresPanel }));
const TimelinePanel = lazy(async () => ({ default: (await import("./TimelinePanel")).TimelinePanel }));
const SurveysPanel = lazy(async () => ({ default: (await import("./SurveysPanel")).SurveysPanel }));
const ExportPanel = lazy(async () => ({ default: (await import("./ExportPanel")).ExportPanel }));

const SECTIONS: { name: string; label: string; Panel: LazyExoticComponent<ComponentType<PanelProps>>; hasPeriod: boolean }[] = [
  { name: "figures", label: "Figures", Panel: FiguresPanel, hasPeriod: true },
  { name: "activities", label: "Activities", Panel: TimelinePanel, hasPeriod: true },
  { name: "surveys", label: "Surveys", Panel: SurveysPanel, hasPeriod: false },
  { name: "export", label: "Export", Panel: ExportPanel, hasPeriod: true },
];

/** What the days have been like. */
export function ReportsPage() {
  useDocumentTitle("Reports · Flowdesk");
  const { section } = useParams();
  const navigate = useNavigate();
  const options = useQuery({ queryKey: ["reports", "options"], queryFn: () => api.get<Options>("reports/options") });
  const open = SECTIONS.find(({ name }) => name === section) ?? SECTIONS[0]!;
  return (
    <div className="page reports">
      <header className="page__head">
        <Title order={1} size="h2" className="page__title">
          Reports
        </Title>
      </header>
      {options.isPending && <LoadingState label="Opening the reports" />}
      {options.isError && !options.data && <ErrorState title="The reports cannot be opened" error={options.error} onRetry={() => void options.refetch()} />}
      {options.data && (
        <Tabs value={open.name} onChange={(name) => void navigate(`/reports/${name}`)} keepMounted={false}>
          <ScrollArea type="never" mb="lg">
            <Tabs.List className="reports__tabs" aria-label="Parts of the reports">
              {SECTIONS.map(({ name, label }) => (
                <Tabs.Tab key={name} value={name}>
                  {label}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          </ScrollArea>
          <Panels open={open.name} options={options.data} />
        </Tabs>
      )}
    </div>
  );
}

function Panels({ open, options }: { open: string; options: Options }) {
  const [zone, setZone] = useState(options.time_zone);
  const period = usePeriod(zone);
  return SECTIONS.map(({ name, Panel, hasPeriod }) => (
    <Tabs.Panel key={name} value={name}>
      {name === open && (
        <>
          {hasPeriod && <PeriodBar period={period} zone={zone} onZone={setZone} withInterval={name === "figures"} />}
          <Suspense fallback={<LoadingState label="Opening" />}>
            <Panel period={period} options={options} />
          </Suspense>
        </>
      )}
    </Tabs.Panel>
  ));
}
