// Converts between moments and the wall clock of a time zone, and reads times of day and zones in config.

import { z } from 'zod';
import { getOrMake } from './get-or-make.ts';

const day = 86_400_000;

/** Latest time of a Date. */
export const latestMs = 8_640_000_000_000_000;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const digits = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  const options = { timeZone, hourCycle: 'h23', ...digits, second: '2-digit' } as const;
  return getOrMake(formats, timeZone, () => new Intl.DateTimeFormat('en', options));
}

/** Whether the tz database has a zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const TimeZone = z.string().refine(isTimeZone, 'expected a time zone of the tz database, such as Asia/Shanghai');

export const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 23:30');

/** @param time of day such as 23:30. @returns minutes since midnight */
export function minutesOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}

/** False for February 30, which JavaScript reads as March 2. */
export function isOnCalendar(local: string): boolean {
  const ms = Date.parse(`${local}Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(local.slice(0, 10));
}

/** @returns local time in the zone, to the second, encoded as the UTC milliseconds of the same clock reading */
export function wallClock(timeMs: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(timeMs);
  const part = (wanted: string) => Number(parts.find(({ type }) => type === wanted)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** @returns the first moment with this local time in the zone; for a skipped local time, the end of the gap */
export function momentOf(wallMs: number, timeZone: string): number {
  const offsetNear = (nearMs: number) => wallClock(nearMs, timeZone) - nearMs;
  const [one, other] = [wallMs - offsetNear(wallMs - day), wallMs - offsetNear(wallMs + day)];
  let [before, found] = [Math.min(one, other), Math.max(one, other)];
  // `wallClock` has whole seconds.
  const wallSecondMs = Math.floor(wallMs / 1000) * 1000;
  if (wallClock(before, timeZone) >= wallSecondMs) return before;
  if (wallClock(found, timeZone) === wallSecondMs) return found;
  // The gap ends between the two: a time that begins in it must not be later than one after it.
  while (found - before > 1) {
    const middle = Math.floor((before + found) / 2);
    if (wallClock(middle, timeZone) >= wallSecondMs) found = middle;
    else before = middle;
  }
  return found;
}

const wallText = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?$/;

/** @param text such as `2026-11-12T00:00`, as HTML forms send it. @returns undefined for other text */
export function momentOfText(text: string, timeZone: string): number | undefined {
  const wall = wallText.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  return Number.isNaN(wall) ? undefined : momentOf(wall, timeZone);
}

/** @returns such as `2026-11-12 00:00 Asia/Shanghai` */
export const localText = (timeMs: number, timeZone: string): string =>
  `${new Date(wallClock(timeMs, timeZone)).toISOString().slice(0, 16).replace('T', ' ')} ${timeZone}`;

const zoned = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)$/;

/** @returns milliseconds since the epoch of an ISO 8601 time with its zone; NaN for any other text */
export function zonedMs(text: string): number {
  const [, date, clock, zone] = zoned.exec(text) ?? [];
  return zone !== undefined && isOnCalendar(`${date}T${clock}`) ? Date.parse(`${date}T${clock}${zone}`) : Number.NaN;
}

/** Parses to milliseconds since the epoch. */
export const ZonedTime = z
  .string()
  .refine((text) => !Number.isNaN(zonedMs(text)), {
    error: ({ input }) => `${JSON.stringify(input)} is not a time with a zone`,
  })
  .transform(zonedMs);
