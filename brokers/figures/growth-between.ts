// Computes the growth of a broker's counters between two readings of one process.

import type { BrokerCounters, BrokerReading, CounterName } from './broker-reading.ts';

/** Products of a count and a mean that the agent reads one after the other, so they may fall without a restart. */
const products: ReadonlySet<CounterName> = new Set(['produceQueueSeconds', 'throttleSeconds', 'flushSeconds']);

/** Tolerance of start times, which are whole milliseconds or a float of seconds. */
const sameStartSeconds = 0.5;

/**
 * Leaves out counters that fell, and all counters of a broker that restarted or whose id another process has taken:
 * their growth is unknown, and is not what the new process has counted so far.
 */
export function growthBetween(
  before: Pick<BrokerReading, 'startedAtSeconds' | 'counters'>,
  after: Pick<BrokerReading, 'startedAtSeconds' | 'counters'>,
): BrokerCounters {
  const names = Object.keys(after.counters) as CounterName[];
  const growth = names.flatMap((name) => {
    const [from, to] = [before.counters[name], after.counters[name]];
    return from === undefined || to === undefined ? [] : [[name, to - from] as const];
  });
  const isRestarted =
    before.startedAtSeconds !== undefined && after.startedAtSeconds !== undefined
      ? Math.abs(before.startedAtSeconds - after.startedAtSeconds) > sameStartSeconds
      : growth.some(([name, by]) => by < 0 && !products.has(name));
  return isRestarted ? {} : Object.fromEntries(growth.filter(([, by]) => by >= 0));
}
