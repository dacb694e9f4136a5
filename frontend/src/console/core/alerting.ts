/** How an agent wants to hear of things: by kind, how loud, and what a notification may show. Pure. */

export type AlertKind = "offer" | "message" | "note" | "missed";
export const KINDS: readonly { kind: AlertKind; label: string }[] = [
  { kind: "offer", label: "A task is offered" },
  { kind: "message", label: "A customer writes" },
  { kind: "note", label: "A colleague notes or whispers" },
  { kind: "missed", label: "An offer was missed" },
];

export type Alerts = {
  /** 0 to 100. */
  volume: number;
  /** Ring until the offer is answered, and not once. */
  repeat: boolean;
  sound: Record<AlertKind, boolean>;
  desktop: Record<AlertKind, boolean>;
};

export const defaultAlerts: Alerts = {
  volume: 60,
  repeat: true,
  sound: { offer: true, message: true, note: true, missed: true },
  desktop: { offer: true, message: true, note: true, missed: true },
};

/** What a user has stored, with the defaults for what they have not, or what cannot be read. */
export function readAlerts(stored: unknown): Alerts {
  const given = (typeof stored === "object" && stored ? stored : {}) as Partial<Record<keyof Alerts, unknown>>;
  const switches = (value: unknown, defaults: Record<AlertKind, boolean>) => {
    const own = (typeof value === "object" && value ? value : {}) as Partial<Record<AlertKind, unknown>>;
    return Object.fromEntries(KINDS.map(({ kind }) => [kind, typeof own[kind] === "boolean" ? own[kind] : defaults[kind]])) as Record<AlertKind, boolean>;
  };
  const volume = typeof given.volume === "number" && Number.isFinite(given.volume) ? Math.min(Math.max(given.volume, 0), 100) : defaultAlerts.volume;
  return {
    volume,
    repeat: typeof given.repeat === "boolean" ? given.repeat : defaultAlerts.repeat,
    sound: switches(given.sound, defaultAlerts.sound),
    desktop: switches(given.desktop, defaultAlerts.desktop),
  };
}
