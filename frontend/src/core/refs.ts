/** A name for what is sent, so that sent again it is known: 128 random bits. Pages on plain http have no `randomUUID`. */
export function newRef(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
