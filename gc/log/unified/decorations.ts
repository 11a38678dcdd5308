// Parses decorations: up to twelve brackets before a message, in a fixed order, each optional.

import type { Moment } from '../gc-event.ts';
import { decimal, digitsEnd } from '../quantity.ts';

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
const comma = 44;
const dot = 46;
const letterT = 84;
const minus = 45;
const colon = 58;

/** @returns index of the message; 0 without decorations */
export function messageStart(line: string): number {
  let at = 0;
  while (line.charCodeAt(at) === openBracket) {
    const close = line.indexOf(']', at);
    if (close === -1) return 0;
    at = close + 1;
  }
  return at > 0 && line.charCodeAt(at) === space ? at + 1 : at;
}

/** Returns the last decoration without padding if it can be tags. */
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

/**
 * Distinguishes milliseconds since the epoch from uptime: no JVM has been up for three years, and no clock is before
 * 1973.
 */
const leastEpochMs = 1e11;

export function momentOf(line: string, messageAt: number): Moment {
  const moment: Moment = {};
  let nanoseconds: number | undefined;
  for (let open = 0; open < messageAt;) {
    const close = line.indexOf(']', open);
    if (close === -1) break;
    const first = line.charCodeAt(open + 1);
    if (first >= zero && first <= nine) {
      // If there are two, the first counts from machine start, and the second is uptime.
      nanoseconds = readStamp(line, open + 1, close, moment) ?? nanoseconds;
    }
    open = close + 1;
  }
  if (nanoseconds !== undefined) moment.uptimeSeconds ??= nanoseconds / 1e9;
  return moment;
}

/** @returns nanoseconds from an unknown origin */
function readStamp(line: string, from: number, to: number, into: Moment): number | undefined {
  if (to > from + 10 && line.charCodeAt(from + 10) === letterT) {
    const epochMs = epochMsOf(line, from, to);
    if (epochMs !== undefined) into.epochMs = epochMs;
    return undefined;
  }
  const end = amountEnd(line, from);
  const unit = end === undefined ? '' : line.slice(end, to);
  if (unit !== 's' && unit !== 'ms' && unit !== 'ns') return undefined;
  const value = decimal(line, from, end);
  if (unit === 'ns') return value;
  if (unit === 's') into.uptimeSeconds = value;
  else if (value >= leastEpochMs) into.epochMs ??= value;
  else into.uptimeSeconds ??= value / 1e3;
  return undefined;
}

/** Nanoseconds since the epoch have nineteen digits. */
function amountEnd(line: string, from: number): number | undefined {
  const whole = digitsEnd(line, from, 19);
  if (whole === from) return undefined;
  const code = line.charCodeAt(whole);
  if (code !== dot && code !== comma) return whole;
  const end = digitsEnd(line, whole + 1, 9);
  return end === whole + 1 ? undefined : end;
}

/** Parses `2026-11-20T13:54:10.175+0000` in every line; Date.parse requires a colon in the offset. */
function epochMsOf(line: string, from: number, to: number): number | undefined {
  if (to - from < 28 || to - from > 29) return undefined;
  const month = digits(line, from + 5, from + 7);
  const day = digits(line, from + 8, from + 10);
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  const sign = line.charCodeAt(from + 23) === minus ? -1 : 1;
  const minutesAt = from + (line.charCodeAt(from + 26) === colon ? 27 : 26);
  const offsetMinutes = sign * (digits(line, from + 24, from + 26) * 60 + digits(line, minutesAt, minutesAt + 2));
  const hours = digits(line, from + 11, from + 13);
  const minutes = hours * 60 + digits(line, from + 14, from + 16) - offsetMinutes;
  const milliseconds = digits(line, from + 17, from + 19) * 1000 + digits(line, from + 20, from + 23);
  const epochMs = dayMs(digits(line, from, from + 4), month, day) + minutes * 60_000 + milliseconds;
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

const lastDay = { year: Number.NaN, month: 0, day: 0, ms: 0 };

/** Cache: most lines have the same date as the previous line. */
function dayMs(year: number, month: number, day: number): number {
  if (year !== lastDay.year || month !== lastDay.month || day !== lastDay.day) {
    Object.assign(lastDay, { year, month, day, ms: Date.UTC(year, month - 1, day) });
  }
  return lastDay.ms;
}

/** @returns NaN unless all characters are digits */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - zero;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
