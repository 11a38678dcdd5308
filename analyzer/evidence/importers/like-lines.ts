// Parses a JSON line that differs from an earlier one only in its numbers, from its bytes, without JSON.parse.

/*
 * Consecutive readings of one host have the same names and devices. A parsed line is kept as a pattern: the bytes
 * between its numbers, and the places of the numbers in the value. Lines are matched by the bytes before the first number:
 *
 *     {"kind":"host","host":"kafka-1","elapsedSeconds": 10 ,"scrapeSeconds": 0.004 ,"reading":{"uptimeSeconds": …
 *
 * A line that differs in anything else, or in the format of a number, is left to JSON.parse. Numbers are written into two
 * alternating values, and only if they changed, because creating a new value takes longer than parsing.
 */

interface Pattern {
  /** The bytes before the first number, between numbers, and after the last. */
  between: readonly Buffer[];
  copies: readonly [Copy, Copy];
  turn: 0 | 1;
  hits: number;
  misses: number;
}

interface Copy {
  value: object;
  slots: readonly Slot[];
  /** Current numbers in the slots. */
  numbers: Float64Array;
}

/** Path of a number in a value. */
interface Slot {
  holder: Record<string | number, unknown>;
  key: string | number;
}

/** Some 10 MB for a fleet of 2,000 hosts. */
const mostPatterns = 2000;
/** If every line differs, as in a journal with histograms, patterns cost more than they save. */
const mostMisses = 8;

export type LikeLines = ReturnType<typeof createLikeLines>;

export function createLikeLines() {
  const patterns = new Map<string, Pattern | 'unlike'>();
  let numbers = new Float64Array(64);
  return {
    /**
     * @returns a value equal to the parsed one, valid until the second next line with the same beginning; undefined
     * if the line must be parsed
     */
    read(bytes: Buffer, from: number, to: number): object | undefined {
      const pattern = patterns.get(headOf(bytes, from, to));
      if (pattern === undefined || pattern === 'unlike') return undefined;
      const { between } = pattern;
      if (between.length > numbers.length) numbers = new Float64Array(2 * between.length);
      if (!readNumbers(bytes, from, to, between, numbers)) {
        pattern.misses += 1;
        return undefined;
      }
      pattern.hits += 1;
      pattern.turn = pattern.turn === 0 ? 1 : 0;
      return written(pattern.copies[pattern.turn], numbers);
    },
    /** Registers a parsed line with its value. */
    learn(bytes: Buffer, from: number, to: number, value: unknown): void {
      const head = headOf(bytes, from, to);
      const before = patterns.get(head);
      if (before === 'unlike' || (before === undefined && patterns.size >= mostPatterns)) return;
      const { hits = 0, misses = 0 } = before ?? {};
      const made = misses > mostMisses + hits ? undefined : patternOf(bytes, from, to, value);
      patterns.set(head, made === undefined ? 'unlike' : { ...made, turn: 0, hits, misses });
    },
  };
}

const [quote, backslash, minus, dot, zero, nine] = [0x22, 0x5c, 0x2d, 0x2e, 0x30, 0x39];

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= zero && byte <= nine;

/** Returns the line up to the first number outside a string; `latin1` keeps every byte separate. */
function headOf(bytes: Buffer, from: number, to: number): string {
  let isInString = false;
  let at = from;
  for (; at < to; at += 1) {
    const byte = bytes[at];
    if (byte === backslash) at += 1;
    else if (byte === quote) isInString = !isInString;
    else if (!isInString && (isDigit(byte) || byte === minus)) break;
  }
  return bytes.toString('latin1', from, Math.min(at, to));
}

/** Digits that fit in a mantissa below 2^53, with exact powers of ten, so that the quotient is rounded once, as in JSON.parse. */
const mostDigits = 15;
const powers = Float64Array.from({ length: mostDigits + 1 }, (_, power) => 10 ** power);

