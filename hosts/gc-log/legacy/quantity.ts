// How much is a number or a size as a JVM of any locale prints it?

/** `0.0066741`, `0,0854230`, `1.0E-5`. For use in patterns; the bounds keep their work in hand. */
export const number = String.raw`\d{1,15}(?:[.,]\d{1,15})?(?:E-?\d{1,2})?`;

/** `136320K`, `51.0M`, `4982,3M`, `0.0B`. */
export const size = String.raw`\d{1,15}(?:[.,]\d{1,15})?[BKMGT]`;

export function parseNumber(text: string): number {
  return Number(text.includes(',') ? text.replace(',', '.') : text);
}

const unitBytes: Record<string, number> = { B: 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** @param text a size as above @returns whole bytes */
export function parseSize(text: string): number {
  return Math.round(parseNumber(text.slice(0, -1)) * (unitBytes[text.slice(-1)] ?? 1));
}
