// Provides a run clock that a test advances; sleepers wake in order.

import type { RunClock } from '../../loadgen/execute/run-clock.ts';

export interface ManualRunClock extends RunClock {
  /** Resolves when all timers until `moment` have fired. */
  advanceTo(moment: number): Promise<void>;
}

/** Yields several times, for work that itself waits for a turn of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
}

export function createManualRunClock(): ManualRunClock {
  let now = 0;
  const sleepers = new Set<{ moment: number; wake: () => void }>();
  const earliest = () => [...sleepers].sort((a, b) => a.moment - b.moment)[0];

  return {
    elapsed: () => now,
    sleepUntil(moment, { signal }) {
      signal.throwIfAborted();
      if (moment <= now) return Promise.resolve();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { moment, wake: resolve };
      sleepers.add(sleeper);
      signal.addEventListener(
        'abort',
        () => {
          sleepers.delete(sleeper);
          reject(signal.reason as Error);
        },
        { once: true },
      );
      return promise;
    },
    async advanceTo(moment) {
      await settle();
      for (let next = earliest(); next !== undefined && next.moment <= moment; next = earliest()) {
        now = next.moment;
        sleepers.delete(next);
        next.wake();
        await settle();
      }
      now = moment;
      await settle();
    },
  };
}
