// Computes how far the counters of a broker moved between two snapshots.

import type { BrokerCounters, BrokerReading } from '../figures/broker-reading.ts';
import { growthBetween } from '../figures/growth-between.ts';
import { internalsCounters } from '../kafka/figures/internals-reading.ts';
import { runtimeReading } from '../rocketmq/figures/runtime-reading.ts';
import type { ClusterSnapshot } from '../snapshot.ts';

/** @returns the growth as far as it is known; nothing of a broker that did not report its counters in both */
export function counterGrowth(before: ClusterSnapshot, after: ClusterSnapshot, broker: string): BrokerCounters {
  const [from, to] = [countersIn(before, broker), countersIn(after, broker)];
  return from === undefined || to === undefined ? {} : growthBetween(from, to);
}

function countersIn(
  { kafka, rocketmq }: ClusterSnapshot,
  id: string,
): Pick<BrokerReading, 'startedAtSeconds' | 'counters'> | undefined {
  const runtime = rocketmq?.brokers.find((each) => each.id === id)?.runtime;
  if (runtime !== undefined) return runtimeReading({ id, broker: runtime });
  const internals = kafka?.internals.find(({ broker }) => broker === id);
  return internals && internalsCounters(internals);
}
