// Defines seconds, the clock, which is injected so that tests never wait, and waits that end on abort.

import { uptime } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Quantity } from './units.ts';
import { awaitedElsewhere } from './errors.ts';

export type Seconds = Quantity<'s'>;
export const seconds = (value: number) => value as Seconds;

export interface Clock {
  /** Wall clock, for display and for joins with other sources. */
  now(): Date;
  /** Monotonic seconds from an arbitrary origin, sub-microsecond, for every difference. */
  monotonic(): Seconds;
  /** Seconds since boot, in hundredths; includes suspended time, which `monotonic` omits on Linux. */
  sinceBoot?(): Seconds;
  /** Resolves after at least `duration`; rejects with the signal's reason when aborted. */
  sleep(duration: Seconds, options?: { signal?: AbortSignal }): Promise<void>;
}

/** A moment on both clocks. */
export interface TimedMoment {
  at: Date;
  /** On the monotonic clock. */
  atSeconds: number;
}

/** Largest correction of a wall clock between two readings that is not a step. */
const mostAheadSeconds = 5;

/**
 * Linux stops the monotonic clock while a machine is suspended, so rates computed with it are far too high. The wall clock is
 * ahead afterwards, as it is after a step forward.
 */
export const mayHaveSlept = (before: TimedMoment, after: TimedMoment): boolean =>
  (after.at.getTime() - before.at.getTime()) / 1000 - (after.atSeconds - before.atSeconds) > mostAheadSeconds;

/** Node fires a longer timer immediately. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => seconds(performance.now() / 1000),
  sinceBoot: () => seconds(uptime()),
  async sleep(duration, { signal } = {}) {
    const end = performance.now() + duration * 1000;
    // Timers count whole milliseconds from a rounded loop time, so they may fire up to 1 ms early.
    do {
      const left = Math.max(0, end - performance.now());
      await delay(Math.min(left, longestTimerMs), undefined, signal ? { signal } : {}).catch((cause: unknown) => {
        // Node's AbortError hides the reason.
        signal?.throwIfAborted();
        throw cause;
      });
    } while (performance.now() < end);
  },
};

/** Settles with the work, or rejects with the signal's reason as soon as it aborts; the work itself continues. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    // The work may still fail; nobody waits for that failure any more.
    work.catch(awaitedElsewhere);
    return Promise.reject(signal.reason as Error);
  }
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const giveUp = () => reject(signal.reason as Error);
  signal.addEventListener('abort', giveUp, { once: true });
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  return promise;
}

/** Node rejects fractions of a millisecond, and fires a timer above 31 bits immediately. */
export const timeoutAfter = (seconds: number): AbortSignal =>
  AbortSignal.timeout(Math.min(2 ** 31 - 1, Math.ceil(seconds * 1000)));
