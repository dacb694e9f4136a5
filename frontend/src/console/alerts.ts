/** What reaches an agent who looks elsewhere: a short sound, a desktop notification, the tab's title. */
import type { AlertKind } from "./core/alerting";

/** Two notes up for an offer, one soft note for a message …: frequency in Hz, start in s. */
const NOTES: Record<AlertKind, readonly (readonly [number, number])[]> = {
  offer: [[660, 0], [880, 0.16], [660, 0.5], [880, 0.66]],
  message: [[740, 0]],
  note: [[520, 0], [620, 0.12]],
  missed: [[520, 0], [390, 0.2]],
};

const LOUDEST = 0.3;

let audio: AudioContext | null = null;
const waiting = new Set<() => void>();

/** Browsers allow sound only after the first click or key: open it then. Returns a function that stops waiting. */
export function unlockSound(): () => void {
  const unlock = () => {
    stop();
    if (typeof AudioContext === "undefined") return;
    audio ??= new AudioContext();
    void audio.resume().then(() => waiting.forEach((tell) => tell()));
  };
  const stop = () => {
    window.removeEventListener("pointerdown", unlock);
    window.removeEventListener("keydown", unlock);
  };
  window.addEventListener("pointerdown", unlock);
  window.addEventListener("keydown", unlock);
  return stop;
}

/** Whether a sound would be heard now. */
export const soundIsUnlocked = (): boolean => audio?.state === "running";

/** Call `listener` when sound becomes possible. */
export function onSoundUnlocked(listener: () => void): () => void {
  waiting.add(listener);
  return () => void waiting.delete(listener);
}

/** Play a sound, `volume` from 0 to 100; silent until the first click. */
export function play(kind: AlertKind, volume: number): void {
  if (audio?.state !== "running" || volume <= 0) return;
  // Loudness is felt by its square.
  const peak = Math.max(LOUDEST * (volume / 100) ** 2, 0.002);
  for (const [frequency, start] of NOTES[kind]) {
    const at = audio.currentTime + start;
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.type = "sine";
    tone.frequency.value = frequency;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(peak, at + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.001, at + 0.28);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.3);
  }
}

/** `granted`, `denied`, `default` (not asked yet), or `unsupported`. */
export function notificationPermission(): NotificationPermission | "unsupported" {
  return typeof Notification === "undefined" ? "unsupported" : Notification.permission;
}

/** Show a desktop notification while the page is in the background. The same `tag` replaces: two tabs show one. */
export function notify(title: string, body: string, tag: string, onClick: () => void): void {
  if (notificationPermission() !== "granted" || document.hasFocus()) return;
  try {
    const notification = new Notification(title, { body, tag });
    notification.onclick = () => {
      window.focus();
      notification.close();
      onClick();
    };
  } catch {
    // Some mobile browsers have the class but allow it to service workers only.
  }
}

/**
 * Only one of several tabs rings: the one that holds the lock. Where locks do not exist every tab rings.
 * Returns whether this tab rings, and a function that gives the lock back.
 */
export function claimBell(): { rings: () => boolean; release: () => void } {
  if (!navigator.locks) return { rings: () => true, release: () => undefined };
  let held = false;
  let release: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    release = resolve;
  });
  void navigator.locks.request("flowdesk.console.bell", () => {
    held = true;
    return ended;
  });
  return {
    rings: () => held,
    release: () => {
      held = false;
      release();
    },
  };
}
