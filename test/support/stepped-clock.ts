// Provides a clock that a test advances; sleepers wake in order.

import { type Clock, seconds } from '../../core/clock.ts';

export interface SteppedClock extends Clock {
  /** Resolves when all timers due by then have fired. */
  advance(duration: number): Promise<void>;
  /** Advances as if the process had been stopped: sleepers wake only afterwards. */
  stall(duration: number): Promise<void>;
}

/** Yields several times, for work that itself waits for a turn of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
}

export function createSteppedClock(): SteppedClock {
  let now = 0;
  const sleepers = new Set<{ moment: number; wake: () => void }>();

  async function wakeDue(until: number): Promise<void> {
    await settle();
    for (;;) {
      const [next] = [...sleepers].sort((a, b) => a.moment - b.moment);
      if (next === undefined || next.moment > until) return;
      now = Math.max(now, next.moment);
      sleepers.delete(next);
      next.wake();
      await settle();
    }
  }

  return {
    now: () => new Date(now * 1000),
    monotonic: () => seconds(now),
    sleep(duration, { signal } = {}) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { moment: now + duration, wake: resolve };
      const giveUp = () => {
        sleepers.delete(sleeper);
        reject(signal?.reason as Error);
      };
      if (signal?.aborted === true) giveUp();
      else sleepers.add(sleeper);
      signal?.addEventListener('abort', giveUp, { once: true });
      return promise;
    },
    async advance(duration) {
      const until = now + duration;
      await wakeDue(until);
      now = until;
    },
    async stall(duration) {
      await settle();
      now += duration;
      await wakeDue(now);
    },
  };
}
