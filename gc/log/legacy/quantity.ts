// Parses numbers and sizes as a JVM of any locale prints them.

import { bytesBetween } from '../quantity.ts';

/** Before its separator, and behind it; bounds keep the work of patterns in hand. */
export const mostDigits = 15;

/** `0.0066741`, `0,0854230`, `1.0E-5`. For use in patterns. */
export const number = String.raw`\d{1,15}(?:[.,]\d{1,15})?(?:E-?\d{1,2})?`;

/** `136320K`, `51.0M`, `4982,3M`, `0.0B`. */
export const size = String.raw`\d{1,15}(?:[.,]\d{1,15})?[BKMGT]`;

/** @param text a size as above @returns whole bytes */
export const parseSize = (text: string): number => bytesBetween(text, 0, text.length);
