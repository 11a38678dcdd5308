// Spaces readings of a broker that are costly for it, so that a load test does not measure its own readings.

import type { Clock } from '../../../core/clock.ts';
import { seconds, type Seconds } from '../../../core/units.ts';

/**
 * RocketMQ 5 counts all slots of its timer wheel for every answer with its runtime information (TimerWheel.getAllNum, two days of
 * them): 80 ms of a core once compiled, and most of a second of a JVM that compiles once. Read each second, that took the core of a
 * small broker.
 */
const mostShare = 0.02;
/** Figures further apart would miss the steps of a short load test. */
const longest = seconds(5);

export interface ReadingPace {
  isDue(): boolean;
  /** @param tookSeconds from the request to its answer, or until it was given up */
  note(tookSeconds: number): void;
}

/** The quickest answer counts: others waited for the load. */
export function createReadingPace({ monotonic }: Pick<Clock, 'monotonic'>): ReadingPace {
  let quickest = Number.POSITIVE_INFINITY;
  let dueAt: Seconds | undefined;
  return {
    isDue: () => dueAt === undefined || monotonic() >= dueAt,
    note(tookSeconds) {
      quickest = Math.min(quickest, tookSeconds);
      dueAt = seconds(monotonic() - tookSeconds + Math.min(longest, quickest / mostShare));
    },
  };
}
