import "./executions.css";

import { Button, Group, Select, TextInput, Title } from "@mantine/core";
import { useDebouncedValue, useDocumentTitle } from "@mantine/hooks";
import { IconActivity, IconSearch, IconX } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";

import { api } from "../api/client";
import type { Execution, FlowSummary } from "../api/types";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { fullTime, timeAgo } from "../core/time";
import { ExecutionStatus } from "./ExecutionStatus";
import { dayStart } from "./text";

type Page = { executions: Execution[]; next_page_token: string | null };

/** Runs of flows, newest first, by flow, state and contact; the filters stand in the address. */
export function ExecutionsPage() {
  useDocumentTitle("Executions · Flowdesk");
  const [search, setSearch] = useSearchParams();
  const flowSid = search.get("flow_sid");
  const status = search.get("status");
  const contact = search.get("contact") ?? "";
  const conversationSid = search.get("conversation_sid");
  const hasError = search.get("has_error");
  const from = search.get("from");
  const to = search.get("to");
  const [settledContact] = useDebouncedValue(contact, 300);
  const flows = useQuery({ queryKey: ["flows"], queryFn: () => api.get<{ flows: FlowSummary[] }>("flows") });
  const query = useInfiniteQuery({
    queryKey: ["executions", flowSid, status, settledContact, conversationSid, hasError, from, to],
    queryFn: ({ pageParam }) =>
      api.get<Page>("executions", {
        query: {
          flow_sid: flowSid,
          status,
          contact: settledContact.trim(),
          conversation_sid: conversationSid,
          has_error: hasError,
          date_from: dayStart(from),
          date_to: dayStart(to, 1),
          page_token: pageParam,
        },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_page_token || undefined,
  });
  const executions = query.data?.pages.flatMap((page) => page.executions) ?? [];
  const filtered = Boolean(flowSid || status || contact || conversationSid || hasError || from || to);
  const now = new Date();

  const set = (name: string, value: string | null) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );

  return (
    <div className="page">
      <header className="page__head">
        <div className="page__title">
          <Title order={1} size="h2">
            Executions
          </Title>
        </div>
        <Button variant="default" onClick={() => void query.refetch()} loading={query.isRefetching}>
          Refresh
        </Button>
      </header>
      <Group gap="sm" mb="md" role="search" aria-label="Filter executions">
        <Select w={200} aria-label="Flow" placeholder="All flows" searchable clearable data={(flows.data?.flows ?? []).map((flow) => ({ value: flow.sid, label: flow.friendly_name }))} value={flowSid} onChange={(value) => set("flow_sid", value)} />
        <Select
          w={126}
          aria-label="State"
          placeholder="Any state"
          clearable
          data={[
            { value: "active", label: "Active" },
            { value: "ended", label: "Ended" },
          ]}
          value={status}
          onChange={(value) => set("status", value)}
        />
        <Select
          w={140}
          aria-label="Errors"
          placeholder="Failed or not"
          clearable
          data={[
            { value: "true", label: "Failed" },
            { value: "false", label: "Without error" },
          ]}
          value={hasError}
          onChange={(value) => set("has_error", value)}
        />
        <TextInput w={178} type="date" aria-label="Started from" leftSection="from" leftSectionWidth={46} max={to ?? undefined} value={from ?? ""} onChange={(event) => set("from", event.currentTarget.value)} />
        <TextInput w={178} type="date" aria-label="Started until" leftSection="until" leftSectionWidth={46} min={from ?? undefined} value={to ?? ""} onChange={(event) => set("to", event.currentTarget.value)} />
        <TextInput w={160} aria-label="Contact" placeholder="Contact" leftSection={<IconSearch size={16} />} value={contact} onChange={(event) => set("contact", event.currentTarget.value)} />
        {conversationSid && (
          <Button variant="light" rightSection={<IconX size={15} />} aria-label="Show all conversations" onClick={() => set("conversation_sid", null)}>
            One conversation
          </Button>
        )}
      </Group>

      {query.isPending && <LoadingState label="Reading the executions" tall />}
      {query.isError && <ErrorState title="The executions cannot be read" error={query.error} onRetry={() => void query.refetch()} tall />}
      {query.data && executions.length === 0 && (
        <EmptyState
          tall
          icon={<IconActivity size={26} stroke={1.6} />}
          title={filtered ? "No execution matches" : "Nothing has run yet"}
          action={
            filtered ? (
              <Button variant="default" onClick={() => setSearch({}, { replace: true })}>
                Show all
              </Button>
            ) : undefined
          }
        >
          {filtered ? "Loosen the filters to see more." : "Publish a flow, let an address be answered by it, and write to it: each conversation through a flow appears here."}
        </EmptyState>
      )}
      {executions.length > 0 && (
        <>
          <div className="card table-scroll">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Contact</th>
                  <th scope="col">Flow</th>
                  <th scope="col">State</th>
                  <th scope="col">At</th>
                  <th scope="col">Started</th>
                  <th scope="col">Last step</th>
                </tr>
              </thead>
              <tbody>
                {executions.map((execution) => (
                  <tr key={execution.sid}>
                    <td>
                      <Link to={`/executions/${execution.sid}`}>{execution.contact || execution.sid}</Link>
                    </td>
                    <td>
                      {execution.flow_name} <span className="table__sub">r{execution.revision}</span>
                    </td>
                    <td>
                      <ExecutionStatus execution={execution} />
                    </td>
                    <td className="table__sub">{execution.current_widget ?? "–"}</td>
                    <td className="table__sub" title={fullTime(execution.date_created)}>
                      {timeAgo(execution.date_created, now)}
                    </td>
                    <td className="table__sub" title={fullTime(execution.date_updated)}>
                      {timeAgo(execution.date_updated, now)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {query.hasNextPage && (
            <Group justify="center" mt="md">
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                Show older
              </Button>
            </Group>
          )}
        </>
      )}
    </div>
  );
}
