// When was a line or a record written, and under which GC number? From the stamps in front of it.

import type { Moment } from '../gc-event.ts';
import { decimal } from '../quantity.ts';

export interface Stamp {
  /** Where in the line the stamps begin; `end` when there are none. */
  from: number;
  moment: Moment;
  gcId?: number;
}

/*
 * 2020-02-06T14:39:56.629+0800: 0.848: #12: [GC …
 * └ -XX:+PrintGCDateStamps     │      └ -XX:+PrintGCID
 *                              └ -XX:+PrintGCTimeStamps; any of the three may be missing
 */
const stamps =
  /(?:(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)[.,](\d{3})(?:([+-])(\d\d):?(\d\d)|Z): ?)?(?:(?<![\d.,])(\d+[.,]\d{3}): ?)?(?:#(\d+): ?)?$/;

/** As long as all three can be, years of uptime included. */
const longest = 64;

/** @param end where what is stamped begins: a torn line has it anywhere, with the rest of another stamp before it */
export function stampBefore(line: string, end: number): Stamp {
  const text = line.slice(Math.max(0, end - longest), end);
  const match = stamps.exec(text);
  if (match === null || match[0] === '') return { from: end, moment: {} };
  const [whole, year, month, day, hour, minute, second, millisecond, sign, zoneHours, zoneMinutes, uptime, id] = match;
  const moment: Moment = {};
  if (year !== undefined) {
    const zone = (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0)) * 60_000 * (sign === '-' ? -1 : 1);
    moment.epochMs =
      Date.UTC(
        Number(year),
        Number(month) - 1,
        Number(day),
        Number(hour),
        Number(minute),
        Number(second),
        Number(millisecond),
      ) - zone;
  }
  if (uptime !== undefined) moment.uptimeSeconds = decimal(uptime);
  return { from: end - whole.length, moment, ...(id === undefined ? {} : { gcId: Number(id) }) };
}

/** Milliseconds are all a stamp has: sums are rounded to them, so that they print as the log would. */
export function shifted({ epochMs, uptimeSeconds }: Moment, seconds: number): Moment {
  return {
    ...(epochMs === undefined ? {} : { epochMs: epochMs + Math.round(seconds * 1000) }),
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds: Math.round((uptimeSeconds + seconds) * 1e6) / 1e6 }),
  };
}

/** Seconds from one moment to another, by uptime where both have it, since clocks step; undefined when they share nothing. */
export function secondsBetween(earlier: Moment, later: Moment): number | undefined {
  if (earlier.uptimeSeconds !== undefined && later.uptimeSeconds !== undefined) {
    return Math.round((later.uptimeSeconds - earlier.uptimeSeconds) * 1e6) / 1e6;
  }
  if (earlier.epochMs !== undefined && later.epochMs !== undefined) return (later.epochMs - earlier.epochMs) / 1000;
  return undefined;
}
