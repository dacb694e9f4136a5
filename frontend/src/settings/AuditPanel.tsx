import { Button, Group, Select, Text, TextInput } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import "@mantine/dates/styles.css";
import { IconDownload, IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { TableScroll } from "../app/TableScroll";
import { changesInWords, type AuditEntry } from "./account";
import type { Person } from "./people";

type Page = { entries: AuditEntry[]; next_page_token: string | null };
type Filters = { actor: string | null; action: string; from: string | null; to: string | null };

/** The day after, for a range that includes its last day. */
function dayAfter(day: string): string {
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

function queryOf({ actor, action, from, to }: Filters): Record<string, string | null> {
  return { actor, action: action.trim(), from, to: to && dayAfter(to) };
}

/** Who changed what, newest first. */
export function AuditPanel() {
  const [filters, setFilters] = useState<Filters>({ actor: null, action: "", from: null, to: null });
  const set = (change: Partial<Filters>) => setFilters((before) => ({ ...before, ...change }));
  const people = useQuery({ queryKey: ["users"], queryFn: () => api.get<{ users: Person[] }>("users") });
  const query = useInfiniteQuery({
    queryKey: ["audit", filters],
    queryFn: ({ pageParam }) => api.get<Page>("audit", { query: { ...queryOf(filters), page_token: pageParam } }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_page_token,
  });
  const search = new URLSearchParams(Object.entries(queryOf(filters)).filter((pair): pair is [string, string] => Boolean(pair[1])));
  const entries = query.data?.pages.flatMap((page) => page.entries) ?? [];

  return (
    <>
      <Group mb="md" align="flex-end" gap="sm">
        <Select
          label="Who"
          placeholder="Anybody"
          clearable
          searchable
          w={200}
          data={(people.data?.users ?? []).map((person) => ({ value: person.sid, label: person.name }))}
          value={filters.actor}
          onChange={(actor) => set({ actor })}
        />
        <TextInput label="Action begins with" placeholder="user." w={180} value={filters.action} onChange={(event) => set({ action: event.currentTarget.value })} />
        <DatePickerInput
          type="range"
          label="Days"
          placeholder="Any"
          clearable
          w={230}
          value={[filters.from, filters.to]}
          onChange={([from, to]) => set({ from, to })}
        />
        <Button component="a" variant="default" href={`/app/v1/audit.csv?${search.toString()}`} leftSection={<IconDownload size={17} />} ml="auto">
          CSV
        </Button>
      </Group>
      {query.isPending && <LoadingState label="Reading the audit log" />}
      {query.isError && <ErrorState title="The audit log cannot be read" error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && entries.length === 0 && (
        <EmptyState icon={<IconHistory size={26} stroke={1.6} />} title="Nothing was changed">
          What admins and API keys change is written here, and stays.
        </EmptyState>
      )}
      {entries.length > 0 && (
        <TableScroll label="Changes">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col">Action</th>
                <th scope="col">Changes</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry, index) => (
                <tr key={`${entry.at}-${entry.subject}-${index}`}>
                  <td className="audit__when">{new Date(entry.at).toLocaleString()}</td>
                  <td className="audit__who">{entry.actor_name || (entry.actor.startsWith("AC") ? "The account’s own token" : entry.actor)}</td>
                  <td className="audit__what">
                    <code>{entry.action}</code>
                    <div className="table__sub">{entry.subject_name || entry.subject}</div>
                  </td>
                  <td>
                    <Text size="sm" className="audit__changes">
                      {changesInWords(entry.changes)}
                    </Text>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
      {query.hasNextPage && (
        <Group justify="center" mt="md">
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show earlier ones
          </Button>
        </Group>
      )}
    </>
  );
}
