import { Badge, Button, Group, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { api } from "../api/client";
import { ErrorState, LoadingState } from "../app/states";
import { TableScroll } from "../app/TableScroll";
import { type Examination, type Finding, type Level, socketFinding, sorted, summary } from "./doctor";
import { trySocket } from "./trySocket";

const COLORS: Record<Level, string> = { ok: "petrol", warning: "yellow", error: "clay" };
const WORDS: Record<Level, string> = { ok: "Fine", warning: "Look at this", error: "Wrong" };

/** What is wrong with this installation and what to do about it; the socket is tried from this very browser. */
export function DoctorPanel() {
  const query = useQuery({ queryKey: ["doctor"], queryFn: () => api.get<Examination>("doctor"), refetchInterval: 30_000 });
  const socket = useQuery({ queryKey: ["doctor", "socket"], queryFn: () => trySocket(), refetchInterval: 30_000 });

  if (query.isPending) return <LoadingState label="Examining the installation" />;
  if (query.isError) return <ErrorState title="The installation cannot be examined" error={query.error} onRetry={() => void query.refetch()} />;
  const findings = sorted([...query.data.findings, ...(socket.data === undefined ? [] : [socketFinding(socket.data)])]);

  return (
    <>
      <Group justify="space-between" mb="md" align="flex-start">
        <Text size="sm" c="dimmed" maw={560} role="status">
          {summary(findings)} Examined at {new Date(query.data.checked_at).toLocaleTimeString()}; the same as <code>manage.py doctor</code>.
        </Text>
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} />}
          loading={query.isFetching}
          onClick={() => {
            void query.refetch();
            void socket.refetch();
          }}
        >
          Examine again
        </Button>
      </Group>
      <div className="settings__block">
        <FindingTable findings={findings} />
      </div>
      <section className="settings__block" aria-labelledby="doctor-processes">
        <Text component="h2" fw={600} mb="xs" id="doctor-processes">
          Processes
        </Text>
        <ProcessTable processes={query.data.processes} />
      </section>
    </>
  );
}

export function FindingTable({ findings }: { findings: Finding[] }) {
  return (
    <TableScroll label="Findings">
      <table className="table" aria-label="Findings">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Finding</th>
          </tr>
        </thead>
        <tbody>
          {findings.map((finding) => (
            <tr key={`${finding.check} ${finding.text}`}>
              <td>
                <Badge variant="light" color={COLORS[finding.level]}>
                  {WORDS[finding.level]}
                </Badge>
              </td>
              <td className="doctor__text">
                <strong className="doctor__check">{finding.check}</strong>
                <div>{finding.text}</div>
                {finding.level !== "ok" && finding.advice && <div className="table__sub">{finding.advice}</div>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function ProcessTable({ processes }: { processes: Examination["processes"] }) {
  return (
    <TableScroll label="What runs">
      <table className="table" aria-labelledby="doctor-processes">
        <thead>
          <tr>
            <th scope="col">Parts</th>
            <th scope="col">Machine</th>
            <th scope="col">Runs since</th>
            <th scope="col">Last heard of</th>
            <th scope="col">Version</th>
          </tr>
        </thead>
        <tbody>
          {processes.map((process) => (
            <tr key={process.id}>
              <td>
                <strong>{process.parts.split("+").join(", ")}</strong>
              </td>
              <td>{process.host}</td>
              <td>{new Date(process.started_at).toLocaleString()}</td>
              <td>{new Date(process.seen_at).toLocaleTimeString()}</td>
              <td>
                <code>{process.version}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}
