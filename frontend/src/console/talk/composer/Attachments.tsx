import { ActionIcon, Button, Progress, Text } from "@mantine/core";
import { IconFile, IconX } from "@tabler/icons-react";

import { sizeText } from "../../core/format";
import { shownAs } from "../../core/media";
import type { Attached } from "../../core/storage";
import type { Upload } from "./useUploads";

type Props = {
  media: readonly Attached[];
  uploads: readonly Upload[];
  onRemove: (sid: string) => void;
  onCancel: (id: number) => void;
  onRetry: (upload: Upload) => void;
};

/** The files that go with the message, and those that are still on their way. */
export function Attachments({ media, uploads, onRemove, onCancel, onRetry }: Props) {
  if (!media.length && !uploads.length) return null;
  return (
    <ul className="files" aria-label="Attachments">
      {media.map((file) => (
        <li key={file.sid} className="files__one">
          {shownAs(file) === "image" ? <img src={file.url} alt="" /> : <IconFile size={22} stroke={1.5} aria-hidden />}
          <span className="files__name">
            <span className="clip">{file.filename || "File"}</span>
            <small>{sizeText(file.size)}</small>
          </span>
          <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${file.filename}`} onClick={() => onRemove(file.sid)}>
            <IconX size={16} />
          </ActionIcon>
        </li>
      ))}
      {uploads.map((upload) => (
        <li key={upload.id} className={`files__one ${upload.failure ? "files__one--bad" : ""}`}>
          <IconFile size={22} stroke={1.5} aria-hidden />
          <span className="files__name">
            <span className="clip">{upload.file.name}</span>
            {upload.failure ? (
              <Text component="small" role="alert" className="files__failure">
                {upload.failure}
              </Text>
            ) : (
              <Progress value={upload.part * 100} size="sm" aria-label={`Sending ${upload.file.name}`} />
            )}
          </span>
          {upload.failure && upload.file.size > 0 && (
            <Button size="compact-xs" variant="default" onClick={() => onRetry(upload)}>
              Again
            </Button>
          )}
          <ActionIcon variant="subtle" color="gray" aria-label={`Leave out ${upload.file.name}`} onClick={() => onCancel(upload.id)}>
            <IconX size={16} />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}
