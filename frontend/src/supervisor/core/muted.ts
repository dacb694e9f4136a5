/** Whether this browser's supervisor wants no alerts; the list on the wallboard stays. */
const KEY = "flowdesk.help-muted";

export function isMuted(): boolean {
  try {
    return localStorage.getItem(KEY) === "yes";
  } catch {
    return false;
  }
}

export function setMuted(muted: boolean): void {
  try {
    localStorage.setItem(KEY, muted ? "yes" : "no");
  } catch {
    // Private windows may refuse: alerts stay on.
  }
}
