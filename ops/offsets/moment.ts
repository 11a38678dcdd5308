// Parses an ISO 8601 timestamp, which must have a time zone so that it means the same on every machine.

import { AppError } from '../../core/errors.ts';
import { zonedMs } from '../../core/local-moment.ts';

const form = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]* ?(?<zone>Z|[+-][\d:]+)?$/;
const hint = 'expected 2026-11-11T00:00:00+08:00, or the same time as 2026-11-10T16:00:00Z';

/**
 * @param wayAhead hint for a time in the future
 * @returns milliseconds since the epoch
 * @throws AppError usage if it is no such time, has no zone, is no calendar date or is in the future
 */
export function momentOf(text: string, option: string, now: Date, wayAhead = '--latest is the current end'): number {
  const refuse = (why: string, way = hint) => new AppError('usage', `--${option} ${text}: ${why}`, { hint: way });
  const written = form.exec(text);
  if (written === null) {
    throw refuse(
      /^\d{9,}$/.test(text)
        ? 'seconds and milliseconds are easily confused'
        : 'not a time of the form YYYY-MM-DDThh:mm:ss with a zone',
    );
  }
  if (written.groups?.['zone'] === undefined) {
    throw refuse(`it has no time zone, so it is ambiguous${timeZoneHere()}`);
  }
  const atMs = zonedMs(text);
  if (Number.isNaN(atMs)) throw refuse('no such day, hour or zone');
  if (atMs > now.getTime()) throw refuse(`it is in the future (now is ${now.toISOString()})`, wayAhead);
  return atMs;
}

function timeZoneHere(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return timeZone === undefined ? '' : `; the time zone of this host is ${timeZone}`;
}
