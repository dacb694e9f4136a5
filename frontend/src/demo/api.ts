/** The demo's own calls (docs/contracts.md §8); they need no log-in. */

import type { PhoneMessage } from "./core/phone";

export type Setup = {
  deployment_key: string;
  phones: { connection_sid: string; type: string; address: string }[];
};

async function answerOf<T>(request: Promise<Response>): Promise<T> {
  let response: Response;
  try {
    response = await request;
  } catch {
    throw new Error("The server cannot be reached.");
  }
  const data: unknown = await response.json().catch(() => null);
  if (response.ok) return data as T;
  const message = data && typeof data === "object" && "message" in data ? String(data.message) : null;
  throw new Error(message ?? `The server refused the request (${response.status}).`);
}

export const readSetup = () => answerOf<Setup>(fetch("/demo/api/setup"));

/** What the shop's server would sign of its customer. */
export const readIdentity = () => answerOf<{ token: string }>(fetch("/demo/api/identity"));

export async function readMessages(query: { connection_sid: string; from: string; after: string }): Promise<PhoneMessage[]> {
  const search = new URLSearchParams(query.after ? query : { connection_sid: query.connection_sid, from: query.from });
  const answer = await answerOf<{ messages: PhoneMessage[] }>(fetch(`/demo/api/phone?${search}`));
  return answer.messages.map((message) => ({ ...message, id: String(message.id) }));
}

/** Send as the customer; the same `ref` again stores nothing new. */
export const sendMessage = (message: { connection_sid: string; from: string; body: string; ref: string; media: string[] }) =>
  answerOf<unknown>(
    fetch("/demo/api/phone", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(message),
    }),
  );

/** Keep a file for the next message; returns its SID. */
export async function uploadFile(phone: { connection_sid: string; from: string }, file: File): Promise<string> {
  const search = new URLSearchParams({ ...phone, filename: file.name });
  const headers = { "Content-Type": file.type || "application/octet-stream" };
  const kept = await answerOf<{ sid: string }>(fetch(`/demo/api/phone/media?${search}`, { method: "POST", headers, body: file }));
  return kept.sid;
}
