// Parses numbers and sizes as a JVM of any locale prints them.

import { bytesBetween } from '../quantity.ts';

/** Maximum digits before and after the separator; limits the work of patterns. */
export const mostDigits = 15;

/** Pattern for `0.0066741`, `0,0854230`, `1.0E-5`. */
export const number = String.raw`\d{1,15}(?:[.,]\d{1,15})?(?:E-?\d{1,2})?`;

/** Pattern for `136320K`, `51.0M`, `4982,3M`, `0.0B`. */
export const size = String.raw`\d{1,15}(?:[.,]\d{1,15})?[BKMGT]`;

/** @param text a size that matches the pattern @returns whole bytes */
export const parseSize = (text: string): number => bytesBetween(text, 0, text.length);
