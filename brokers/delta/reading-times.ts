// Determines when each broker's part of a snapshot was read; a kept part is older than its snapshot.

import type { ClusterSnapshot } from '../snapshot.ts';

export interface TimedSnapshot {
  /** Of a clock that never steps, taken when the snapshot was complete. */
  atSeconds: number;
  snapshot: ClusterSnapshot;
}

export interface ReadingTime {
  /** Absent when the part was not read, or its age is unknown. */
  atSeconds?: number;
  /** Read for this snapshot; a kept part shows an earlier reading. */
  isFresh: boolean;
}

/** Where values of one section come from: RocketMQ's by broker name (a master or its slave answers), Kafka's by broker id. */
interface ReadingSourceName {
  broker?: string | undefined;
  brokerName?: string | undefined;
}

/**
 * @param name of a section with one part per broker: `offsets` or `commits`
 * @returns the time of the newest part of that broker; of the snapshot itself where no section mentions the broker
 */
export function readingTimes(
  { atSeconds, snapshot }: TimedSnapshot,
  name: 'offsets' | 'commits',
): (from: ReadingSourceName) => ReadingTime {
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
  const whole: ReadingTime = { atSeconds, isFresh: true };
  return ({ broker, brokerName }) => byBroker.get(brokerName ?? broker ?? '') ?? whole;
}

/** `broker-a:0` stands for its broker name, too. */
function keysOf(broker: string): readonly string[] {
  const colon = broker.lastIndexOf(':');
  return colon === -1 ? [broker] : [broker, broker.slice(0, colon)];
}
