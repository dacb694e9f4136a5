import "./flows.css";

import { ActionIcon, Badge, Button, Group, Menu, TextInput, Title, Tooltip } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconAlertCircle, IconDots, IconDownload, IconFileImport, IconPlus, IconRouteAltLeft, IconSearch, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api } from "../api/client";
import type { FlowSummary } from "../api/types";
import { useSession } from "../app/session";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { fullTime, timeAgo } from "../core/time";
import { ImportDialog } from "./ImportDialog";
import { NewFlowDialog } from "./NewFlowDialog";
import { matchingFlows } from "./search";

/** All flows of the account: look, export; admins also make, import, change and delete them. */
export function FlowsPage() {
  useDocumentTitle("Flows · Flowdesk");
  const mayChange = useSession().user.role === "admin";
  const [query, setQuery] = useState("");
  const [dialog, setDialog] = useState<"new" | "import" | null>(null);
  const flows = useQuery({ queryKey: ["flows"], queryFn: () => api.get<{ flows: FlowSummary[] }>("flows") });
  const shown = matchingFlows(flows.data?.flows ?? [], query);
  const close = () => setDialog(null);

  return (
    <div className="page">
      <header className="page__head">
        <div className="page__title">
          <Title order={1} size="h2">
            Flows
          </Title>
        </div>
        <TextInput
          w={230}
          placeholder="Search flows"
          aria-label="Search flows"
          leftSection={<IconSearch size={16} />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        {mayChange && (
          <>
            <Button variant="default" leftSection={<IconFileImport size={17} stroke={1.7} />} onClick={() => setDialog("import")}>
              Import
            </Button>
            <Button leftSection={<IconPlus size={17} />} onClick={() => setDialog("new")}>
              New flow
            </Button>
          </>
        )}
      </header>

      {flows.isPending && <LoadingState label="Reading the flows" tall />}
      {flows.isError && <ErrorState title="The flows cannot be read" error={flows.error} onRetry={() => void flows.refetch()} tall />}
      {flows.data && flows.data.flows.length === 0 && (
        <EmptyState
          tall
          icon={<IconRouteAltLeft size={26} stroke={1.6} />}
          title="No flow yet"
          action={
            mayChange && (
              <Group>
                <Button variant="default" onClick={() => setDialog("import")}>
                  Import a Studio flow
                </Button>
                <Button onClick={() => setDialog("new")}>Draw the first flow</Button>
              </Group>
            )
          }
        >
          A flow is what customers meet first: it greets them, asks, looks things up and hands them to the right people.
        </EmptyState>
      )}
      {flows.data && flows.data.flows.length > 0 && shown.length === 0 && (
        <EmptyState icon={<IconSearch size={24} stroke={1.6} />} title={`No flow matches “${query}”`}>
          The search looks at names and addresses.
        </EmptyState>
      )}
      {shown.length > 0 && (
        <ul className="flows" aria-label="Flows">
          {shown.map((flow) => (
            <FlowRow key={flow.sid} flow={flow} mayChange={mayChange} />
          ))}
        </ul>
      )}
      <NewFlowDialog opened={dialog === "new"} onClose={close} />
      <ImportDialog opened={dialog === "import"} onClose={close} />
    </div>
  );
}

function FlowRow({ flow, mayChange }: { flow: FlowSummary; mayChange: boolean }) {
  const now = new Date();
  const live = flow.published_revision !== null;
  return (
    <li className="flow card">
      <div className="flow__main">
        <Link className="flow__name" to={`/flows/${flow.sid}`}>
          {flow.friendly_name}
        </Link>
        <p className="flow__facts">
          {flow.widget_count} {flow.widget_count === 1 ? "widget" : "widgets"}
          <span title={fullTime(flow.date_updated)}>changed {timeAgo(flow.date_updated, now)}</span>
          {flow.addresses.length > 0 && (
            <span className="flow__addresses" title={flow.addresses.join(", ")}>
              answers {flow.addresses.join(", ")}
            </span>
          )}
        </p>
      </div>
      {!flow.valid && (
        <Tooltip label="The newest draft has errors">
          <span className="flow__invalid">
            <IconAlertCircle size={16} aria-hidden /> Errors
          </span>
        </Tooltip>
      )}
      <span className="flow__state">
        <Badge variant="light" color={flow.status === "published" ? "petrol" : "gray"}>
          {flow.status === "published" ? "Published" : "Draft"}
        </Badge>
        <span className="flow__revision">
          {live ? `live ${flow.published_revision}` : "never published"}
          {live && flow.revision !== flow.published_revision ? `, draft ${flow.revision}` : ""}
        </span>
      </span>
      <FlowMenu flow={flow} mayChange={mayChange} />
    </li>
  );
}

function FlowMenu({ flow, mayChange }: { flow: FlowSummary; mayChange: boolean }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => api.delete(`flows/${flow.sid}`),
    onSuccess: () => {
      notifications.show({ message: `“${flow.friendly_name}” has been deleted.` });
      return client.invalidateQueries({ queryKey: ["flows"] });
    },
    onError: (error) => notifications.show({ color: "clay", title: "Not deleted", message: error.message }),
  });
  const confirm = () =>
    modals.openConfirmModal({
      title: "Delete this flow?",
      children: (
        <p className="confirm">
          “{flow.friendly_name}” with all its revisions will be gone.
          {flow.addresses.length > 0 && ` ${flow.addresses.join(", ")} will have no flow to answer.`} Export it first if you may need it again.
        </p>
      ),
      labels: { confirm: "Delete flow", cancel: "Keep it" },
      confirmProps: { color: "clay" },
      onConfirm: () => remove.mutate(),
    });
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Actions for ${flow.friendly_name}`} loading={remove.isPending}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconDownload size={16} />} component="a" href={`/app/v1/flows/${flow.sid}/export`} download>
          Export
        </Menu.Item>
        {mayChange && (
          <Menu.Item color="clay" leftSection={<IconTrash size={16} />} onClick={confirm}>
            Delete
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
