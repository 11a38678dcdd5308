// Reads the store time of the next message of lagging groups, where the offset history does not reach back.

import type { ConsumerLag, PartitionOffsets } from '../../../core/cluster.ts';
import { nextOffset } from '../../../core/consumer-lag.ts';
import type { GroupSnapshot } from '../../snapshot.ts';
import type { KafkaMetadata } from '../client.ts';
import type { MessagePosition, StoreTime } from '../reading/store-times.ts';

export interface StoreTimes {
  /** By the id of the leader: few, and other ones each time while there are more. */
  wanted(groups: readonly GroupSnapshot[], metadata: KafkaMetadata): ReadonlyMap<string, readonly MessagePosition[]>;
  learn(places: readonly MessagePosition[], times: readonly StoreTime[]): void;
  /** The groups with what is known. */
  shown(groups: readonly GroupSnapshot[]): readonly GroupSnapshot[];
  /** The ends as they are now; the first ones are where a history begins. */
  observe(offsets: readonly PartitionOffsets[]): void;
}

/** Of all brokers together, each snapshot: 20 small requests beside those for the offsets. */
const mostTopicsAtOnce = 20;
/** Unknown ones are read again; the others still have their turn. */
const mostCandidates = 200;
/** A partition may be away for a while, as when its leader dies; by then its message may be too old to be read again. */
const forgetAfterSnapshots = 20;

interface CachedStoreTime {
  offset: bigint;
  time: StoreTime;
  /** Snapshots since a group was last seen to stand there. */
  unused: number;
}

export function createStoreTimes(): StoreTimes {
  const firstEnds = new Map<string, Map<number, bigint>>();
  /** By topic and partition; several groups may stand at several offsets. */
  const known = new Map<string, Map<number, CachedStoreTime[]>>();
  /** Where the search continues, so that every partition has its turn. */
  let cursor = 0;

  /** What is kept of one topic; lags of a topic come one after the other. */
  function topicOf(topic: string) {
    const [ends, times] = [firstEnds.get(topic), known.get(topic)];
    return {
      /** The offset of the next message, where it was stored before the first look. */
      unseen({ partition, committed, start, end }: ConsumerLag): bigint | undefined {
        if (committed === undefined || committed >= end) return undefined;
        const next = nextOffset({ committed, start });
        const firstEnd = ends?.get(partition);
        return next < end && firstEnd !== undefined && next < firstEnd ? next : undefined;
      },
      find: (partition: number, offset: bigint) => times?.get(partition)?.find((each) => each.offset === offset),
    };
  }

  return {
    observe(offsets) {
      for (const { topic, partition, end } of offsets) {
        if (end === undefined) continue;
        let ends = firstEnds.get(topic);
        if (ends === undefined) firstEnds.set(topic, (ends = new Map()));
        const first = ends.get(partition);
        // An end that moves back means that the topic was re-created.
        if (first === undefined || end < first) ends.set(partition, end);
      }
    },

    wanted(groups, { topics }) {
      const leaders = new Map(
        topics.map(({ name, partitions }) => [name, new Map(partitions.map((each) => [each.partition, each.leader]))]),
      );
      for (const topic of firstEnds.keys()) {
        if (leaders.has(topic)) continue;
        firstEnds.delete(topic);
        known.delete(topic);
      }
      for (const entries of allKnown()) for (const entry of entries) entry.unused++;
      const candidates: (MessagePosition & { leader: string })[] = [];
      for (const { partitions, commitsAgeSeconds } of groups) {
        let name: string | undefined;
        let topic = topicOf('');
        for (const lag of partitions.behind?.() ?? partitions) {
          if (lag.topic !== name) topic = topicOf((name = lag.topic));
          const offset = topic.unseen(lag);
          if (offset === undefined) continue;
          const met = topic.find(lag.partition, offset);
          if (met !== undefined) met.unused = 0;
          else if (commitsAgeSeconds === undefined && candidates.length < mostCandidates) {
            const leader = leaders.get(lag.topic)?.get(lag.partition);
            if (leader !== undefined) candidates.push({ topic: lag.topic, partition: lag.partition, offset, leader });
          }
        }
      }
      forgetUnused();
      const from = candidates.length > mostTopicsAtOnce ? cursor % candidates.length : 0;
      const turn = [...candidates.slice(from), ...candidates.slice(0, from)].slice(0, mostTopicsAtOnce);
      cursor = from + turn.length;
      return Map.groupBy(turn, ({ leader }) => leader);
    },

    learn(places, times) {
      for (const [index, { topic, partition, offset }] of places.entries()) {
        const time = times[index];
        if (time === undefined || time.kind === 'unknown') continue;
        if (topicOf(topic).find(partition, offset) !== undefined) continue;
        const ofTopic = known.get(topic) ?? new Map<number, CachedStoreTime[]>();
        known.set(topic, ofTopic);
        ofTopic.set(partition, [...(ofTopic.get(partition) ?? []), { offset, time, unused: 0 }]);
      }
    },

    shown: (groups) =>
      known.size === 0
        ? groups
        : groups.map((group) => {
            // Nothing is known of most topics: their lags are not made.
            if (group.partitions.topics?.some((name) => known.has(name)) === false) return group;
            let hasTime = false;
            const partitions = Array.from(group.partitions, (lag) => {
              const topic = topicOf(lag.topic);
              const offset = topic.unseen(lag);
              const time = offset === undefined ? undefined : topic.find(lag.partition, offset)?.time;
              if (time?.kind !== 'stored') return lag;
              hasTime = true;
              return { ...lag, nextStoredAtMs: time.atMs };
            });
            return hasTime ? { ...group, partitions } : group;
          }),
  };

  function allKnown(): Iterable<CachedStoreTime[]> {
    return known.values().flatMap((ofTopic) => ofTopic.values());
  }

  function forgetUnused(): void {
    for (const [topic, ofTopic] of known) {
      for (const [partition, entries] of ofTopic) {
        const used = entries.filter(({ unused }) => unused < forgetAfterSnapshots);
        if (used.length === 0) ofTopic.delete(partition);
        else ofTopic.set(partition, used);
      }
      if (ofTopic.size === 0) known.delete(topic);
    }
  }
}
