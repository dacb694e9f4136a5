import { Loader } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

/** All emoji, searchable; loaded when it is first opened, its data from this server. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const place = useRef<HTMLDivElement>(null);
  const picked = useRef(onPick);
  const [state, setState] = useState<"loading" | "ready" | "failed">("loading");
  useEffect(() => {
    picked.current = onPick;
  });
  useEffect(() => {
    let gone = false;
    let picker: HTMLElement | null = null;
    void Promise.all([
      import("emoji-picker-element/picker"),
      import("emoji-picker-element-data/en/emojibase/data.json?url"),
    ])
      .then(([{ default: Picker }, { default: dataSource }]) => {
        if (gone || !place.current) return;
        picker = new Picker({ dataSource, locale: "en" });
        picker.addEventListener("emoji-click", (event) => {
          const { unicode } = (event as CustomEvent<{ unicode?: string }>).detail;
          if (unicode) picked.current(unicode);
        });
        place.current.append(picker);
        setState("ready");
        // The search field is drawn a moment later, inside the picker's own tree.
        setTimeout(() => picker?.shadowRoot?.querySelector<HTMLInputElement>("input")?.focus(), 60);
      })
      .catch(() => {
        if (!gone) setState("failed");
      });
    return () => {
      gone = true;
      picker?.remove();
    };
  }, []);
  return (
    <div className="emoji" ref={place}>
      {state === "loading" && <Loader size="sm" aria-label="Loading emoji" />}
      {state === "failed" && <p role="alert">The emoji could not be loaded. Check the connection and try again.</p>}
    </div>
  );
}
