/** Turns news into sound, desktop notifications, notices on the page, and words for screen readers. */
import { notifications } from "@mantine/notifications";
import { useCallback, useEffect, useRef, useState } from "react";

import { claimBell, notify, play, unlockSound } from "./alerts";
import type { AlertKind, Alerts } from "./core/alerting";
import { channelName } from "./core/format";
import { customerName, type News } from "./core/tasks";

/** A missed offer has a card of its own in the list. */
const GONE = {
  rescinded: "It was taken back before you answered.",
  canceled: "The customer or a rule ended it before you answered.",
} as const;

const RING_EVERY_MS = 4_000;

type Said = { polite: string; urgent: string };

type Options = {
  alerts: Alerts;
  /** Whether notifications may show what was written. */
  showsText: boolean;
  /** How many offers wait for an answer. */
  offers: number;
  /** Show a task. */
  onOpen: (reservationSid: string) => void;
};

/** The answer: what to do with news, and what live regions say. */
export function useAlerts(options: Options) {
  const [said, setSaid] = useState<Said>({ polite: "", urgent: "" });
  const bell = useRef<ReturnType<typeof claimBell> | null>(null);
  const current = useRef(options);
  useEffect(() => {
    current.current = options;
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

  const ring = useCallback((kind: AlertKind) => {
    const { alerts } = current.current;
    if (alerts.sound[kind] && bell.current?.rings()) play(kind, alerts.volume);
  }, []);

  const rings = options.offers > 0 && options.alerts.repeat;
  useEffect(() => {
    if (!rings) return;
    const timer = setInterval(() => ring("offer"), RING_EVERY_MS);
    return () => clearInterval(timer);
  }, [rings, ring]);

  const tell = useCallback(
    (all: readonly News[]) => {
      for (const news of all) {
        const name = customerName(news.reservation);
        const { sid } = news.reservation;
        const { alerts, showsText } = current.current;
        const open = () => current.current.onOpen(sid);
        const show = (kind: AlertKind, title: string, body: string, tag: string, onClick: () => void) => {
          if (alerts.desktop[kind]) notify(title, body, tag, onClick);
        };
        if (news.kind === "offer") {
          const channel = channelName(news.reservation.conversation?.channel_type ?? news.reservation.task.channel);
          ring("offer");
          show("offer", `New offer: ${name}`, `${channel} · ${news.reservation.queue_name}`, sid, () => undefined);
          setSaid((before) => ({ ...before, urgent: `New offer from ${name}, ${channel}.` }));
        } else if (news.kind === "assigned") {
          ring("offer");
          show("offer", `Accepted for you: ${name}`, news.reservation.queue_name, sid, open);
          notifications.show({
            position: "top-right", title: `Accepted for you: ${name}`, message: `${news.reservation.queue_name} gives its tasks out without asking.`,
          });
          setSaid((before) => ({ ...before, urgent: `The task of ${name} was accepted for you.` }));
        } else if (news.kind === "message") {
          const text = news.message.body.slice(0, 140) || "Attachment";
          ring("message");
          show("message", name, showsText ? text : "A new message", `${sid} ${news.message.index}`, open);
          setSaid((before) => ({ ...before, polite: `${name}: ${news.message.body || "an attachment"}` }));
        } else if (news.kind === "internal") {
          const { author_name, body, kind } = news.message;
          ring("note");
          const title = `${author_name} ${kind === "whisper" ? "whispers" : "noted"}: ${name}`;
          show("note", title, showsText ? body.slice(0, 140) : "Open the task to read it", `${sid} n${news.message.number}`, open);
          setSaid((before) => ({ ...before, polite: `${title}: ${body}` }));
        } else if (news.reason === "timeout") {
          ring("missed");
          show("missed", `Missed offer: ${name}`, "The time to answer ran out.", sid, () => undefined);
          setSaid((before) => ({ ...before, urgent: `You missed the offer of ${name}.` }));
        } else {
          notifications.show({
            position: "top-right", title: `The offer of ${name} is gone`, message: GONE[news.reason], color: "amber",
          });
        }
      }
    },
    [ring],
  );
  return { tell, said };
}
