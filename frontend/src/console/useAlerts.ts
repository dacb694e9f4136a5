/** Turns news into sound, desktop notifications, notices on the page, and words for screen readers. */
import { notifications } from "@mantine/notifications";
import { useCallback, useEffect, useRef, useState } from "react";

import { claimBell, notify, play, unlockSound } from "./alerts";
import { channelName } from "./core/format";
import { customerName, type News } from "./core/tasks";

const GONE = {
  timeout: "The time to answer ran out. The offer went on to somebody else.",
  rescinded: "It was taken back before you answered.",
  canceled: "The customer or a rule ended it before you answered.",
} as const;

type Said = { polite: string; urgent: string };

/** `onOpen` shows a task. The answer: what to do with news, and what live regions say. */
export function useAlerts(sound: boolean, onOpen: (reservationSid: string) => void) {
  const [said, setSaid] = useState<Said>({ polite: "", urgent: "" });
  const bell = useRef<ReturnType<typeof claimBell> | null>(null);
  const current = useRef({ sound, onOpen });
  useEffect(() => {
    current.current = { sound, onOpen };
  });
  useEffect(() => {
    const stopUnlocking = unlockSound();
    const claimed = claimBell();
    bell.current = claimed;
    return () => {
      stopUnlocking();
      claimed.release();
    };
  }, []);

  const tell = useCallback((all: readonly News[]) => {
    const ring = (which: "offer" | "message") => {
      if (current.current.sound && bell.current?.rings()) play(which);
    };
    for (const news of all) {
      const name = customerName(news.reservation);
      const { sid } = news.reservation;
      const open = () => current.current.onOpen(sid);
      if (news.kind === "offer") {
        const channel = channelName(news.reservation.conversation?.channel_type ?? news.reservation.task.channel);
        ring("offer");
        notify(`New offer: ${name}`, `${channel} · ${news.reservation.queue_name}`, sid, () => undefined);
        setSaid((before) => ({ ...before, urgent: `New offer from ${name}, ${channel}. Alt A accepts.` }));
      } else if (news.kind === "message") {
        ring("message");
        notify(name, news.message.body.slice(0, 140) || "Attachment", `${sid} ${news.message.index}`, open);
        setSaid((before) => ({ ...before, polite: `${name}: ${news.message.body}` }));
      } else {
        notifications.show({
          position: "top-right", title: `The offer of ${name} is gone`, message: GONE[news.reason], color: "amber",
        });
      }
    }
  }, []);
  return { tell, said };
}
