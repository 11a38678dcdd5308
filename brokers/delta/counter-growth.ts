// Computes the growth of a broker's counters between two snapshots.

import type { BrokerCounters } from '../figures/broker-reading.ts';
import { growthBetween } from '../figures/growth-between.ts';
import { reportedBy } from '../reported.ts';
import { readingTimes, type TimedSnapshot } from './reading-times.ts';

export interface CounterGrowth {
  counters: BrokerCounters;
  /** Time between the two readings of the broker; longer than between the snapshots if the first one was kept. */
  seconds: number;
}

/** @returns undefined for a broker without counters in one of the snapshots, or whose second reading is a kept one */
export function counterGrowth(before: TimedSnapshot, after: TimedSnapshot, broker: string): CounterGrowth | undefined {
  const [from, to] = [before, after].map((timed) => {
    const known = reportedBy(timed.snapshot).counters(timed.snapshot, broker);
    return known && { counted: known.counted, ...readingTimes(timed, known.section)({ broker }) };
  });
  if (from === undefined || to === undefined || !to.isFresh) return undefined;
  const seconds = (to.atSeconds ?? Number.NaN) - (from.atSeconds ?? Number.NaN);
  return seconds > 0 ? { counters: growthBetween(from.counted, to.counted), seconds } : undefined;
}
