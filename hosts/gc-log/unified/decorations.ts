// What does unified logging write before a message? Up to twelve bracketed decorations, always in one order, any of them left out.

import type { Moment } from '../gc-event.ts';
import { decimal } from './quantities.ts';

/*
 * time utctime      [2026-11-20T13:54:10.175+0000]
 * uptime            [0.060s], with a comma in some locales
 * timemillis        [1795182850175ms]   uptimemillis  [60ms]
 * timenanos         [1526517910670ns]   uptimenanos   [59544351ns]
 * hostname pid tid  [vm][28642][28649]
 * level tags        [info ][gc,start    ]
 */

const openBracket = 91;
const space = 32;
const zero = 48;
const nine = 57;
const letterT = 84;
const minus = 45;
const colon = 58;

/** @returns where the message begins; 0 when nothing stands before it */
export function messageStart(line: string): number {
  let at = 0;
  while (line.charCodeAt(at) === openBracket) {
    const close = line.indexOf(']', at);
    if (close === -1) return 0;
    at = close + 1;
  }
  return at > 0 && line.charCodeAt(at) === space ? at + 1 : at;
}

/** The last decoration when it can be tags, without its padding. */
export function tagsOf(line: string, messageAt: number): string | undefined {
  const close = line.lastIndexOf(']', messageAt - 1);
  const open = line.lastIndexOf('[', close);
  if (close === -1 || open === -1) return undefined;
  const tags = line.slice(open + 1, close).trimEnd();
  return /^[a-z][a-z0-9,]*$/.test(tags) && !levels.has(tags) ? tags : undefined;
}

const levels = new Set(['trace', 'debug', 'info', 'warning', 'error']);

export const isDetailLevel = (line: string, messageAt: number): boolean =>
  isBefore(line, '[debug]', messageAt) || isBefore(line, '[trace]', messageAt);

function isBefore(line: string, what: string, end: number): boolean {
  const at = line.indexOf(what);
  return at !== -1 && at < end;
}

/** Milliseconds and uptime look alike: no JVM has been up for three years, and no clock stands before 1973. */
const leastEpochMs = 1e11;

export function momentOf(line: string, messageAt: number): Moment {
  const moment: Moment = {};
  let nanoseconds: number | undefined;
  for (let open = 0; open < messageAt;) {
    const close = line.indexOf(']', open);
    if (close === -1) break;
    const first = line.charCodeAt(open + 1);
    if (first >= zero && first <= nine) {
      // Of two, the first counts from when the machine started, and the second is uptime.
      nanoseconds = readStamp(line.slice(open + 1, close), moment) ?? nanoseconds;
    }
    open = close + 1;
  }
  if (nanoseconds !== undefined) moment.uptimeSeconds ??= nanoseconds / 1e9;
  return moment;
}

/** @returns nanoseconds, which do not tell from when */
function readStamp(text: string, into: Moment): number | undefined {
  if (text.charCodeAt(10) === letterT) {
    const epochMs = epochMsOf(text);
    if (epochMs !== undefined) into.epochMs = epochMs;
    return undefined;
  }
  const [, amount = '', unit] = /^(\d{1,19}(?:[.,]\d{1,9})?)(s|ms|ns)$/.exec(text) ?? [];
  const value = decimal(amount);
  if (unit === 'ns') return value;
  if (unit === 's') into.uptimeSeconds = value;
  else if (unit === 'ms' && value >= leastEpochMs) into.epochMs ??= value;
  else if (unit === 'ms') into.uptimeSeconds ??= value / 1e3;
  return undefined;
}

/** `2026-11-20T13:54:10.175+0000`: without the colon in the offset that Date.parse wants, and in every line. */
function epochMsOf(text: string): number | undefined {
  if (text.length < 28 || text.length > 29) return undefined;
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const sign = text.charCodeAt(23) === minus ? -1 : 1;
  const minutesAt = text.charCodeAt(26) === colon ? 27 : 26;
  const offsetMinutes = sign * (digits(text, 24, 26) * 60 + digits(text, minutesAt, minutesAt + 2));
  const local = Date.UTC(
    digits(text, 0, 4),
    month - 1,
    day,
    digits(text, 11, 13),
    digits(text, 14, 16),
    digits(text, 17, 19),
    digits(text, 20, 23),
  );
  const epochMs = local - offsetMinutes * 60_000;
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

/** @returns NaN unless all of them are digits */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - zero;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Process and thread are both bare numbers; one alone may be either. */
export function pidOf(line: string, messageAt: number): number | undefined {
  const match = /\[(\d{1,10})\]\[\d{1,10}\]/.exec(line.slice(0, messageAt));
  return match === null ? undefined : Number(match[1]);
}
