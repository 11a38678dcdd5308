// Computes start and end of a calendar day in a time zone; days can have 23 or 25 hours.

import { timeZone } from '../../analyzer/forecast/local-time.ts';

export interface LocalDay {
  /** Such as 2026-11-18. */
  day: string;
  /** IANA name. */
  zone: string;
  /** Milliseconds since the epoch; `toMs` is the midnight after. */
  fromMs: number;
  toMs: number;
}

const dayMs = 86_400_000;

/** @returns undefined for what is no day of the calendar */
export function localDay(text: string, zoneName: string): LocalDay | undefined {
  if (!/^[12]\d{3}-\d\d-\d\d$/.test(text)) return undefined;
  const utc = Date.parse(`${text}T00:00:00Z`);
  // JavaScript reads February 30 as March 2.
  if (Number.isNaN(utc) || !new Date(utc).toISOString().startsWith(text)) return undefined;
  return { day: text, zone: zoneName, fromMs: midnight(utc, zoneName), toMs: midnight(utc + dayMs, zoneName) };
}

/** The day that is at a moment, such as 2026-11-18. */
export function dayAt(atMs: number, zoneName: string): string {
  return new Date(atMs + timeZone(zoneName).offsetAt(atMs)).toISOString().slice(0, 10);
}

/** What the clock shows at midnight may be off by the hour it is set at: asked twice. */
function midnight(asUtcMs: number, zoneName: string): number {
  const { offsetAt } = timeZone(zoneName);
  const near = asUtcMs - offsetAt(asUtcMs);
  return asUtcMs - offsetAt(near);
}
