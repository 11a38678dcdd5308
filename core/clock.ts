// What time is it, and when is a moment reached? Injected, so that tests bound work and never wait.

import { setTimeout as delay } from 'node:timers/promises';
import { seconds, type Seconds } from './units.ts';

export interface Clock {
  /** Wall clock, for people and for joining with other sources. */
  now(): Date;
  /** Monotonic seconds from an arbitrary origin, sub-microsecond, for every difference. */
  monotonic(): Seconds;
  /** Resolves after at least `duration`; rejects with the signal's reason when aborted. */
  sleep(duration: Seconds, options?: { signal?: AbortSignal }): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => seconds(performance.now() / 1000),
  sleep: (duration, { signal } = {}) => delay(duration * 1000, undefined, signal ? { signal } : {}),
};
