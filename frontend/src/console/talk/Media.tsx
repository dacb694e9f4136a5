import "../styles/media.css";

import { IconFile, IconFileOff, IconLoader } from "@tabler/icons-react";

import { sizeText } from "../core/format";
import { shownAs, urlOf, type Medium } from "../core/media";

export type OpenMedia = (medium: Medium) => void;

/** What was sent with a message: pictures small, sound and films to be played, files to be saved. */
export function Media({ media, onOpen }: { media: readonly Medium[]; onOpen?: OpenMedia }) {
  return media.map((medium, at) => <One key={`${medium.url} ${at}`} medium={medium} onOpen={onOpen} />);
}

function One({ medium, onOpen }: { medium: Medium; onOpen?: OpenMedia }) {
  const url = urlOf(medium);
  const kind = shownAs(medium);
  const name = medium.filename || { image: "Picture", audio: "Sound", video: "Film", file: "File" }[kind];
  if (!url) {
    const pending = medium.state === "pending";
    return (
      <div className="attachment attachment--none">
        {pending ? <IconLoader size={18} stroke={1.6} aria-hidden /> : <IconFileOff size={18} stroke={1.6} aria-hidden />}
        <span>{pending ? `${name} is being fetched` : medium.state === "failed" ? `${name} could not be fetched from the provider` : `${name} has no web address`}</span>
      </div>
    );
  }
  if (kind === "image") {
    const picture = <img src={url} alt={name} loading="lazy" />;
    return onOpen ? (
      <button type="button" className="picture" aria-label={`Open ${name}`} onClick={() => onOpen(medium)}>
        {picture}
      </button>
    ) : (
      <span className="picture">{picture}</span>
    );
  }
  if (kind === "audio") {
    return (
      // What a customer says on the phone has no captions.
      // eslint-disable-next-line jsx-a11y/media-has-caption
      <audio className="sound" controls preload="metadata" src={url} aria-label={name} />
    );
  }
  if (kind === "video") {
    return (
      // eslint-disable-next-line jsx-a11y/media-has-caption
      <video className="film" controls preload="metadata" src={url} aria-label={name} />
    );
  }
  return (
    <a className="attachment" href={url} target="_blank" rel="noreferrer" download={medium.filename || true}>
      <IconFile size={20} stroke={1.6} aria-hidden />
      <span className="attachment__name">
        <span className="clip">{name}</span>
        {medium.size ? <small>{sizeText(medium.size)}</small> : null}
      </span>
    </a>
  );
}
