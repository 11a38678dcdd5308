// Parses heap sizes of a record: `46468K->9320K(83008K)`, `46468K(83008K)->9320K(83008K)`, `46468K(83008K)`.

import type { HeapChange } from '../gc-event.ts';
import { bytesBetween, digitsStart, sizeEnd } from '../quantity.ts';
import { mostDigits } from './quantity.ts';

/** @returns the first change in the text */
export function changeIn(text: string): HeapChange | undefined {
  for (let arrow = text.indexOf('->'); arrow !== -1; arrow = text.indexOf('->', arrow + 2)) {
    const beforeEnd = text.charCodeAt(arrow - 1) === closeBracket ? bracketStart(text, arrow) : arrow;
    const before = beforeEnd === undefined ? undefined : sizeStart(text, beforeEnd);
    const afterEnd = before === undefined ? undefined : sizeEnd(text, arrow + 2, mostDigits);
    const committedEnd = afterEnd === undefined ? undefined : bracketEnd(text, afterEnd);
    if (beforeEnd === undefined || before === undefined || afterEnd === undefined || committedEnd === undefined)
      continue;
    return {
      beforeBytes: bytesBetween(text, before, beforeEnd),
      afterBytes: bytesBetween(text, arrow + 2, afterEnd),
      committedBytes: bytesBetween(text, afterEnd + 1, committedEnd),
    };
  }
  return undefined;
}

/** A pause that frees nothing prints only the occupancy. @returns the first such size in the text */
export function occupancyIn(text: string): HeapChange | undefined {
  for (let open = text.indexOf('('); open !== -1; open = text.indexOf('(', open + 1)) {
    const used = sizeStart(text, open);
    const committedEnd = used === undefined ? undefined : bracketEnd(text, open);
    if (used === undefined || committedEnd === undefined) continue;
    const bytes = bytesBetween(text, used, open);
    return { beforeBytes: bytes, afterBytes: bytes, committedBytes: bytesBetween(text, open + 1, committedEnd) };
  }
  return undefined;
}

const openBracket = 40;
const closeBracket = 41;

/** @param open index of the opening bracket of `(83008K)`. @returns index of its closing bracket */
function bracketEnd(text: string, open: number): number | undefined {
  if (text.charCodeAt(open) !== openBracket) return undefined;
  const end = sizeEnd(text, open + 1, mostDigits);
  return end !== undefined && text.charCodeAt(end) === closeBracket ? end : undefined;
}

/** @param to index after the closing bracket of `(83008K)`. @returns index of its opening bracket */
function bracketStart(text: string, to: number): number | undefined {
  const open = text.lastIndexOf('(', to - 1);
  return open !== -1 && bracketEnd(text, open) === to - 1 ? open : undefined;
}

/** @param to index after the unit. @returns start of the size, undefined if no size ends there */
function sizeStart(text: string, to: number): number | undefined {
  const last = digitsStart(text, to - 1, mostDigits);
  if (last === to - 1) return undefined;
  const separator = text.charAt(last - 1);
  const whole = separator === '.' || separator === ',' ? digitsStart(text, last - 1, mostDigits) : last - 1;
  const from = whole === last - 1 ? last : whole;
  return sizeEnd(text, from, mostDigits) === to ? from : undefined;
}
