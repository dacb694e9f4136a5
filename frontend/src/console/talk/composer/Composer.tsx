import { ActionIcon, Popover, SegmentedControl, Textarea, Tooltip } from "@mantine/core";
import { IconBolt, IconMoodSmile, IconPaperclip, IconSend2, IconTemplate } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";

import type { CannedReply } from "../../../api/console-types";
import { useSession } from "../../../app/session";
import { requests } from "../../api/requests";
import { useCommand } from "../../commands/useCommands";
import { insertAt, judge } from "../../core/composing";
import { channelName, spanText } from "../../core/format";
import type { Held, Model } from "../../core/model";
import { windowEnd } from "../../core/tasks";
import { fillIn, findReplies, slashAt } from "../../core/variables";
import { useDesk } from "../../DeskContext";
import { useClient, useNow } from "../../useConsole";
import { Attachments } from "./Attachments";
import { CannedMenu, MENU_ID, optionId } from "./CannedMenu";
import { EmojiPicker } from "./EmojiPicker";
import { onInsert } from "./inserting";
import { TemplateForm } from "./TemplateForm";
import { useDraft } from "./useDraft";
import { useUploads } from "./useUploads";

const SOON_MS = 2 * 3_600_000;
const OUR_MOST_MEDIA = 10;
const OUR_MOST_BYTES = 100 * 1024 * 1024;

type Props = { task: Held; conversation: NonNullable<Held["conversation"]>; model: Model };

