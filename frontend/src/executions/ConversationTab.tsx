import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { api } from "../api/client";
import type { Message } from "../api/types";
import { ErrorState, LoadingState } from "../app/states";
import { fullTime } from "../core/time";

const WHO: Record<Message["source"], string> = { customer: "Customer", flow: "Flow", agent: "Agent", api: "API", system: "System" };

/** The newest messages of the conversation that an execution belongs to, and its other executions. */
export function ConversationTab({ sid }: { sid: string }) {
  const query = useQuery({
    queryKey: ["conversation-messages", sid],
    queryFn: () => api.get<{ messages: Message[] }>(`conversations/${sid}/messages`, { query: { limit: 50 } }),
  });
  if (query.isPending) return <LoadingState label="Reading the conversation" />;
  if (query.isError) return <ErrorState title="The conversation cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <div className="talk__head">
        <code>{sid}</code>
        <Button size="compact-sm" variant="default" component={Link} to={`/executions?conversation_sid=${sid}`}>
          All executions of this conversation
        </Button>
      </div>
      {query.data.messages.length === 0 ? (
        <p className="table__sub">Not a message yet.</p>
      ) : (
        <ol className="talk" aria-label="Messages">
          {query.data.messages.map((message) => (
            <li key={message.sid} className={message.source === "customer" ? "talk__in" : "talk__out"}>
              <span className="talk__who">
                {WHO[message.source]} <time dateTime={message.date_created}>{fullTime(message.date_created)}</time>
              </span>
              <span className="talk__text">{message.body || `${message.media.length} attached`}</span>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
