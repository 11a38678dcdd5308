// Computes how far a broker's counters moved between two readings of one process.

import type { BrokerCounters, BrokerReading, CounterName } from './broker-reading.ts';

/** Made of a count and a mean that the agent reads one after the other: they may fall a little without a restart. */
const products: ReadonlySet<CounterName> = new Set(['produceQueueSeconds', 'throttleSeconds', 'flushSeconds']);

/** A start is written with whole milliseconds, or as a float of seconds. */
const sameStartSeconds = 0.5;

/**
 * Counters of a broker that restarted in between, or whose id another process has taken, and those that fell, are left out: the
 * growth is unknown, not what the new process counted so far.
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
