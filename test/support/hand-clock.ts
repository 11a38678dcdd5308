// Provides a clock that a test advances; sleeping advances it at once.

import type { Clock } from '../../core/clock.ts';
import { seconds } from '../../core/units.ts';

export function createHandClock(startSeconds = 0): Clock & { advance(seconds: number): void } {
  let now = startSeconds;
  return {
    now: () => new Date(now * 1000),
    monotonic: () => seconds(now),
    async sleep(duration, { signal } = {}) {
      signal?.throwIfAborted();
      now += duration;
    },
    advance(by) {
      now += by;
    },
  };
}
