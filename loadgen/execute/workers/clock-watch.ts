// Waits for moments that are too near for timers, by checking the clock on each turn of the event loop.

import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { RunClock } from '../run-clock.ts';

/**
 * Timers have a resolution of one millisecond. A sender whose next message is due sooner than this sends at least
 * 10,000 per second and has little other work.
 */
const nearSeconds = 0.0001;
/** A longer turn of the event loop did other work. */
const emptyTurnSeconds = 0.00005;

export function createClockWatch(clock: Pick<RunClock, 'elapsed'>) {
  let watched = 0;
  return {
    /** Returns at once if the moment has passed or is more than a few turns away. */
    async until(moment: number, { signal }: { signal: AbortSignal }): Promise<void> {
      for (let now = clock.elapsed(); now < moment && moment - now < nearSeconds && !signal.aborted;) {
        await turnOfTheLoop();
        const before = now;
        now = clock.elapsed();
        if (now - before < emptyTurnSeconds) watched += now - before;
      }
    },
    /** @returns seconds since the last call spent in idle turns: no other work, and no wait for a CPU */
    take(): number {
      const taken = watched;
      watched = 0;
      return taken;
    },
  };
}
