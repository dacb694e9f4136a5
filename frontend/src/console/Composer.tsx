import { ActionIcon, Textarea } from "@mantine/core";
import { IconSend2 } from "@tabler/icons-react";
import { useState } from "react";

import { smsParts } from "./core/format";
import { drafts } from "./core/storage";

const MAX_LENGTH = 1_600;
const COUNT_FROM = 1_200;

type Props = {
  conversationSid: string;
  channel: string;
  offline: boolean;
  onSend: (body: string) => void;
  onTyping: () => void;
};

/** Where the agent writes. A component per conversation (`key`): each keeps its own draft. */
export function Composer({ conversationSid, channel, offline, onSend, onTyping }: Props) {
  const [text, setText] = useState(() => drafts.read(conversationSid));
  const length = text.trim().length;
  const tooLong = length > MAX_LENGTH;
  const parts = channel === "sms" ? smsParts(text.trim()) : 0;

  const write = (value: string) => {
    setText(value);
    drafts.write(conversationSid, value);
  };
  const send = () => {
    if (!length || tooLong) return;
    onSend(text.trim());
    write("");
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="composer__line">
        <Textarea
          id="composer"
          className="composer__field"
          aria-label="Message"
          aria-describedby="composer-hint"
          placeholder={offline ? "Write on: it is sent when the connection is back" : "Write a message…"}
          autosize
          minRows={1}
          maxRows={8}
          variant="unstyled"
          dir="auto"
          value={text}
          error={tooLong}
          onChange={(event) => {
            write(event.currentTarget.value);
            if (event.currentTarget.value.trim()) onTyping();
          }}
          onKeyDown={(event) => {
            // While an input method composes a word, Enter picks the word.
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <ActionIcon type="submit" size={38} radius="md" aria-label="Send" disabled={!length || tooLong}>
          <IconSend2 size={19} stroke={1.7} />
        </ActionIcon>
      </div>
      <p id="composer-hint" className={`composer__hint ${tooLong ? "composer__hint--bad" : ""}`}>
        {tooLong
          ? `${length - MAX_LENGTH} characters too long`
          : parts > 1 || length > COUNT_FROM
            ? `${length} characters${parts ? ` · sent as ${parts} SMS` : ""}`
            : "Enter sends, Shift + Enter starts a line"}
      </p>
    </form>
  );
}
