// Parses an ISO 8601 timestamp, which must have a time zone so that it means the same on every machine.

import { AppError } from '../../core/errors.ts';

const iso = /^(?<date>\d{4}-\d{2}-\d{2})[T ](?<clock>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(?<zone>Z|[+-]\d{2}:\d{2})?$/;
const hint = 'expected 2026-11-11T00:00:00+08:00, or the same time as 2026-11-10T16:00:00Z';

/**
 * @param wayAhead hint for a time in the future
 * @returns milliseconds since the epoch
 * @throws AppError usage when it is no such time, has no zone, is no day of the calendar or lies in the future
 */
export function momentOf(text: string, option: string, now: Date, wayAhead = '--latest is the current end'): number {
  const refuse = (why: string, way = hint) => new AppError('usage', `--${option} ${text}: ${why}`, { hint: way });
  const { date, clock, zone } = iso.exec(text)?.groups ?? {};
  if (date === undefined || clock === undefined) {
    throw refuse(
      /^\d{9,}$/.test(text)
        ? 'seconds and milliseconds are easily confused'
        : 'not a time of the form YYYY-MM-DDThh:mm:ss with a zone',
    );
  }
  const here = timeZoneHere();
  if (zone === undefined) throw refuse(`it has no time zone, so it is ambiguous${here}`);
  const [hours, minutes] = zone === 'Z' ? [0, 0] : zone.slice(1).split(':').map(Number);
  const isZone = (hours ?? 0) * 60 + (minutes ?? 0) <= 14 * 60 && (minutes ?? 0) < 60;
  // Date takes the 30th of February for the 1st or 2nd of March.
  const asWritten = new Date(`${date}T${clock}Z`);
  const isDay =
    !Number.isNaN(asWritten.getTime()) && asWritten.toISOString().startsWith(`${date}T${clock.slice(0, 5)}`);
  if (!isZone || !isDay) throw refuse('no such day, hour or zone');
  const atMs = Date.parse(`${date}T${clock}${zone}`);
  if (atMs > now.getTime()) throw refuse(`it is in the future (now is ${now.toISOString()})`, wayAhead);
  return atMs;
}

function timeZoneHere(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return timeZone === undefined ? '' : `; the time zone of this host is ${timeZone}`;
}
