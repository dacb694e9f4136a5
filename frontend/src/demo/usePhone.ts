/** One phone's line to the server: a poll every second, messages sent one after the other. */

import { useCallback, useEffect, useRef, useState } from "react";

import { readMessages, sendMessage, uploadFile } from "./api";
import { emptyPhone, failSending, lastId, receive, startSending, type Phone } from "./core/phone";

const POLL_EVERY_MS = 1_000;

const newRef = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** `connectionSid` and `from` are the phone's two ends; a component per pair, so that neither changes. */
export function usePhone(connectionSid: string, from: string) {
  const [phone, setPhone] = useState<Phone>(emptyPhone);
  const [online, setOnline] = useState(true);
  const after = useRef("");
  const queue = useRef<Promise<void>>(Promise.resolve());
  /** Files that wait to be sent, by the reference of their message. */
  const files = useRef(new Map<string, File>());

  useEffect(() => {
    after.current = lastId(phone);
  }, [phone]);

  useEffect(() => {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    const poll = async () => {
      if (document.visibilityState === "visible") {
        try {
          const messages = await readMessages({ connection_sid: connectionSid, from, after: after.current });
          if (stopped) return;
          setPhone((current) => receive(current, messages));
          setOnline(true);
        } catch {
          if (stopped) return;
          setOnline(false);
        }
      }
      timer = setTimeout(() => void poll(), POLL_EVERY_MS);
    };
    void poll();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [connectionSid, from]);

  const attempt = useCallback(
    (ref: string, body: string) => {
      setPhone((current) => startSending(current, ref, body, new Date().toISOString()));
      queue.current = queue.current.then(async () => {
        try {
          const file = files.current.get(ref);
          const media = file ? [await uploadFile({ connection_sid: connectionSid, from }, file)] : [];
          await sendMessage({ connection_sid: connectionSid, from, body, ref, media });
          files.current.delete(ref);
        } catch (error) {
          setPhone((current) => failSending(current, ref, error instanceof Error ? error.message : "Not sent."));
        }
      });
    },
    [connectionSid, from],
  );

  const send = useCallback((body: string) => attempt(newRef(), body), [attempt]);
  const sendFile = useCallback(
    (file: File) => {
      const ref = newRef();
      files.current.set(ref, file);
      attempt(ref, "");
    },
    [attempt],
  );
  return { phone, online, send, sendFile, retry: attempt };
}
