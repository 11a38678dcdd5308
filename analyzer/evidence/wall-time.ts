// Converts seconds of a load test to wall-clock time; each attempt of a resumed test has a separate start.

import type { LoadTestRun } from './load-test-run.ts';

type Run = Pick<LoadTestRun, 'document' | 'events'>;

/** @returns wall-clock time of second 0 for the attempt that contains this second, ms since the epoch; undefined if unknown */
export function secondZeroOf({ document, events }: Run, elapsedSeconds: number): number | undefined {
  const attempt = events.resumed.findLast((line) => line.elapsedSeconds <= elapsedSeconds);
  const startedAt = attempt?.startedAt ?? document.startedAt;
  return startedAt === undefined ? undefined : Date.parse(startedAt);
}

/** @returns undefined if no start is known */
export function wallTimeOf(run: Run, elapsedSeconds: number): string | undefined {
  const startMs = secondZeroOf(run, elapsedSeconds);
  return startMs === undefined ? undefined : new Date(startMs + elapsedSeconds * 1000).toISOString();
}
