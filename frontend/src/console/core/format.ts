/** Times and lengths in words an agent reads at a glance. */

/** `0:07`, `12:40`, `3:05:00`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3_600);
  const two = (value: number) => String(value).padStart(2, "0");
  const rest = `${Math.floor((whole % 3_600) / 60)}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest.padStart(5, "0")}` : rest;
}

/** `now`, `4 min`, `2 h 10 min`, `3 d`: for places that must not flicker every second. */
export function spanText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d`;
}

export function timeText(iso: string): string {
  return new Date(iso).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}

/** `Jan 5, 2026, 11:04 AM` as the browser writes it. */
export function momentText(moment: string | number): string {
  return new Date(moment).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

/** `Today`, `Yesterday`, or the date. `now` in ms. */
export function dayText(iso: string, now: number): string {
  const day = new Date(iso);
  const daysAgo = (days: number) => {
    const other = new Date(now);
    other.setDate(other.getDate() - days);
    return other.toDateString() === day.toDateString();
  };
  if (daysAgo(0)) return "Today";
  if (daysAgo(1)) return "Yesterday";
  const sameYear = new Date(now).getFullYear() === day.getFullYear();
  return day.toLocaleDateString([], {
    weekday: "long", day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }),
  });
}

const CHANNELS: Record<string, string> = {
  chat: "Web chat", sms: "SMS", whatsapp: "WhatsApp", messenger: "Messenger", gbm: "Business Messages", rcs: "RCS", voice: "Voice",
};

export function channelName(channel: string): string {
  return CHANNELS[channel] ?? (channel ? channel.charAt(0).toUpperCase() + channel.slice(1) : "Task");
}

/** `3.4 MB`, `120 KB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const kilobytes = bytes / 1_000;
  return kilobytes < 1_000 ? `${Math.round(kilobytes)} KB` : `${(kilobytes / 1_000).toFixed(1)} MB`;
}
