/** Files the customer sends: judged here for quick words, by the server for good. */

import type { FileRules } from "./deployment";
import { TOO_MANY_REQUESTS } from "./events";
import { fill, type Texts } from "./texts";
import type { Media } from "./timeline";

/** Why a file cannot be sent, in words for the customer; null: it can. */
export function refusalOf(file: { name: string; type: string; size: number }, rules: FileRules, texts: Texts): string | null {
  if (!rules.types.some((pattern) => matches(pattern, file.type))) return fill(texts.fileType, { name: file.name });
  if (file.size > rules.max_bytes) return fill(texts.fileSize, { name: file.name, size: sizeText(rules.max_bytes) });
  if (file.size === 0) return fill(texts.fileEmpty, { name: file.name });
  return null;
}

/** `image/*` or `application/pdf`; a type that the browser does not know is the server's to judge. */
function matches(pattern: string, type: string): boolean {
  if (!type) return true;
  return pattern.endsWith("/*") ? type.startsWith(pattern.slice(0, -1)) : pattern === type.toLowerCase();
}

export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / (1024 * 1024)).toFixed(1).replace(/\.0$/, "")} MB`;
}

export type Upload = { done: Promise<Media>; cancel: () => void };

/**
 * Send a file's bytes. `onProgress` gets 0 to 1. `done` fails with words for the customer.
 *
 * An XMLHttpRequest, because `fetch` does not tell how far an upload is.
 */
export function upload(server: string, token: string, file: File, texts: Texts, onProgress: (part: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<Media>((resolve, reject) => {
    request.open("POST", `${server}/webchat/v1/files?filename=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status === 201 && answer) return resolve(answer as unknown as Media);
      reject(new Error(request.status < 500 ? refusalByServer(file.name, answer, texts) : fill(texts.fileFailed, { name: file.name })));
    };
    request.onerror = () => reject(new Error(fill(texts.fileFailed, { name: file.name })));
    request.onabort = () => reject(new Error(""));
    request.send(file);
  });
  return { done, cancel: () => request.abort() };
}

/** What the server found when it looked into the file; its own words only for what the widget has none. */
function refusalByServer(name: string, answer: Record<string, unknown> | null, texts: Texts): string {
  const { reason, most } = (answer?.["details"] ?? {}) as { reason?: unknown; most?: unknown };
  if (answer?.["code"] === TOO_MANY_REQUESTS) return `${name}: ${texts.tooFast}`;
  if (reason === "type") return fill(texts.fileType, { name });
  if (reason === "size" && typeof most === "number") return fill(texts.fileSize, { name, size: sizeText(most) });
  return typeof answer?.["message"] === "string" ? `${name}: ${answer["message"]}` : fill(texts.fileFailed, { name });
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
