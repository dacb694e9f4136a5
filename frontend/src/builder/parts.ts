/** Going from part to part of the builder's screen by the keyboard: on the canvas Tab adds a widget, and leads nowhere. */

/** In the order of the screen; what floats over the canvas comes after it. */
const PARTS = ".topbar, .builder__left, .builder__canvas, .builder__canvas .tidied, .builder__canvas .traffic, .builder__canvas .find, .problems, .builder__inspector, .simulator";
const STOPS = "a[href], button:not(:disabled), input:not([type='hidden']):not(:disabled), textarea:not(:disabled), [tabindex='0'], [contenteditable='true']";

/** Put the focus on the first thing of the next part that is open, or of the one before; round and round. */
export function goToPart(step: 1 | -1): void {
  const parts = [...document.querySelectorAll<HTMLElement>(PARTS)];
  const at = parts.map((part) => part.contains(document.activeElement)).lastIndexOf(true);
  const next = parts.at(at < 0 && step < 0 ? -1 : (at + step) % parts.length);
  const stop = next?.matches(STOPS) ? next : next?.querySelector<HTMLElement>(STOPS);
  stop?.focus();
}
