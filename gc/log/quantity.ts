// Parses numbers in place, because regular expressions would allocate a string for each.

const zero = 48;
const nine = 57;
const dot = 46;
const comma = 44;

const powersOfTen = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/**
 * Parses a decimal number with point or comma.
 *
 * Fifteen digits are an integer below 2^53, and so is a power of ten: one division rounds as `Number` does (Clinger
 * 1990).
 *
 * @returns the same as `Number` of `text` from `from` to `to`
 */
export function decimal(text: string, from = 0, to = text.length): number {
  let digits = 0;
  let point = -1;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code >= zero && code <= nine) digits = digits * 10 + code - zero;
    else if (point === -1 && (code === dot || code === comma)) point = at;
    else return numberOf(text.slice(from, to));
  }
  const count = to - from - (point === -1 ? 0 : 1);
  if (count < 1 || count > 15) return numberOf(text.slice(from, to));
  return point === -1 ? digits : digits / (powersOfTen[to - point - 1] as number);
}

function numberOf(text: string): number {
  const value = Number(text);
  return Number.isNaN(value) ? Number(text.replace(',', '.')) : value;
}

const unitBytes: Readonly<Record<string, number>> = { B: 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

export const bytesOf = (amount: string, unit: string): number => Math.round(decimal(amount) * (unitBytes[unit] ?? 1));

/** @param from start of a size @param to index after its unit. @returns whole bytes */
export const bytesBetween = (text: string, from: number, to: number): number =>
  Math.round(decimal(text, from, to - 1) * (unitBytes[text.charAt(to - 1)] ?? 1));

/** @returns index after the last of at most `most` digits that begin at `from` */
export function digitsEnd(text: string, from: number, most: number): number {
  let at = from;
  for (const end = from + most; at < end; at++) {
    const code = text.charCodeAt(at);
    if (!(code >= zero && code <= nine)) break;
  }
  return at;
}

/** @returns index of the first of at most `most` digits that end before `to` */
export function digitsStart(text: string, to: number, most: number): number {
  let at = to;
  for (const start = Math.max(0, to - most); at > start; at--) {
    const code = text.charCodeAt(at - 1);
    if (!(code >= zero && code <= nine)) break;
  }
  return at;
}

/**
 * Parses `1.344`, `0,006`.
 * @returns the index after the number; undefined if none begins, or it is longer than any JVM prints
 */
export function figureEnd(text: string, from: number, mostDecimals = 9): number | undefined {
  const whole = digitsEnd(text, from, 15);
  if (whole === from) return undefined;
  const code = text.charCodeAt(whole);
  if (code !== dot && code !== comma) return whole;
  const end = digitsEnd(text, whole + 1, mostDecimals);
  return end === whole + 1 ? whole : end;
}

/** Parses `51M`, `4982,3M`. @returns the index after its unit, or undefined if no size begins */
export function sizeEnd(text: string, from: number, mostDecimals = 9): number | undefined {
  const end = figureEnd(text, from, mostDecimals);
  return end !== undefined && text.charAt(end) in unitBytes ? end + 1 : undefined;
}
