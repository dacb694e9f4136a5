import { ActionIcon, Badge, Button, Group, Text, Title } from "@mantine/core";
import { IconMoodSmile, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { Link } from "react-router";

import { api } from "../api/client";
import { useSession } from "../app/session";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { TableScroll } from "../app/TableScroll";
import { channelName } from "../core/channels";
import { fullTime } from "../core/time";
import { durationText } from "../routing/core/text";
import type { PanelProps } from "./ReportsPage";
import { RuleDialog } from "./RuleDialog";
import { SURVEYS, type Rule, type Surveys } from "./surveys";

const STATUSES: Record<string, { label: string; color: string }> = {
  scheduled: { label: "Planned", color: "gray" },
  asked: { label: "Asked", color: "amber" },
  answered: { label: "Answered", color: "petrol" },
  expired: { label: "No answer", color: "gray" },
  skipped: { label: "Not asked", color: "gray" },
  passed_over: { label: "Wrote something else", color: "gray" },
};

/** Whom we ask how it was, and what they said. */
export function SurveysPanel({ options }: PanelProps) {
  const { user } = useSession();
  const canEdit = user.role === "admin";
  const [edited, setEdited] = useState<Rule | "new" | null>(null);
  const query = useQuery({ queryKey: SURVEYS, queryFn: () => api.get<Surveys>("reports/surveys"), refetchInterval: 20_000 });
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (sid: string) => api.delete(`reports/surveys/${sid}`),
    onSuccess: () => client.invalidateQueries({ queryKey: SURVEYS }),
    onError: (error) => notifications.show({ color: "clay", title: "Not deleted", message: error.message }),
  });
  if (query.isPending) return <LoadingState label="Reading the surveys" />;
  if (!query.data) return <ErrorState title="The surveys cannot be read" error={query.error!} onRetry={() => void query.refetch()} />;
  const { rules, surveys, defaults } = query.data;
  const queueName = (sid: string | null) => (sid ? (options.queues.find((each) => each.sid === sid)?.name ?? "Deleted queue") : "Every queue");
  return (
    <>
      <Group justify="space-between" mb="md" gap="sm">
        <Text size="sm" c="dimmed" maw={640}>
          When an agent’s conversation ends, the customer is asked how it was, by the most particular rule that fits. An answer that is no rating becomes an ordinary new message.
        </Text>
        {canEdit && (
          <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
            New rule
          </Button>
        )}
      </Group>
      {rules.length === 0 ? (
        <div className="card">
          <EmptyState icon={<IconMoodSmile size={26} stroke={1.6} />} title="Nobody is asked">
            {canEdit ? "Make a rule, and customers rate their conversations from 1 to 5." : "An admin can have customers rate their conversations."}
          </EmptyState>
        </div>
      ) : (
        <div className="card table-scroll" role="region" aria-label="Survey rules">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">For</th>
                <th scope="col">Asks</th>
                <th scope="col">When</th>
                <th scope="col">Languages</th>
                <th scope="col"><span className="visually-hidden">Actions</span></th>
              </tr>
            </thead>
            <tbody>
              {rules.map((rule) => {
                const name = `${rule.channel_type ? channelName(rule.channel_type) : "Every channel"}, ${queueName(rule.queue_sid)}`;
                return (
                  <tr key={rule.sid}>
                    <th scope="row">
                      {name} {!rule.enabled && <Badge color="gray" variant="light">Off</Badge>}
                    </th>
                    <td>{rule.mode === "flow" ? `The flow ${options.flows.find((each) => each.sid === rule.flow_sid)?.name ?? "(deleted)"}` : rule.texts[""]?.question || defaults.question}</td>
                    <td>
                      {rule.delay_seconds ? `After ${durationText(rule.delay_seconds)}` : "At once"}
                      <div className="table__sub">for {durationText(rule.expiry_seconds)}</div>
                    </td>
                    <td>{Object.keys(rule.texts).filter(Boolean).join(", ") || "–"}</td>
                    <td className="table__actions">
                      {canEdit && (
                        <>
                          <ActionIcon variant="subtle" color="gray" aria-label={`Edit the rule for ${name}`} onClick={() => setEdited(rule)}>
                            <IconPencil size={17} />
                          </ActionIcon>
                          <ActionIcon variant="subtle" color="gray" aria-label={`Delete the rule for ${name}`} onClick={() => remove.mutate(rule.sid)}>
                            <IconTrash size={17} />
                          </ActionIcon>
                        </>
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {surveys.length > 0 && (
        <>
          <Title order={2} size="h4" mt="xl" mb="sm">
            Newest
          </Title>
          <TableScroll label="Newest surveys">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Ended</th>
                  <th scope="col">Channel</th>
                  <th scope="col">Outcome</th>
                  <th scope="col" className="num">Rating</th>
                  <th scope="col">Comment</th>
                </tr>
              </thead>
              <tbody>
                {surveys.map((survey) => (
                  <tr key={survey.sid}>
                    <td>
                      <Link to={`/supervisor/chats/${survey.conversation_sid}`}>{fullTime(survey.date_ended)}</Link>
                    </td>
                    <td>{channelName(survey.channel)}</td>
                    <td>
                      <Badge variant="light" color={STATUSES[survey.status]?.color ?? "gray"}>{STATUSES[survey.status]?.label ?? survey.status}</Badge>
                      {survey.note && <div className="table__sub">{survey.note}</div>}
                    </td>
                    <td className="num">{survey.rating ?? "–"}</td>
                    <td className="surveys__comment" dir="auto">{survey.comment || "–"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableScroll>
        </>
      )}
      {edited && <RuleDialog rule={edited === "new" ? null : edited} defaults={defaults} options={options} onClose={() => setEdited(null)} />}
    </>
  );
}
