// Formats a time to the millisecond, so that operators can compare messages with logs.

import { wallClock } from '../../../core/local-moment.ts';
import type { View } from '../view.ts';

/** @param iso ISO 8601 @returns local time in the view's time zone, such as `2026-11-11 00:00:03.120` */
export function exactTime(iso: string, { timeZone }: Pick<View, 'timeZone'>): string {
  const atMs = Date.parse(iso);
  const wall = new Date(wallClock(atMs, timeZone) + (atMs % 1000));
  return wall.toISOString().slice(0, 23).replace('T', ' ');
}
