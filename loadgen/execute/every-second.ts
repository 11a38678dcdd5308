// Calls a function after each second of a run.

import type { RunClock } from './run-clock.ts';

/** Until the signal aborts, which rejects. A second that the work before has passed is left out. @param phase seconds after each */
export async function everySecond(
  clock: RunClock,
  phase: number,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  for (let second = Math.max(0, Math.ceil(clock.elapsed())); ;) {
    await clock.sleepUntil(second + phase, { signal });
    await work();
    second = Math.max(second + 1, Math.ceil(clock.elapsed() - phase));
  }
}
