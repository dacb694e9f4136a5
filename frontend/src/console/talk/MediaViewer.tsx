import "../styles/media.css";

import { ActionIcon, Modal, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight, IconDownload, IconX, IconZoomIn, IconZoomOut } from "@tabler/icons-react";
import { useState, type KeyboardEvent } from "react";

import { shownAs, urlOf, type Medium } from "../core/media";

const LARGEST = 5;

type Props = { media: readonly Medium[]; opened: Medium | null; onClose: () => void };

/** Pictures and films of a conversation, large: arrows page, + and - zoom, Escape closes. */
export function MediaViewer({ media, opened, onClose }: Props) {
  return (
    <Modal.Root opened={opened !== null} onClose={onClose} fullScreen padding={0}>
      <Modal.Overlay />
      <Modal.Content className="viewer" aria-label="Media viewer">
        <Modal.Body className="viewer__body">{opened && <Viewer key={opened.url} media={media} first={opened} onClose={onClose} />}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Viewer({ media, first, onClose }: { media: readonly Medium[]; first: Medium; onClose: () => void }) {
  const found = media.findIndex(({ url }) => url === first.url);
  const all = found < 0 ? [first] : media;
  const [at, setAt] = useState(Math.max(found, 0));
  const [zoom, setZoom] = useState(1);
  const medium = all[at] ?? first;
  const url = urlOf(medium) ?? "";
  const name = medium.filename || "Picture";

  const go = (steps: number) => {
    setZoom(1);
    setAt((before) => Math.min(Math.max(before + steps, 0), all.length - 1));
  };
  const enlarge = (by: number) => setZoom((before) => Math.min(Math.max(before * by, 1), LARGEST));
  const pressed = (event: KeyboardEvent) => {
    const act = {
      ArrowLeft: () => go(-1), ArrowRight: () => go(1), "+": () => enlarge(1.5), "=": () => enlarge(1.5), "-": () => enlarge(1 / 1.5), "0": () => setZoom(1),
    }[event.key];
    // The player's own arrows move the film.
    if (!act || (event.target instanceof HTMLVideoElement && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    act();
  };

  return (
    // The dialog has the focus; keys pressed anywhere in it are the viewer's.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className="viewer__frame" onKeyDown={pressed}>
      <header className="viewer__head">
        <Text className="clip" fw={600}>
          {name}
        </Text>
        <Text size="sm" role="status" className="viewer__count">
          {at + 1} of {all.length}
        </Text>
        <ActionIcon variant="subtle" color="gray" size={38} aria-label="Smaller" disabled={zoom <= 1} onClick={() => enlarge(1 / 1.5)}>
          <IconZoomOut size={20} />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" size={38} aria-label="Larger" disabled={zoom >= LARGEST} onClick={() => enlarge(1.5)}>
          <IconZoomIn size={20} />
        </ActionIcon>
        <ActionIcon component="a" href={url} download={medium.filename || true} variant="subtle" color="gray" size={38} aria-label="Save">
          <IconDownload size={20} />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" size={38} aria-label="Close" data-autofocus onClick={onClose}>
          <IconX size={22} />
        </ActionIcon>
      </header>
      <div className="viewer__stage" onWheel={(event) => enlarge(event.deltaY < 0 ? 1.15 : 1 / 1.15)}>
        {shownAs(medium) === "video" ? (
          // eslint-disable-next-line jsx-a11y/media-has-caption
          <video controls src={url} aria-label={name} />
        ) : (
          <img src={url} alt={name} style={{ transform: zoom === 1 ? undefined : `scale(${zoom})` }} />
        )}
      </div>
      {at > 0 && (
        <ActionIcon className="viewer__previous" variant="default" size={46} radius="xl" aria-label="Previous" onClick={() => go(-1)}>
          <IconChevronLeft size={26} />
        </ActionIcon>
      )}
      {at < all.length - 1 && (
        <ActionIcon className="viewer__next" variant="default" size={46} radius="xl" aria-label="Next" onClick={() => go(1)}>
          <IconChevronRight size={26} />
        </ActionIcon>
      )}
    </div>
  );
}
