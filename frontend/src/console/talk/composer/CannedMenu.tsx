import { IconPaperclip, IconPlayerPlay, IconUser } from "@tabler/icons-react";
import { useEffect, useRef } from "react";

import type { CannedReply } from "../../../api/console-types";
import { tasksOf } from "../../work/macros";

export const MENU_ID = "canned-menu";
export const optionId = (sid: string) => `canned-${sid}`;

type Props = {
  replies: readonly CannedReply[];
  chosen: number;
  /** What a reply will say here. */
  filled: (reply: CannedReply) => string;
  onChoose: (reply: CannedReply) => void;
};

/** For a macro that says nothing: what it does. */
const doesOf = ({ steps }: CannedReply) => tasksOf({ reply: { media: [] }, body: "", steps }).map(({ label }) => label).join(", ");

/** The canned replies for what stands behind the slash. The field keeps the focus and says which one is chosen. */
export function CannedMenu({ replies, chosen, filled, onChoose }: Props) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView?.({ block: "nearest" });
  }, [chosen]);
  return (
    <div className="canned">
      <ul ref={list} id={MENU_ID} role="listbox" aria-label="Canned replies" className="canned__list">
        {replies.map((reply, at) => (
          // Chosen by keys in the field, which has the focus; a click is the other way.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <li
            key={reply.sid}
            id={optionId(reply.sid)}
            role="option"
            aria-selected={at === chosen}
            tabIndex={-1}
            className={`canned__one ${at === chosen ? "canned__one--chosen" : ""}`}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onChoose(reply)}
          >
            <span className="canned__head">
              <strong>/{reply.shortcode}</strong>
              {reply.folder && <small>{reply.folder}</small>}
              {reply.scope === "personal" && (
                <small>
                  <IconUser size={13} aria-hidden /> yours
                </small>
              )}
              {reply.steps.length > 0 && (
                <small>
                  <IconPlayerPlay size={13} aria-hidden /> macro
                </small>
              )}
              {reply.media.length > 0 && (
                <small>
                  <IconPaperclip size={13} aria-hidden /> {reply.media.length}
                  <span className="visually-hidden"> attachments</span>
                </small>
              )}
            </span>
            <span className="canned__text">{filled(reply) || doesOf(reply)}</span>
          </li>
        ))}
      </ul>
      {!replies.length && <p className="canned__none">No canned reply is called that.</p>}
    </div>
  );
}
