// Computes daily load test windows in a time zone, across midnight and clock changes.

import type { LoadTestWindow } from '../../core/policy/load-test-permission.ts';

type DailyWindow = Exclude<LoadTestWindow, 'always'>;

const minutesADay = 24 * 60;

/** @returns minutes of the day, 0 to 1439, on a wall clock of that zone */
function minuteOfDay(moment: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const [hour = 0, minute = 0] = parts.format(moment).split(':').map(Number);
  return hour * 60 + minute;
}

const minutesOf = (time: string) => {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
};

/** `to` is the first minute outside. A window whose ends are the same is the whole day. */
export function isWithin(window: LoadTestWindow, moment: Date): boolean {
  if (window === 'always') return true;
  const length = lengthOf(window);
  return sinceStart(window, moment) < length;
}

/** @returns whole minutes until the window closes, rounded up; undefined outside of it, Infinity where it never does */
export function minutesLeft(window: LoadTestWindow, moment: Date): number | undefined {
  if (window === 'always') return Infinity;
  if (!isWithin(window, moment)) return undefined;
  const length = lengthOf(window);
  return length === minutesADay ? Infinity : length - sinceStart(window, moment);
}

/** @returns a time of day, as the clock on the wall shows it in the zone of the window */
export function timeOfDay(window: LoadTestWindow, moment: Date): string {
  const minute = minuteOfDay(moment, window === 'always' ? 'UTC' : window.timeZone);
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

export const describeWindow = (window: LoadTestWindow) =>
  window === 'always' ? 'at any time' : `from ${window.from} to ${window.to} ${window.timeZone}`;

const lengthOf = ({ from, to }: DailyWindow) =>
  (minutesOf(to) - minutesOf(from) + minutesADay) % minutesADay || minutesADay;

const sinceStart = ({ from, timeZone }: DailyWindow, moment: Date) =>
  (minuteOfDay(moment, timeZone) - minutesOf(from) + minutesADay) % minutesADay;
