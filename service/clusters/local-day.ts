// Computes start and end of a calendar day in a time zone; days can have 23 or 25 hours.

import { isOnCalendar, momentOf, wallClock } from '../../core/local-moment.ts';

export interface LocalDay {
  /** Date such as 2026-11-18. */
  day: string;
  /** IANA name. */
  zone: string;
  /** Milliseconds since the epoch; `toMs` is the next midnight. */
  fromMs: number;
  toMs: number;
}

const dayMs = 86_400_000;

/** @returns undefined if the text is not a calendar day */
export function localDay(text: string, zone: string): LocalDay | undefined {
  if (!/^[12]\d{3}-\d\d-\d\d$/.test(text) || !isOnCalendar(`${text}T00:00`)) return undefined;
  const wallMs = Date.parse(text);
  return { day: text, zone, fromMs: momentOf(wallMs, zone), toMs: momentOf(wallMs + dayMs, zone) };
}

/** Returns the day of a time, such as 2026-11-18. */
export const dayAt = (atMs: number, zone: string): string => new Date(wallClock(atMs, zone)).toISOString().slice(0, 10);
