// Parses the timestamps and the GC number in front of a line or record.

import type { Moment } from '../gc-event.ts';
import { decimal, digitsStart } from '../quantity.ts';

export interface Stamp {
  /** Index at which the stamps begin; `end` if there are none. */
  from: number;
  moment: Moment;
  gcId?: number;
}

/*
 * 2020-02-06T14:39:56.629+0800: 0.848: #12: [GC …
 * └ -XX:+PrintGCDateStamps     │      └ -XX:+PrintGCID
 *                              └ -XX:+PrintGCTimeStamps; any of the three may be missing
 */

/** Maximum length of all three, with years of uptime. */
const longest = 64;

/** Matched at the end, without the `: ` after it: in a broken line, part of another stamp may precede it. */
const date = /(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)[.,](\d{3})(?:([+-])(\d\d):?(\d\d)|Z)$/;
const longestDate = 29;

/** @param end index of the stamped text, which may be anywhere in a broken line */
export function stampBefore(line: string, end: number): Stamp {
  const least = Math.max(0, end - longest);
  const stamp: Stamp = { from: end, moment: {} };
  let to = beforeColon(line, end, least);
  const id = to === undefined ? undefined : digitsStart(line, to, to - least);
  if (to !== undefined && id !== undefined && id < to && id > least && line.charCodeAt(id - 1) === hash) {
    stamp.gcId = Number(line.slice(id, to));
    stamp.from = id - 1;
    to = beforeColon(line, stamp.from, least);
  }
  const uptime = to === undefined ? undefined : uptimeStart(line, to, least);
  if (to !== undefined && uptime !== undefined) {
    stamp.moment.uptimeSeconds = decimal(line, uptime, to);
    stamp.from = uptime;
    to = beforeColon(line, stamp.from, least);
  }
  const match = to === undefined ? null : date.exec(line.slice(Math.max(least, to - longestDate), to));
  if (to !== undefined && match !== null) {
    stamp.moment.epochMs = epochMsOf(match);
    stamp.from = to - match[0].length;
  }
  return stamp;
}

/** @returns index of the `: ` or `:` before `end` */
function beforeColon(line: string, end: number, least: number): number | undefined {
  const at = end > least && line.charCodeAt(end - 1) === space ? end - 2 : end - 1;
  return at >= least && line.charCodeAt(at) === colon ? at : undefined;
}

/** @returns index of the `12.345` before `to`, unless it is part of a longer number */
function uptimeStart(line: string, to: number, least: number): number | undefined {
  const point = to - 4;
  if (point <= least || digitsStart(line, to, 3) !== point + 1 || !isSeparator(line, point)) return undefined;
  const from = digitsStart(line, point, point - least);
  return from === point || (from > least && isSeparator(line, from - 1)) ? undefined : from;
}

/** True for text that consists of stamps: a concurrent thread may write its stamp before that of another. */
export function isStamps(text: string): boolean {
  return text.endsWith(': ') && stampBefore(text, text.length).from === 0;
}

const space = 32;
const hash = 35;
const comma = 44;
const dot = 46;
const colon = 58;

function isSeparator(line: string, at: number): boolean {
  const code = line.charCodeAt(at);
  return code === dot || code === comma;
}

function epochMsOf([, ...parts]: RegExpExecArray): number {
  const [year, month, day, hour, minute, second, millisecond, sign, zoneHours, zoneMinutes] = parts;
  const zone = (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0)) * 60_000 * (sign === '-' ? -1 : 1);
  const local = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(millisecond),
  );
  return local - zone;
}

/** Rounds sums to milliseconds, the precision of stamps, so that they print as in the log. */
export function shifted({ epochMs, uptimeSeconds }: Moment, seconds: number): Moment {
  return {
    ...(epochMs === undefined ? {} : { epochMs: epochMs + Math.round(seconds * 1000) }),
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds: Math.round((uptimeSeconds + seconds) * 1e6) / 1e6 }),
  };
}

/** Seconds between two moments, by uptime if available, because clocks may step; undefined without a common stamp. */
export function secondsBetween(earlier: Moment, later: Moment): number | undefined {
  if (earlier.uptimeSeconds !== undefined && later.uptimeSeconds !== undefined) {
    return Math.round((later.uptimeSeconds - earlier.uptimeSeconds) * 1e6) / 1e6;
  }
  if (earlier.epochMs !== undefined && later.epochMs !== undefined) return (later.epochMs - earlier.epochMs) / 1000;
  return undefined;
}
