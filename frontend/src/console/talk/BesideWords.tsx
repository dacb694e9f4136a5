import "../styles/media.css";

import { IconHandClick, IconMapPin, IconMessageOff } from "@tabler/icons-react";

import type { Message } from "../../api/types";

/** What stands beside a message's words: offered answers; a place, a tapped button, or something that cannot be shown here. */
export function BesideWords({ message }: { message: Message }) {
  const { place, button, unshown, quick_replies: offered } = message;
  return (
    <>
      {place && <Place {...place} />}
      {button && (
        <div className="tapped">
          <IconHandClick size={14} stroke={1.7} aria-hidden /> tapped
        </div>
      )}
      {offered && offered.length > 0 && (
        <ul className="offered" aria-label="Offered answers">
          {offered.map(({ title, payload }) => (
            <li key={payload} className="offered__one" title={title} dir="auto">
              {title}
            </li>
          ))}
        </ul>
      )}
      {unshown && (
        <div className="attachment attachment--none">
          <IconMessageOff size={18} stroke={1.6} aria-hidden />
          <span>{unshown === "unknown" ? "A message without text" : `A message of the kind “${unshown}”, which cannot be shown here`}</span>
        </div>
      )}
    </>
  );
}

/** A place on the map of everybody; the map opens elsewhere, so nothing is loaded from there before somebody wants it. */
function Place({ latitude, longitude, name, address }: NonNullable<Message["place"]>) {
  const at = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  return (
    <a
      className="attachment"
      href={`https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`}
      target="_blank"
      rel="noreferrer"
      aria-label={`Show ${name || address || at} on a map`}
    >
      <IconMapPin size={20} stroke={1.6} aria-hidden />
      <span className="attachment__name">
        <span className="clip">{name || address || at}</span>
        <small>{[name && address, (name || address) && at].filter(Boolean).join(" · ") || "Location"}</small>
      </span>
    </a>
  );
}