/** @returns whether the line matches the pattern with other numbers, which are written to `into` */
function readNumbers(bytes: Buffer, from: number, to: number, between: readonly Buffer[], into: Float64Array): boolean {
  let at = from;
  for (let part = 0; part < between.length; part += 1) {
    const fixed = between[part] as Buffer;
    if (to - at < fixed.length) return false;
    for (let index = 0; index < fixed.length; index += 1) if (bytes[at + index] !== fixed[index]) return false;
    at += fixed.length;
    if (part === between.length - 1) break;
    const isNegative = bytes[at] === minus;
    if (isNegative) at += 1;
    const first = at;
    let mantissa = 0;
    let byte = bytes[at] as number;
    while (at < to && isDigit(byte)) {
      mantissa = 10 * mantissa + (byte - zero);
      byte = bytes[(at += 1)] as number;
    }
    let digits = at - first;
    // JSON numbers have no leading zeros.
    if (digits === 0 || (digits > 1 && bytes[first] === zero)) return false;
    let decimals = 0;
    if (byte === dot) {
      const point = (at += 1);
      byte = bytes[at] as number;
      while (at < to && isDigit(byte)) {
        mantissa = 10 * mantissa + (byte - zero);
        byte = bytes[(at += 1)] as number;
      }
      decimals = at - point;
      digits += decimals;
      if (decimals === 0) return false;
    }
    if (digits > mostDigits) return false;
    const size = decimals === 0 ? mantissa : mantissa / (powers[decimals] as number);
    // A change from 0 to -0 would not be detected.
    if (isNegative && size === 0) return false;
    into[part] = isNegative ? -size : size;
  }
  return at === to;
}

function written({ value, slots, numbers }: Copy, into: Float64Array): object {
  for (let index = 0; index < slots.length; index += 1) {
    const number = into[index] as number;
    if (number === numbers[index]) continue;
    numbers[index] = number;
    const { holder, key } = slots[index] as Slot;
    holder[key] = number;
  }
  return value;
}

/** @returns undefined if the numbers in the text and in the value differ, or their order does */
function patternOf(
  bytes: Buffer,
  from: number,
  to: number,
  value: unknown,
): Pick<Pattern, 'between' | 'copies'> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const spans = numberSpans(bytes, from, to);
  const copies = [copyOf(value), copyOf(value)] as const;
  const [{ numbers }] = copies;
  if (spans.length !== numbers.length || spans.length === 0) return undefined;
  const between: Buffer[] = [];
  let at = from;
  for (const [index, [start, end]] of spans.entries()) {
    if (!Object.is(Number(bytes.toString('latin1', start, end)), numbers[index])) return undefined;
    between.push(Buffer.from(bytes.subarray(at, start)));
    at = end;
  }
  between.push(Buffer.from(bytes.subarray(at, to)));
  return { between, copies };
}

function copyOf(original: object): Copy {
  const value = structuredClone(original);
  const slots = slotsOf(value);
  return { value, slots, numbers: Float64Array.from(slots, ({ holder, key }) => holder[key] as number) };
}

function slotsOf(value: object, slots: Slot[] = []): Slot[] {
  const holder = value as Record<string | number, unknown>;
  for (const key of Object.keys(value)) {
    const part = holder[key];
    if (typeof part === 'number') slots.push({ holder, key: Array.isArray(value) ? Number(key) : key });
    else if (typeof part === 'object' && part !== null) slotsOf(part, slots);
  }
  return slots;
}

function numberSpans(bytes: Buffer, from: number, to: number): [start: number, end: number][] {
  const spans: [number, number][] = [];
  let isInString = false;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at];
    if (byte === backslash) at += 1;
    else if (byte === quote) isInString = !isInString;
    else if (!isInString && (isDigit(byte) || byte === minus)) {
      const start = at;
      while (at < to && /[-+.0-9eE]/.test(String.fromCharCode(bytes[at] as number))) at += 1;
      spans.push([start, at]);
      at -= 1;
    }
  }
  return spans;
}
