import "../contacts/contacts.css";
import "./history.css";

import { Badge, Button, Drawer, Group, Select, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue, useDocumentTitle } from "@mantine/hooks";
import { IconEye, IconMessages, IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";

import { api } from "../api/client";
import { ChannelIcon } from "../app/ChannelIcon";
import { Marked } from "../app/Marked";
import { useSession } from "../app/session";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { momentText } from "../console/core/format";
import { readableAddress, readableName } from "../console/core/tasks";
import { ADDRESS_TYPES, channelName } from "../core/channels";
import type { AgentPage } from "../supervisor/types";
import { NO_FILTERS, PERIODS, search, type Filters, type Hit } from "./api";
import { Talk } from "./Talk";

const STATES = [
  { value: "active", label: "Open" },
  { value: "inactive", label: "Inactive" },
  { value: "closed", label: "Closed" },
];

/** Every conversation there was, found by what was said, who said it, and when. Filters stand in the address. */
export function HistoryPage() {
  useDocumentTitle("History · Flowdesk");
  const { sid } = useParams();
  const navigate = useNavigate();
  const { user } = useSession();
  const [params, setParams] = useSearchParams();
  const filters = Object.fromEntries(Object.keys(NO_FILTERS).map((name) => [name, params.get(name) ?? ""])) as Filters;
  const [text, setText] = useState(filters.q);
  const [words] = useDebouncedValue(text.trim(), 300);
  const wanted = { ...filters, q: words };
  const query = useInfiniteQuery({
    queryKey: ["conversations", "search", wanted],
    queryFn: ({ pageParam }) => search(wanted, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_page_token ?? undefined,
    placeholderData: keepPreviousData,
  });
  const rows = query.data?.pages.flatMap((page) => page.conversations) ?? [];
  const isNarrowed = Object.values(wanted).some(Boolean);
  const change = (name: keyof Filters, value: string | null) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const open = (next: string | null) => void navigate({ pathname: next ? `/history/${next}` : "/history", search: params.toString() });
  return (
    <div className="page contacts history">
      <header className="page__head">
        <div className="page__title">
          <Title order={1} size="h2">
            History
          </Title>
          <Text size="sm" c="dimmed">
            {user.role === "agent" ? "The conversations you took part in" : "Every conversation, past and present"}
          </Text>
        </div>
      </header>
      <Group className="history__filters" gap="sm" role="search" aria-label="Search conversations">
        <TextInput
          className="history__words" aria-label="Search what was said, names and addresses" placeholder="Search what was said, names and addresses"
          leftSection={<IconSearch size={16} aria-hidden />} value={text} maxLength={200}
          onChange={(event) => {
            setText(event.currentTarget.value);
            change("q", event.currentTarget.value.trim());
          }}
        />
        <Select
          aria-label="Channel" placeholder="All channels" clearable w={150} value={filters.channel || null} onChange={(value) => change("channel", value)}
          data={ADDRESS_TYPES.map((type) => ({ value: type, label: channelName(type) }))}
        />
        <Select aria-label="State" placeholder="Any state" clearable w={130} value={filters.state || null} onChange={(value) => change("state", value)} data={STATES} />
        {user.role !== "agent" && <AgentFilter value={filters.worker} onChange={(value) => change("worker", value)} />}
        <Select
          aria-label="Period" placeholder="Any time" clearable w={150} value={filters.period || null} onChange={(value) => change("period", value)}
          data={Object.entries(PERIODS).map(([value, { label }]) => ({ value, label }))}
        />
      </Group>
      {query.isPending && <LoadingState label="Looking for conversations" />}
      {query.isError && !query.data && <ErrorState title="The conversations cannot be read" error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && !rows.length && !query.hasNextPage && (
        <EmptyState icon={<IconMessages size={26} stroke={1.6} />} title={isNarrowed ? "Nothing found" : "No conversations yet"}>
          {isNarrowed ? "Try fewer words, or another channel, agent or time." : "Whoever writes to one of your addresses begins one."}
        </EmptyState>
      )}
      {rows.length > 0 && <HitTable rows={rows} words={words} onOpen={open} />}
      {query.hasNextPage && (
        <Group mt="md">
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {rows.length ? "Show more" : "Look further back"}
          </Button>
        </Group>
      )}
      <Drawer opened={sid !== undefined} onClose={() => open(null)} position="right" size="lg" title="Conversation">
        {sid && <Detail key={sid} sid={sid} words={words} index={rows.find((row) => row.sid === sid)?.found?.index} />}
      </Drawer>
    </div>
  );
}

function HitTable({ rows, words, onOpen }: { rows: readonly Hit[]; words: string; onOpen: (sid: string) => void }) {
  return (
    <div className="card table-scroll" role="region" aria-label="Conversations">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Customer</th>
            <th scope="col">What was said</th>
            <th scope="col">Agents</th>
            <th scope="col">Began</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.sid}>
              <th scope="row">
                <div className="history__who">
                  <ChannelIcon channel={row.channel_type} size={28} />
                  <div>
                    <button type="button" className="contacts__name" dir="auto" onClick={() => onOpen(row.sid)}>
                      <Marked text={readableName(row.customer_name || row.customer_address) || "Visitor"} words={words} />
                    </button>
                    {row.customer_name && row.customer_address && (
                      <span className="table__sub history__address">
                        <Marked text={readableAddress(row.customer_address)} words={words} />
                      </span>
                    )}
                  </div>
                </div>
              </th>
              <td className="history__said" dir="auto">
                {row.found ? <Marked text={row.found.text} words={words} /> : (row.last_message ?? <span className="table__sub">Nothing</span>)}
              </td>
              <td className="table__sub">{row.agents.join(", ")}</td>
              <td className="table__sub history__when">
                {momentText(row.date_created)}
                {row.state !== "closed" && (
                  <Badge size="sm" variant="light" ml={8}>
                    Open
                  </Badge>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function AgentFilter({ value, onChange }: { value: string; onChange: (value: string | null) => void }) {
  const [text, setText] = useState("");
  const [words] = useDebouncedValue(text, 250);
  const query = useQuery({
    queryKey: ["conversations", "agents", words],
    queryFn: () => api.get<AgentPage>("supervisor/agents", { query: { text: words, sort: "name", limit: 50 } }),
    placeholderData: keepPreviousData,
  });
  const options = (query.data?.agents ?? []).map((agent) => ({ value: agent.sid, label: agent.name }));
  // The chosen one stays in the list, whatever is typed; one that a link names may not be among the first.
  const [chosen, setChosen] = useState<{ value: string; label: string } | null>(value ? { value, label: "The agent of the link" } : null);
  const all = chosen && !options.some((option) => option.value === chosen.value) ? [chosen, ...options] : options;
  return (
    <Select
      aria-label="Agent" placeholder="All agents" clearable searchable w={160} value={value || null} searchValue={text} onSearchChange={setText}
      filter={({ options: given }) => given} nothingFoundMessage="Nobody" data={all}
      onChange={(next, option) => {
        setChosen(next && option ? { value: next, label: option.label } : null);
        onChange(next);
      }}
    />
  );
}

type Read = Pick<Hit, "channel_type" | "state" | "date_created" | "wrap_ups"> & { customer: { name: string; address: string }; execution_sids: string[] };

/** One conversation, also where somebody comes by its address alone. */
function Detail({ sid, words, index }: { sid: string; words: string; index?: number }) {
  const { user } = useSession();
  const query = useQuery({
    queryKey: ["conversations", "one", sid],
    queryFn: () => api.get<Read>(`conversations/${sid}`),
  });
  if (query.isPending) return <LoadingState label="Reading the conversation" />;
  if (query.isError) return <ErrorState title="The conversation cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const { customer, channel_type, state, date_created, execution_sids, wrap_ups } = query.data;
  const executions = user.role === "agent" ? [] : execution_sids;
  return (
    <>
      <div className="history__head">
        <Title order={2} size="h3" dir="auto">
          {readableName(customer.name || customer.address) || "Visitor"}
        </Title>
        <Text size="sm" c="dimmed">
          {[channelName(channel_type), customer.address && readableAddress(customer.address), momentText(date_created)].filter(Boolean).join(" · ")}
        </Text>
        <Group gap="xs" mt={8}>
          {state !== "closed" && user.role !== "agent" && (
            <Button component={Link} to={`/supervisor/chats/${sid}`} size="xs" variant="default" leftSection={<IconEye size={15} />}>
              Monitor
            </Button>
          )}
          {executions.map((execution, at) => (
            <Button key={execution} component={Link} to={`/executions/${execution}`} size="xs" variant="default">
              {executions.length > 1 ? `Execution ${at + 1}` : "Execution"}
            </Button>
          ))}
        </Group>
      </div>
      <Talk conversation={{ sid, wrap_ups }} words={words} index={index} />
    </>
  );
}
