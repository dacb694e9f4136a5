/** What can be shown of a file, by the type that the server found in its bytes. */
import { safeUrl } from "../../../webchat/src/links";
import type { Message } from "../../api/types";

export type Medium = Message["media"][number];
export type Shown = "image" | "audio" | "video" | "file";

export function shownAs({ content_type }: Pick<Medium, "content_type">): Shown {
  if (/^image\/(png|jpe?g|gif|webp)$/i.test(content_type)) return "image";
  if (/^audio\//i.test(content_type)) return "audio";
  if (/^video\/(mp4|webm|3gpp)$/i.test(content_type)) return "video";
  return "file";
}

/** The address of a file that is there, or null. */
export function urlOf(medium: Medium): string | null {
  return medium.state === "pending" || medium.state === "failed" ? null : safeUrl(medium.url, window.location.origin);
}

/** The pictures and films of a conversation, in order: what the viewer pages through. */
export function viewable(messages: readonly { media: Message["media"] }[]): Medium[] {
  return messages.flatMap(({ media }) => media).filter((medium) => ["image", "video"].includes(shownAs(medium)) && urlOf(medium));
}
