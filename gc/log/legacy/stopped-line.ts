// Parses `Total time for which application threads were stopped`, for GC or any other reason.

import type { Moment } from '../gc-event.ts';
import { decimal } from '../quantity.ts';
import { number } from './quantity.ts';
import { secondsBetween } from './stamp.ts';

const stopped = new RegExp(
  `Total time for which application threads were stopped: (${number}) seconds(?:, Stopping threads took: (${number}) seconds)?`,
  'y',
);
const ran = new RegExp(`Application time: ${number} seconds`, 'y');

export type StoppedLine = NonNullable<ReturnType<typeof readStopped>>;

/** @returns undefined if the line is incomplete */
export function readStopped(text: string, at: number) {
  stopped.lastIndex = at;
  const [whole, total, stopping] = stopped.exec(text) ?? [];
  if (whole === undefined || total === undefined) return undefined;
  return {
    /** Index after the line's part of the text. */
    end: at + whole.length,
    totalSeconds: decimal(total),
    ...(stopping !== undefined && { timeToSafepointSeconds: decimal(stopping) }),
  };
}

/** @returns the index after `Application time: 9.87 seconds` */
export function readApplicationTime(text: string, at: number): number | undefined {
  ran.lastIndex = at;
  return ran.test(text) ? ran.lastIndex : undefined;
}

/** Tolerance, because stamps and durations are rounded separately. */
const roundingSeconds = 0.0025;

/** @returns whether one of the pauses logged since the previous stop began within this one */
export function isGcStop(start: Moment, pauseStarts: readonly Moment[]): boolean {
  return pauseStarts.some((pause) => (secondsBetween(start, pause) ?? 0) >= -roundingSeconds);
}
