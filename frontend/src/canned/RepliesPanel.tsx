import { Badge, Button, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBolt, IconPaperclip, IconPlayerPlay, IconPlus, IconSearch } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { CannedReply } from "../api/console-types";
import { PanelHead } from "../app/PanelHead";
import { RowActions } from "../app/RowActions";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { channelName } from "../core/channels";
import { canned } from "./api";
import { ReplyForm } from "./ReplyForm";

type Props = {
  /** Whose replies new ones are; the list shows those that the user may use. */
  scope: CannedReply["scope"];
};

/** Canned replies: everybody's, and one's own. The form takes the place of the list. */
export function RepliesPanel({ scope }: Props) {
  const client = useQueryClient();
  const [edited, setEdited] = useState<CannedReply | "new" | null>(null);
  const [search, setSearch] = useState("");
  const query = useQuery({ queryKey: ["canned-replies"], queryFn: canned.list });
  const remove = useMutation({
    mutationFn: (reply: CannedReply) => canned.remove(reply.sid),
    onSuccess: () => client.invalidateQueries({ queryKey: ["canned-replies"] }),
    onError: (error) => notifications.show({ color: "clay", title: "Not deleted", message: error.message }),
  });

  if (query.isPending) return <LoadingState label="Reading the canned replies" />;
  if (query.isError) return <ErrorState title="The canned replies cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  if (edited) return <ReplyForm reply={edited === "new" ? null : edited} scope={scope} onDone={() => setEdited(null)} />;

  const words = search.trim().toLowerCase();
  const found = query.data.filter(({ shortcode, folder, body }) => !words || [shortcode, folder, body].some((text) => text.toLowerCase().includes(words)));
  return (
    <>
      <PanelHead
        action={
          <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
            New canned reply
          </Button>
        }
      >
        {scope === "account"
          ? "Texts that agents insert by / and a shortcode, with the customer’s name and files in them."
          : "Insert them by / and the shortcode. Those of the account are made by supervisors and administrators."}
      </PanelHead>
      {query.data.length === 0 ? (
        <EmptyState icon={<IconBolt size={26} stroke={1.6} />} title="No canned reply yet">
          Write down once what is written every day.
        </EmptyState>
      ) : (
        <>
          <TextInput
            mb="sm" maw={360} aria-label="Search canned replies" placeholder="Search" leftSection={<IconSearch size={16} aria-hidden />}
            value={search} onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <div className="card table-scroll">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Shortcode</th>
                  <th scope="col">Text</th>
                  <th scope="col">Channels</th>
                  <th scope="col">
                    <span className="visually-hidden">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {found.map((reply) => (
                  <tr key={reply.sid}>
                    <td>
                      <strong>/{reply.shortcode}</strong>
                      <div className="table__sub">
                        {reply.folder}
                        {reply.scope === "personal" && (
                          <Badge size="xs" variant="light" ml={reply.folder ? 6 : 0}>
                            yours
                          </Badge>
                        )}
                      </div>
                    </td>
                    <td>
                      <Text size="sm" lineClamp={2} style={{ overflowWrap: "anywhere", minWidth: 180 }}>
                        {reply.body}
                      </Text>
                      {reply.steps.length > 0 && (
                        <div className="table__sub">
                          <IconPlayerPlay size={13} aria-hidden /> macro with {reply.steps.length} step{reply.steps.length === 1 ? "" : "s"}
                        </div>
                      )}
                      {reply.media.length > 0 && (
                        <div className="table__sub">
                          <IconPaperclip size={13} aria-hidden /> {reply.media.map(({ filename }) => filename || "file").join(", ")}
                        </div>
                      )}
                    </td>
                    <td>{reply.channels.length ? reply.channels.map(channelName).join(", ") : "All"}</td>
                    <td className="table__actions">
                      {reply.editable && (
                        <RowActions
                          name={`/${reply.shortcode}`}
                          noun="canned reply"
                          question={`Delete /${reply.shortcode}?`}
                          warning={`${reply.scope === "account" ? "Nobody in the account can insert it any more." : "You cannot insert it any more."} What was sent stays.`}
                          onOpen={() => setEdited(reply)}
                          onDelete={() => remove.mutate(reply)}
                        />
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
            {!found.length && (
              <Text p="md" size="sm" c="dimmed">
                None is like that.
              </Text>
            )}
          </div>
        </>
      )}
    </>
  );
}

/** Everybody's, in the settings. */
export function Panel() {
  return <RepliesPanel scope="account" />;
}