/** Where the agent writes, to the customer or to colleagues. A component per conversation (`key`): each keeps its own draft. */
export function Composer({ task, conversation, model }: Props) {
  const { sid, channel_type: channel, limits } = conversation;
  const client = useClient();
  const { offline, runMacro } = useDesk();
  const { user } = useSession();
  const field = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const { draft, setText, setNote, addMedia, removeMedia, clear } = useDraft(sid);
  const [caret, setCaret] = useState(draft.text.length);
  const [chosen, setChosen] = useState(0);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const [emojiOpen, setEmojiOpen] = useState(false);
  const [templatesOpen, setTemplatesOpen] = useState(false);
  const [dropping, setDropping] = useState(false);
  /** The agent has pressed Enter while files were on their way. */
  const [waiting, setWaiting] = useState(false);
  const { uploads, add, remove, retry } = useUploads(sid, (file) => addMedia([file]));
  const now = useNow(15_000) + model.clockSkew;

  const end = windowEnd(task);
  const ended = end !== null && end <= now;
  // Only WhatsApp is sure to refuse; elsewhere an account may have the right to answer later.
  const templatesOnly = ended && channel === "whatsapp" && !draft.note;

  const templates = useQuery({
    queryKey: ["message-templates"], queryFn: requests.readTemplates, staleTime: 60_000, select: (all) => all.filter((each) => each.channel_type === channel),
  });
  const slash = slashAt(draft.text, caret);
  const menuOpen = slash !== null && dismissed !== `${slash.from} ${slash.words}`;
  const replies = useQuery({ queryKey: ["canned-replies"], queryFn: requests.readReplies, staleTime: 60_000, enabled: menuOpen });
  const attributes = useQuery({
    queryKey: ["conversation", sid], queryFn: () => requests.readConversation(sid), staleTime: 60_000, enabled: menuOpen,
    select: (found) => found.attributes,
  });
  const offered = menuOpen ? findReplies(replies.data ?? [], slash.words, channel).slice(0, 30) : [];
  const active = Math.min(chosen, Math.max(offered.length - 1, 0));

  const verdict = judge(draft.text, channel, limits, draft.note);
  const sending = uploads.some(({ failure }) => !failure);
  const empty = !draft.text.trim() && !draft.media.length;
  const bounds = { most: limits?.max_media ?? OUR_MOST_MEDIA, mostBytes: limits?.max_media_bytes ?? OUR_MOST_BYTES };

  const put = (inserted: string, from: number, to: number) => {
    const next = insertAt(draft.text, inserted, from, to);
    setText(next.text);
    setCaret(next.caret);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(next.caret, next.caret);
    });
  };
  const putHere = (inserted: string) => put(inserted, field.current?.selectionStart ?? draft.text.length, field.current?.selectionEnd ?? draft.text.length);
  const filled = (reply: CannedReply) =>
    fillIn(reply.body, { agentName: user.name || user.username, held: task, conversation: attributes.data ?? {} });
  const insertReply = (reply: CannedReply) => {
    if (reply.steps.length) {
      if (slash) put("", slash.from, caret);
      return runMacro(reply);
    }
    if (slash) put(filled(reply), slash.from, caret);
    setChosen(0);
    if (!reply.media.length) return;
    requests
      .copyReplyMedia(sid, reply.sid)
      .then((media) => addMedia(media.flatMap((file) => (file.sid ? [{ ...file, sid: file.sid, size: file.size ?? 0 }] : []))))
      .catch(() => add([new File([], `Attachments of /${reply.shortcode}`)], draft.media.length, bounds));
  };
  const attach = (files: readonly File[]) => {
    if (files.length) add(files, draft.media.length, bounds);
  };
  const send = () => {
    if (verdict.refusal) return;
    // What is still on its way goes along: the message leaves when the last file has arrived.
    if (sending) return setWaiting(true);
    setWaiting(false);
    if (empty) return;
    const media = draft.media.map((file) => ({ ...file }));
    client.sending.send(sid, draft.text.trim(), { kind: draft.note ? "note" : "message", media });
    clear();
    client.presence.stopWriting(sid);
    setCaret(0);
    // A note is the exception: the next thing written is for the customer again.
    if (draft.note) setNote(false);
  };
  const failed = uploads.some(({ failure }) => failure);
  const sendNow = useRef(send);
  useEffect(() => {
    sendNow.current = send;
  });
  useEffect(() => {
    if (waiting && !sending && !failed) sendNow.current();
  }, [waiting, sending, failed]);
  const focus = () => requestAnimationFrame(() => field.current?.focus());

  useCommand("message", () => {
    setNote(false);
    focus();
  });
  useCommand("note", () => {
    setNote(!draft.note);
    focus();
  });
  useCommand("attach", () => chooser.current?.click(), !templatesOnly);
  useCommand("emoji", () => setEmojiOpen(true), !templatesOnly);
  useCommand("canned", () => putHere(draft.text && !/\s$/.test(draft.text.slice(0, caret)) ? " /" : "/"), !templatesOnly);
  useCommand("template", () => setTemplatesOpen(true), Boolean(templates.data?.length) && !templatesOnly);

  const putting = useRef(putHere);
  useEffect(() => {
    putting.current = putHere;
  });
  useEffect(() => onInsert(sid, (text) => putting.current(text)), [sid]);

  // Files may be dropped anywhere on the chat.
  const dropped = useRef(attach);
  useEffect(() => {
    dropped.current = attach;
  });
  useEffect(() => {
    const chat = field.current?.closest(".chat");
    if (!chat) return;
    const holds = (event: Event) => event instanceof DragEvent && event.dataTransfer?.types.includes("Files");
    const over = (event: Event) => {
      if (!holds(event)) return;
      event.preventDefault();
      setDropping(true);
    };
    const leave = (event: Event) => {
      if (event instanceof DragEvent && !chat.contains(event.relatedTarget as Node | null)) setDropping(false);
    };
    const drop = (event: Event) => {
      if (!holds(event)) return;
      event.preventDefault();
      setDropping(false);
      dropped.current([...((event as DragEvent).dataTransfer?.files ?? [])]);
    };
    chat.addEventListener("dragover", over);
    chat.addEventListener("dragleave", leave);
    chat.addEventListener("drop", drop);
    return () => {
      chat.removeEventListener("dragover", over);
      chat.removeEventListener("dragleave", leave);
      chat.removeEventListener("drop", drop);
    };
  }, [templatesOnly]);

  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method composes a word, its keys are its own.
    if (event.nativeEvent.isComposing) return;
    if (menuOpen && offered.length) {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by) {
        event.preventDefault();
        return setChosen((active + by + offered.length) % offered.length);
      }
      const reply = offered[active];
      if (reply && (event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
        event.preventDefault();
        return insertReply(reply);
      }
    }
    if (menuOpen && event.key === "Escape") {
      event.preventDefault();
      return setDismissed(`${slash.from} ${slash.words}`);
    }
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    event.preventDefault();
    send();
  };

  const placeholder = draft.note
    ? "Write a note for your colleagues…"
    : offline
      ? "Write on: it is sent when the connection is back"
      : "Write a message, or / for a canned reply…";

  return (
    <div className={`composer ${draft.note ? "composer--note" : ""}`}>
      {dropping && (
        <div className="composer__drop" role="status">
          Drop the files to attach them
        </div>
      )}
      <div className="composer__top">
        <SegmentedControl
          size="xs"
          aria-label="Who reads it"
          data={[{ value: "message", label: "Message" }, { value: "note", label: "Note" }]}
          value={draft.note ? "note" : "message"}
          onChange={(value) => {
            setNote(value === "note");
            focus();
          }}
        />
        <WindowHint end={end} now={now} channel={channel} hidden={draft.note} />
      </div>
      {templatesOnly ? (
        <TemplateForm
          templates={templates.data ?? []}
          channelName={channelName(channel)}
          onSend={(template, variables, body) => client.sending.send(sid, body, { template: { sid: template.sid, variables } })}
        />
      ) : (
        <form
          className="composer__form"
          aria-label={draft.note ? "Internal note" : "Message to the customer"}
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          {menuOpen && (offered.length > 0 || replies.isSuccess) && (
            <CannedMenu replies={offered} chosen={active} filled={filled} onChoose={insertReply} />
          )}
          <Attachments media={draft.media} uploads={uploads} onRemove={removeMedia} onCancel={remove} onRetry={retry} />
          <div className="composer__line">
            <Textarea
              id="composer"
              ref={field}
              className="composer__field"
              aria-label={draft.note ? "Note" : "Message"}
              aria-describedby="composer-hint"
              aria-autocomplete="list"
              aria-controls={menuOpen ? MENU_ID : undefined}
              aria-activedescendant={menuOpen && offered[active] ? optionId(offered[active].sid) : undefined}
              placeholder={placeholder}
              autosize
              minRows={1}
              maxRows={8}
              variant="unstyled"
              dir="auto"
              value={draft.text}
              error={Boolean(verdict.refusal)}
              onChange={(event) => {
                setText(event.currentTarget.value);
                setWaiting(false);
                setCaret(event.currentTarget.selectionStart);
                setChosen(0);
                if (draft.note) return;
                if (event.currentTarget.value.trim()) client.presence.write(sid);
                else client.presence.stopWriting(sid);
              }}
              onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
              onKeyDown={pressed}
              onPaste={(event) => {
                const files = [...event.clipboardData.files];
                if (!files.length) return;
                event.preventDefault();
                attach(files);
              }}
            />
            <div className="composer__tools">
              <input
                ref={chooser}
                type="file"
                multiple
                hidden
                aria-label="Attach files"
                onChange={(event) => {
                  attach([...(event.currentTarget.files ?? [])]);
                  event.currentTarget.value = "";
                }}
              />
              <Tool label="Attach files" onClick={() => chooser.current?.click()}>
                <IconPaperclip size={19} stroke={1.6} />
              </Tool>
              <Tool label="Canned replies" onClick={() => putHere(draft.text ? " /" : "/")}>
                <IconBolt size={19} stroke={1.6} />
              </Tool>
              {!draft.note && Boolean(templates.data?.length) && (
                <Popover opened={templatesOpen} onChange={setTemplatesOpen} position="top-end" width={360} trapFocus withinPortal>
                  <Popover.Target>
                    <Tool label="Templates" onClick={() => setTemplatesOpen(!templatesOpen)}>
                      <IconTemplate size={19} stroke={1.6} />
                    </Tool>
                  </Popover.Target>
                  <Popover.Dropdown>
                    <TemplateForm
                      templates={templates.data ?? []}
                      channelName={channelName(channel)}
                      onSend={(template, variables, body) => {
                        client.sending.send(sid, body, { template: { sid: template.sid, variables } });
                        setTemplatesOpen(false);
                        focus();
                      }}
                    />
                  </Popover.Dropdown>
                </Popover>
              )}
              <Popover opened={emojiOpen} onChange={setEmojiOpen} position="top-end" withinPortal returnFocus>
                <Popover.Target>
                  <Tool label="Emoji" onClick={() => setEmojiOpen(!emojiOpen)}>
                    <IconMoodSmile size={19} stroke={1.6} />
                  </Tool>
                </Popover.Target>
                <Popover.Dropdown p={0} onKeyDown={(event) => event.key === "Escape" && setEmojiOpen(false)}>
                  <EmojiPicker
                    onPick={(emoji) => {
                      setEmojiOpen(false);
                      putHere(emoji);
                    }}
                  />
                </Popover.Dropdown>
              </Popover>
              <ActionIcon
                type="submit"
                size={38}
                radius="md"
                color={draft.note ? "amber" : undefined}
                aria-label={draft.note ? "Keep the note" : "Send"}
                disabled={(empty && !sending) || Boolean(verdict.refusal)}
                loading={waiting && sending}
              >
                <IconSend2 size={19} stroke={1.7} />
              </ActionIcon>
            </div>
          </div>
        </form>
      )}
      <p id="composer-hint" className={`composer__hint ${verdict.refusal ? "composer__hint--bad" : ""}`}>
        {verdict.refusal && <strong>{verdict.refusal}. </strong>}
        {waiting && sending && <strong>It is sent when the files have arrived. </strong>}
        {verdict.hints.length
          ? verdict.hints.join(" · ")
          : !verdict.refusal && (draft.note ? "Only colleagues see it. Enter keeps the note." : "Enter sends, Shift + Enter starts a line")}
      </p>
    </div>
  );
}

type ToolProps = { label: string; onClick: () => void; children: React.ReactNode; ref?: React.Ref<HTMLButtonElement> };

function Tool({ label, children, ...others }: ToolProps) {
  return (
    <Tooltip label={label} openDelay={500}>
      <ActionIcon variant="subtle" color="gray" size={34} aria-label={label} {...others}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

/** How long the channel still takes free text. */
function WindowHint({ end, now, channel, hidden }: { end: number | null; now: number; channel: string; hidden: boolean }) {
  if (end === null || hidden) return null;
  const left = end - now;
  if (left > 0) {
    const text = `${channelName(channel)} takes free text for ${spanText(left / 1_000) === "now" ? "less than a minute" : spanText(left / 1_000)} more`;
    return <span className={`composer__window ${left < SOON_MS ? "composer__window--soon" : ""}`}>{text}</span>;
  }
  return (
    <span className="composer__window composer__window--ended" role="status">
      {channel === "whatsapp"
        ? "The time for free text has ended. Send a template; when the customer answers, you can write again."
        : `The customer wrote too long ago: ${channelName(channel)} may refuse the message.`}
    </span>
  );
}
