// Computes daily load test windows in a time zone, across midnight and clock changes.

import { minutesOf, wallClock } from '../../core/local-moment.ts';
import type { LoadTestWindow } from '../../core/policy/load-test-permission.ts';

type DailyWindow = Exclude<LoadTestWindow, 'always'>;

const msAMinute = 60_000;
const minutesADay = 24 * 60;

/** @returns minute of the day, 0 to 1439, on a wall clock of that zone */
const minuteOfDay = (moment: Date, timeZone: string) =>
  Math.floor(wallClock(moment.getTime(), timeZone) / msAMinute) % minutesADay;

/** `to` is the first minute outside. A window with equal ends is the whole day. */
export function isWithin(window: LoadTestWindow, moment: Date): boolean {
  if (window === 'always') return true;
  const length = lengthOf(window);
  return sinceStart(window, moment) < length;
}

/** @returns whole minutes until the window closes, rounded up; undefined outside of it, Infinity if it never closes */
export function minutesLeft(window: LoadTestWindow, moment: Date): number | undefined {
  if (window === 'always') return Infinity;
  if (!isWithin(window, moment)) return undefined;
  if (lengthOf(window) === minutesADay) return Infinity;
  const left = leftOnTheWall(window, moment);
  const change = minutesToClockChange(window, moment, left);
  if (change === undefined) return left;
  const changed = new Date(moment.getTime() + change * msAMinute);
  // The clock change may skip past the end of the window, or go back to before its start.
  return isWithin(window, changed) ? change + leftOnTheWall(window, changed) : change;
}

/** @returns wall-clock time of day in the window's time zone */
export function timeOfDay(window: LoadTestWindow, moment: Date): string {
  const minute = minuteOfDay(moment, window === 'always' ? 'UTC' : window.timeZone);
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

export const describeWindow = (window: LoadTestWindow) =>
  window === 'always' ? 'at any time' : `from ${window.from} to ${window.to} ${window.timeZone}`;

const lengthOf = ({ from, to }: DailyWindow) =>
  (minutesOf(to) - minutesOf(from) + minutesADay) % minutesADay || minutesADay;

const leftOnTheWall = (window: DailyWindow, moment: Date) => lengthOf(window) - sinceStart(window, moment);

/** @returns minutes until the zone's next clock change, if it is within the given minutes */
function minutesToClockChange({ timeZone }: DailyWindow, moment: Date, within: number): number | undefined {
  const startMs = Math.floor(moment.getTime() / msAMinute) * msAMinute;
  const offsetAfter = (minutes: number) => {
    const atMs = startMs + minutes * msAMinute;
    return wallClock(atMs, timeZone) - atMs;
  };
  const offset = offsetAfter(0);
  if (offsetAfter(within) === offset) return undefined;
  let [before, after] = [0, within];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAfter(middle) === offset) before = middle;
    else after = middle;
  }
  return after;
}

const sinceStart = ({ from, timeZone }: DailyWindow, moment: Date) =>
  (minuteOfDay(moment, timeZone) - minutesOf(from) + minutesADay) % minutesADay;
