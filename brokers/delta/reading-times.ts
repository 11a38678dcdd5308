// Determines when each broker's part of a snapshot was read; a kept part is older than its snapshot.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { ClusterSnapshot } from '../snapshot.ts';

export interface TimedSnapshot {
  /** Monotonic time when the snapshot was complete. */
  atSeconds: number;
  snapshot: ClusterSnapshot;
}

export interface ReadingTime {
  /** Absent when the part was not read, or its age is unknown. */
  atSeconds?: number;
  /** Whether it was read for this snapshot; a kept part shows an earlier reading. */
  isFresh: boolean;
}

/** Source of the values of a section: by broker name for RocketMQ (a master or its slave), by broker id for Kafka. */
interface ReadingSourceName {
  broker?: string | undefined;
  brokerName?: string | undefined;
}

/**
 * @param name section with one part per broker; `runtime` has the counters of RocketMQ, `internals` those of Kafka
 * @returns the time of the newest part of that broker; that of the snapshot if no section mentions the broker
 */
export function readingTimes(
  { atSeconds, snapshot }: TimedSnapshot,
  name: 'offsets' | 'commits' | 'runtime' | 'internals',
): (from: ReadingSourceName) => ReadingTime {
  const byBroker = timesOf({ atSeconds, snapshot }, name);
  // Commits of a RocketMQ broker are shown with ends of the same reading
  // (brokers/rocketmq/inspect/consistent-reading.ts).
  if (name === 'commits' && traitsOf(snapshot.cluster.kind).commitsAt !== 'any-broker') {
    for (const [key, time] of timesOf({ atSeconds, snapshot }, 'offsets')) {
      if (!time.isFresh && time.atSeconds !== undefined && byBroker.has(key)) byBroker.set(key, time);
    }
  }
  const whole: ReadingTime = { atSeconds, isFresh: true };
  return ({ broker, brokerName }) => byBroker.get(brokerName ?? broker ?? '') ?? whole;
}

function timesOf({ atSeconds, snapshot }: TimedSnapshot, name: string): Map<string, ReadingTime> {
  const byBroker = new Map<string, ReadingTime>();
  for (const { section, broker, kind, ageSeconds } of snapshot.sections) {
    if (section !== name || broker === undefined) continue;
    const isFresh = kind === 'fresh';
    const age = ageSeconds ?? (isFresh ? 0 : undefined);
    const time: ReadingTime = age === undefined ? { isFresh } : { atSeconds: atSeconds - age, isFresh };
    for (const key of keysOf(broker)) {
      const other = byBroker.get(key);
      if (other === undefined || (time.atSeconds ?? -Infinity) > (other.atSeconds ?? -Infinity))
        byBroker.set(key, time);
    }
  }
  return byBroker;
}

/** Returns the broker id and the broker name: `broker-a:0` and `broker-a`. */
function keysOf(broker: string): readonly string[] {
  const colon = broker.lastIndexOf(':');
  return colon === -1 ? [broker] : [broker, broker.slice(0, colon)];
}
