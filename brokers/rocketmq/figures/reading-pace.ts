// Spaces costly broker reads, so that a load test does not measure its own monitoring.

import type { Clock } from '../../../core/clock.ts';
import { seconds, type Seconds } from '../../../core/units.ts';

/**
 * RocketMQ 5 scans its whole timer wheel for every answer with runtime information (TimerWheel.getAllNum). In a JVM
 * that compiles once, with one core, a reading per second took most of that core.
 */
const mostShare = 0.02;
/** Longest interval, even if readings then exceed the share: longer ones would miss steps of a short load test. */
const longest = seconds(5);

export type ReadingPace = ReturnType<typeof createReadingPace>;

/** Derives the cost of a reading from the quickest answer, because slower ones waited for the load. */
export function createReadingPace({ monotonic }: Pick<Clock, 'monotonic'>) {
  let quickest = Number.POSITIVE_INFINITY;
  let dueAt: Seconds | undefined;
  const spaceBy = (tookSeconds: number, cost: number) => {
    dueAt = seconds(monotonic() - tookSeconds + Math.min(longest, cost / mostShare));
  };
  return {
    isDue: () => dueAt === undefined || monotonic() >= dueAt,
    answered(tookSeconds: number): void {
      quickest = Math.min(quickest, tookSeconds);
      spaceBy(tookSeconds, quickest);
    },
    /** A request that was refused at once or timed out does not measure the cost of an answer. */
    failed: (tookSeconds: number) => spaceBy(tookSeconds, Math.min(quickest, tookSeconds)),
  };
}
