/** Uploading files with progress, which `fetch` does not tell. */
import { ApiError, csrfToken } from "../../api/client";
import type { Message } from "../../api/types";

export type Uploading = { done: Promise<Message["media"][number]>; cancel: () => void };

/** Keep a file for a message of a conversation; `onProgress` hears the part that is sent, from 0 to 1. */
export function upload(path: string, file: File, onProgress: (part: number) => void): Uploading {
  const request = new XMLHttpRequest();
  const done = new Promise<Message["media"][number]>((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () => {
      const answer = parsed(request.responseText);
      if (request.status === 201) resolve(answer as Message["media"][number]);
      else reject(new ApiError(0, messageOf(answer, request.status), request.status));
    };
    request.onerror = () => reject(new ApiError(0, "The server cannot be reached.", 0));
    request.onabort = () => reject(new DOMException("Cancelled", "AbortError"));
  });
  request.open("POST", `/app/v1/${path}?filename=${encodeURIComponent(file.name || "file")}`);
  request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.send(file);
  return { done, cancel: () => request.abort() };
}

export const uploadTo = (conversationSid: string, file: File, onProgress: (part: number) => void) =>
  upload(`conversations/${conversationSid}/media`, file, onProgress);

function messageOf(answer: unknown, status: number): string {
  const message = typeof answer === "object" && answer && "message" in answer ? answer.message : null;
  if (typeof message === "string") return message;
  return status === 413 ? "The file is too large." : `The server refused the file (${status}).`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
