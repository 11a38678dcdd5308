// Provides a clock that a test advances; sleeping advances it at once.

import { type Clock, seconds } from '../../core/clock.ts';

interface HandClock extends Clock {
  advance(seconds: number): void;
  /** Suspends the machine as Linux does: the monotonic clock does not advance. */
  suspend(seconds: number): void;
}

export function createHandClock(startSeconds = 0): HandClock {
  let now = startSeconds;
  let suspended = 0;
  return {
    now: () => new Date((now + suspended) * 1000),
    monotonic: () => seconds(now),
    async sleep(duration, { signal } = {}) {
      signal?.throwIfAborted();
      now += duration;
    },
    advance(by) {
      now += by;
    },
    suspend(by) {
      suspended += by;
    },
  };
}
