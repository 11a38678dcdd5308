// Meets moments nearer than timers can, by checking the clock on each turn of the event loop.

import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { RunClock } from '../run-clock.ts';

/**
 * Timers count whole milliseconds. A sender whose next message is due sooner than this sends 10,000 a second and more, and
 * has little other work.
 */
const nearSeconds = 0.0001;
/** Longer turns had something to do. */
const emptyTurnSeconds = 0.00005;

export function createClockWatch(clock: Pick<RunClock, 'elapsed'>) {
  let watched = 0;
  return {
    /** Returns at once when the moment is there, or further away than a few turns. */
    async until(moment: number, { signal }: { signal: AbortSignal }): Promise<void> {
      for (let now = clock.elapsed(); now < moment && moment - now < nearSeconds && !signal.aborted;) {
        await turnOfTheLoop();
        const before = now;
        now = clock.elapsed();
        if (now - before < emptyTurnSeconds) watched += now - before;
      }
    },
    /** @returns seconds since the last call in turns that had nothing to do: neither work nor want of CPU */
    take(): number {
      const taken = watched;
      watched = 0;
      return taken;
    },
  };
}
