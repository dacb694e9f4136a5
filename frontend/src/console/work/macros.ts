/** Macros: canned replies that do more than say something. What a run does, and how each step is told. */
import type { CannedReply, Step } from "../../api/console-types";
import { contacts } from "../../contacts/api";
import { requests } from "../api/requests";
import { work } from "./api";
import { wakeAt } from "./core";

export type Run = { reservationSid: string; conversationSid: string; reply: CannedReply; body: string; steps: readonly Step[]; seenIndex: number | undefined };

/** One thing to do, and the words for it. `ref` makes that a second try does it no second time. */
export type Task = { label: string; detail: string; go: (run: Run, ref: string) => Promise<unknown> };

export const WAKES = { reply: "until the customer writes", hour: "for an hour at most", hours: "for three hours at most", tomorrow: "until tomorrow at 9:00 at most" };

/** What a run does, one after the other: the message first, then the steps. */
export function tasksOf({ reply, body, steps }: { reply: Pick<CannedReply, "media">; body: string; steps: readonly Step[] }): Task[] {
  const says = body.trim() !== "" || reply.media.length > 0;
  return [...(says ? [sending(reply.media.length)] : []), ...steps.map(taskOf)];
}

function sending(files: number): Task {
  return {
    label: "Send the message",
    detail: files ? `with ${files} file${files === 1 ? "" : "s"}` : "",
    go: async ({ conversationSid, body, reply }, ref) => {
      const media = files ? await requests.copyReplyMedia(conversationSid, reply.sid) : [];
      return requests.sendMessage(conversationSid, { client_ref: ref, body: body.trim(), media: media.flatMap(({ sid }) => sid ?? []) });
    },
  };
}

function taskOf(step: Step): Task {
  switch (step.do) {
    case "note":
      return {
        label: "Write a note for colleagues", detail: step.text,
        go: ({ conversationSid }, ref) => requests.sendNote(conversationSid, { client_ref: ref, body: step.text, media: [] }),
      };
    case "set":
      return { label: `Set ${step.name}`, detail: step.value, go: ({ conversationSid }) => setAttribute(conversationSid, step.name, step.value) };
    case "park":
      return {
        label: "Park", detail: WAKES[step.wake],
        go: ({ reservationSid, seenIndex }) => {
          const at = wakeAt(step.wake, "", new Date());
          return work.park(reservationSid, { wake_to: "agent", note: "", ...(at ? { wake_at: at } : {}), ...(seenIndex === undefined ? {} : { seen_index: seenIndex }) });
        },
      };
    case "end":
      return { label: "End the conversation", detail: "then you wrap up", go: ({ reservationSid }) => work.end(reservationSid, false) };
  }
}

async function setAttribute(conversationSid: string, name: string, value: string): Promise<unknown> {
  const { contact } = await contacts.customer(conversationSid);
  if (!contact) throw new Error("The customer is not among the contacts yet.");
  return contacts.update(contact.sid, { attributes: { ...contact.attributes, [name]: value } });
}

/** The texts of a step with its variables filled in. */
export function filledStep(step: Step, fill: (text: string) => string): Step {
  if (step.do === "note") return { ...step, text: fill(step.text) };
  return step.do === "set" ? { ...step, value: fill(step.value) } : step;
}

/** What still stands in braces in a run's texts. */
export function textsOf(body: string, steps: readonly Step[]): string {
  return [body, ...steps.map((step) => (step.do === "note" ? step.text : step.do === "set" ? step.value : ""))].join("\n");
}
