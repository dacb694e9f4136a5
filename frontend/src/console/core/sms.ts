/** How many SMS a text is: GSM-7 or UCS-2, and how many parts of it (3GPP TS 23.038, as the server counts). */

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€");

export type Segments = { encoding: "GSM-7" | "UCS-2"; units: number; count: number; /** Units left in the last part. */ left: number; /** What makes it UCS-2. */ culprit: string | null };

export function segmentsOf(text: string): Segments {
  const characters = [...text];
  const culprit = characters.find((character) => !BASIC.has(character) && !EXTENDED.has(character)) ?? null;
  const widths = characters.map((character) =>
    culprit === null ? (EXTENDED.has(character) ? 2 : 1) : (character.codePointAt(0) ?? 0) > 0xffff ? 2 : 1,
  );
  const [alone, part] = culprit === null ? [160, 153] : [70, 67];
  const units = widths.reduce((sum, width) => sum + width, 0);
  const encoding = culprit === null ? "GSM-7" : "UCS-2";
  if (units <= alone) return { encoding, units, count: 1, left: alone - units, culprit };
  let [count, used] = [1, 0];
  for (const width of widths) {
    // A character of two units is never cut between two parts.
    if (used + width > part) [count, used] = [count + 1, 0];
    used += width;
  }
  return { encoding, units, count, left: part - used, culprit };
}
