// Computes the growth of a broker's counters between two snapshots.

import type { BrokerCounters } from '../figures/broker-reading.ts';
import { growthBetween } from '../figures/growth-between.ts';
import { internalsCounters } from '../kafka/figures/internals-reading.ts';
import { detailsOf } from '../reported.ts';
import { runtimeReading } from '../rocketmq/figures/runtime-reading.ts';
import type { ClusterSnapshot } from '../snapshot.ts';
import { readingTimes, type TimedSnapshot } from './reading-times.ts';

export interface CounterGrowth {
  counters: BrokerCounters;
  /** Time between the two readings of the broker; longer than between the snapshots if the first one was kept. */
  seconds: number;
}

/** @returns undefined for a broker without counters in one of the snapshots, or whose second reading is a kept one */
export function counterGrowth(before: TimedSnapshot, after: TimedSnapshot, broker: string): CounterGrowth | undefined {
  const [from, to] = [before, after].map((timed) => {
    const known = countersIn(timed.snapshot, broker);
    return known && { counted: known.counted, ...readingTimes(timed, known.section)({ broker }) };
  });
  if (from === undefined || to === undefined || !to.isFresh) return undefined;
  const seconds = (to.atSeconds ?? Number.NaN) - (from.atSeconds ?? Number.NaN);
  return seconds > 0 ? { counters: growthBetween(from.counted, to.counted), seconds } : undefined;
}

function countersIn(snapshot: ClusterSnapshot, id: string) {
  const { brokers, internals } = detailsOf(snapshot);
  const broker = brokers?.find((each) => each.id === id)?.runtime;
  if (broker !== undefined) return { section: 'runtime', counted: runtimeReading({ id, broker }) } as const;
  const own = internals?.find((each) => each.broker === id);
  return own && ({ section: 'internals', counted: internalsCounters(own) } as const);
}
