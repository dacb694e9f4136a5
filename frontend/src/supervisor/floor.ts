/**
 * The supervisor's ear: the socket says that something on the floor is different, and what is on screen is read anew.
 *
 * The socket is a hint: every list is read again now and then besides, and at once when the socket is back.
 */
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { Connection } from "../../webchat/src/connection";

const PING_EVERY_MS = 25_000;

/** What a hint makes old, by the second part of the queries' keys. */
const OUTDATED: Record<string, readonly string[]> = {
  help: ["help", "wallboard", "chats", "watching"],
  watchers: ["chats", "watching"],
  work: ["wallboard", "agents", "chats", "watching"],
};
const EVERYTHING = ["help", "wallboard", "agents", "chats", "watching", "talk", "conversation"];

export class Floor {
  private connection: Connection | null = null;
  private client: QueryClient | null = null;
  private readonly watched = new Map<string, number>();
  private ping: ReturnType<typeof setInterval> | undefined;

  open(client: QueryClient, Socket?: typeof WebSocket): void {
    this.client = client;
    this.connection = new Connection({
      WebSocket: Socket,
      url: () => `${window.location.origin.replace(/^http/, "ws")}/ws/console/`,
      onEvent: (event) => this.hear(event),
      onStatus: (status) => {
        if (status !== "open") return;
        this.send({ type: "watch_floor" });
        for (const sid of this.watched.keys()) this.send({ type: "watch", conversation_sid: sid });
        this.reread(EVERYTHING);
      },
      // The session ended: the next reading says so, and the shell asks for the password.
      onRefused: () => undefined,
    });
    this.connection.open();
    this.ping = setInterval(() => this.send({ type: "ping" }), PING_EVERY_MS);
  }

  close(): void {
    clearInterval(this.ping);
    this.connection?.close();
    this.connection = null;
  }

  /** Hear what is said in a conversation, until the answer is called. */
  watch(sid: string): () => void {
    const looks = this.watched.get(sid) ?? 0;
    this.watched.set(sid, looks + 1);
    if (looks === 0) this.send({ type: "watch", conversation_sid: sid });
    return () => {
      const left = (this.watched.get(sid) ?? 1) - 1;
      if (left > 0) {
        this.watched.set(sid, left);
        return;
      }
      this.watched.delete(sid);
      this.send({ type: "unwatch", conversation_sid: sid });
    };
  }

  private send(value: Record<string, unknown>): void {
    // Without a socket there is nobody to tell; it is told when one opens.
    this.connection?.send(value);
  }

  private hear(event: Record<string, unknown>): void {
    switch (event["type"]) {
      case "floor":
        return this.reread(OUTDATED[String(event["what"])] ?? EVERYTHING);
      case "message":
      case "internal":
        return this.reread(["talk"], event["conversation_sid"]);
      case "conversation":
        return this.reread(["talk", "conversation", "watching"], event["conversation_sid"]);
    }
  }

  private reread(names: readonly string[], of?: unknown): void {
    void this.client?.invalidateQueries({
      predicate: ({ queryKey: [part, name, subject] }) => part === "supervisor" && names.includes(String(name)) && (of === undefined || subject === of),
    });
  }
}

const floor = new Floor();

/** Hear of the floor while this is mounted; once, in the shell. */
export function useFloor(): void {
  const client = useQueryClient();
  useEffect(() => {
    floor.open(client);
    return () => floor.close();
  }, [client]);
}

/** Hear what is said in a conversation while this is mounted. */
export function useTalkOf(sid: string): void {
  useEffect(() => floor.watch(sid), [sid]);
}
