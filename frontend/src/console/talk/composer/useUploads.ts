/** Files on their way to the server. */
import { useEffect, useRef, useState } from "react";

import { uploadTo, type Uploading } from "../../api/uploads";
import type { Attached } from "../../core/storage";
import { sizeText } from "../../core/format";

export type Upload = { id: number; file: File; part: number; failure: string | null };

type Bounds = { most: number; mostBytes: number };

/** `onDone` hears of each file that arrived. */
export function useUploads(conversationSid: string, onDone: (file: Attached) => void) {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const running = useRef(new Map<number, Uploading>());
  const next = useRef(0);
  const done = useRef(onDone);
  useEffect(() => {
    done.current = onDone;
  });
  useEffect(() => {
    const all = running.current;
    return () => all.forEach(({ cancel }) => cancel());
  }, []);

  const change = (id: number, part: Partial<Upload>) =>
    setUploads((before) => before.map((upload) => (upload.id === id ? { ...upload, ...part } : upload)));
  const remove = (id: number) => {
    running.current.get(id)?.cancel();
    running.current.delete(id);
    setUploads((before) => before.filter((upload) => upload.id !== id));
  };
  const start = (id: number, file: File) => {
    change(id, { failure: null, part: 0 });
    const uploading = uploadTo(conversationSid, file, (part) => change(id, { part }));
    running.current.set(id, uploading);
    uploading.done
      .then((medium) => {
        remove(id);
        const { sid, url, filename, content_type, size } = medium;
        if (sid) done.current({ sid, url, filename: filename || file.name, content_type, size: size ?? file.size });
      })
      .catch((error: unknown) => {
        if (error instanceof DOMException && error.name === "AbortError") return;
        change(id, { failure: error instanceof Error ? error.message : "Try again." });
      });
  };

  return {
    uploads,
    remove,
    retry: ({ id, file }: Upload) => start(id, file),
    /** Begin with these files; `held` are there already. */
    add: (files: readonly File[], held: number, { most, mostBytes }: Bounds) => {
      for (const [at, file] of files.entries()) {
        const id = (next.current += 1);
        const refusal = held + uploads.length + at >= most
          ? `A message takes ${most} file${most === 1 ? "" : "s"} here`
          : file.size > mostBytes
            ? `${sizeText(file.size)}: the channel takes ${sizeText(mostBytes)}`
            : file.size === 0 ? "The file is empty" : null;
        setUploads((before) => [...before, { id, file, part: 0, failure: refusal }]);
        if (!refusal) start(id, file);
      }
    },
  };
}
