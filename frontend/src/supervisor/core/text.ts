/** How figures are written. Pure. */

/** `0:45`, `12:03`, `1:02:03`, `9 d 4 h`: a running time that does not jump in width. */
export function clock(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours >= 24) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  const two = (value: number) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

export function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : `${Math.round(value)} %`;
}

export function secondsSince(time: string, now: number): number {
  return Math.max(0, Math.floor((now - new Date(time).getTime()) / 1000));
}

export const STATE_NAMES = { good: "within its goal", warning: "warning", alarm: "alarm", "": "" } as const;
