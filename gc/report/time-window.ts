// Selects events between two moments, by wall clock or by JVM uptime.

import type { GcEvent, Moment } from '../log/gc-event.ts';

/** One end of a window; an event without such a timestamp is in no window. */
export type Bound = { kind: 'clock'; epochMs: number } | { kind: 'uptime'; seconds: number };

export interface TimeWindow {
  from?: Bound;
  to?: Bound;
}

/** Facts about a JVM are always within the window. */
export function isWithin(event: GcEvent, window: TimeWindow): boolean {
  if (event.kind === 'run-start' || event.kind === 'jvm') return true;
  return isMomentWithin(event.kind === 'notice' ? event.at : event.start, window);
}

export function isMomentWithin(moment: Moment, { from, to }: TimeWindow): boolean {
  return (from === undefined || placeOf(moment, from) >= 0) && (to === undefined || placeOf(moment, to) < 0);
}

/** @returns the stamps of a JVM at the bound, computed from another moment of that JVM with such a stamp */
export function stampsAt(bound: Bound, moment: Moment): Moment {
  const { epochMs, uptimeSeconds } = moment;
  const seconds = bound.kind === 'clock' ? placeOf(moment, bound) / 1000 : placeOf(moment, bound);
  return {
    ...(epochMs !== undefined && { epochMs: epochMs - seconds * 1000 }),
    ...(uptimeSeconds !== undefined && { uptimeSeconds: uptimeSeconds - seconds }),
  };
}

/** @returns a negative number before the bound; NaN without such a stamp, which compares as neither */
export function placeOf({ epochMs = Number.NaN, uptimeSeconds = Number.NaN }: Moment, bound: Bound): number {
  return bound.kind === 'clock' ? epochMs - bound.epochMs : uptimeSeconds - bound.seconds;
}
