// Reads the next message of lagging groups: its store time where the offset history does not reach back, and whether it is one.

import type { ConsumerLag, PartitionOffsets } from '../../../core/cluster.ts';
import type { GroupSnapshot } from '../../snapshot.ts';
import type { KafkaMetadata } from '../client.ts';
import { mostMarkers, type MessagePosition, type StoreTime } from '../reading/store-times.ts';
import { hasTransactions } from './leader-offsets.ts';

/** Of all brokers together, each snapshot: 20 small requests beside those for the offsets. */
const mostTopicsAtOnce = 20;
/** Unknown ones are read again; the others still have their turn. */
const mostCandidates = 200;
/** Snapshots without a new message before the end is read, once there are too many: those of busy topics soon move again. */
const mostPatience = 8;
/** A partition may be away for a while, as when its leader dies; by then its message may be too old to be read again. */
const forgetAfterSnapshots = 20;

interface KnownEnd {
  /** Where a history begins. */
  first: bigint;
  last: bigint;
  /** Snapshots since it moved. */
  stillFor: number;
}

interface CachedStoreTime {
  offset: bigint;
  time: StoreTime;
  /** Read while its transaction may have been open, and read again once that has ended. */
  isOpen: boolean;
  /** Snapshots since a group was last seen to stand there. */
  unused: number;
}

export type StoreTimes = ReturnType<typeof createStoreTimes>;

export function createStoreTimes() {
  const ends = new Map<string, Map<number, KnownEnd>>();
  /** By topic and partition; several groups may stand at several offsets. */
  const known = new Map<string, Map<number, CachedStoreTime[]>>();
  /** Where the search continues, so that every partition has its turn. */
  let cursor = 0;
  let patience = 1;

  /** What is kept of one topic; lags of a topic come one after the other. */
  function topicOf(topic: string) {
    const [ofTopic, times] = [ends.get(topic), known.get(topic)];
    const find = (partition: number, offset: bigint) => times?.get(partition)?.find((each) => each.offset === offset);
    return {
      find,
      /** Of the message a group reads next, past the markers of transactions that are known; what is met on the way is in use. */
      next({ partition, committed, start, end }: ConsumerLag) {
        if (committed === undefined) return undefined;
        const past = (from: bigint) => {
          let offset = from;
          let met = find(partition, offset);
          for (; met !== undefined && offset < end; met = find(partition, offset)) {
            met.unused = 0;
            if (met.time.kind !== 'control') break;
            offset = met.time.until;
          }
          return { offset, met };
        };
        // Retention may have removed the markers behind the commit, and nothing else.
        const unread = past(committed);
        const isLost = start !== undefined && unread.offset < start;
        const { offset, met } = isLost ? past(start) : unread;
        const { first = 0n, stillFor = 0 } = ofTopic?.get(partition) ?? {};
        const isPastMarkers = !isLost && offset > committed;
        // Unseen: stored before the first look.
        return { offset, met, isPastMarkers, isUnseen: offset < end && offset < first, stillFor };
      },
    };
  }

  return {
    /** The ends as they are now; the first ones are where a history begins. */
    observe(offsets: readonly PartitionOffsets[]): void {
      for (const { topic, partition, end } of offsets) {
        if (end === undefined) continue;
        let ofTopic = ends.get(topic);
        if (ofTopic === undefined) ends.set(topic, (ofTopic = new Map()));
        const before = ofTopic.get(partition);
        // An end that moves back means that the topic was re-created.
        if (before === undefined || end < before.last) {
          ofTopic.set(partition, { first: end, last: end, stillFor: 0 });
          known.get(topic)?.delete(partition);
        } else {
          before.stillFor = end === before.last ? before.stillFor + 1 : 0;
          before.last = end;
        }
      }
    },

    /** By the id of the leader: few, and other ones each time while there are more. */
    wanted(groups: readonly GroupSnapshot[], metadata: KafkaMetadata) {
      const { topics } = metadata;
      const mayBeMarkers = hasTransactions(metadata);
      const leaders = new Map(
        topics.map(({ name, partitions }) => [name, new Map(partitions.map((each) => [each.partition, each.leader]))]),
      );
      for (const topic of ends.keys()) {
        if (leaders.has(topic)) continue;
        ends.delete(topic);
        known.delete(topic);
      }
      for (const entries of allKnown()) for (const entry of entries) entry.unused++;
      const candidates: (MessagePosition & { leader: string })[] = [];
      for (const { partitions, commitsAgeSeconds } of groups) {
        let name: string | undefined;
        let topic = topicOf('');
        for (const lag of partitions.behind?.() ?? partitions) {
          if (lag.topic !== name) topic = topicOf((name = lag.topic));
          const next = topic.next(lag);
          if (next === undefined || next.offset >= lag.end) continue;
          const { offset, met, isUnseen, stillFor } = next;
          const isStable = lag.lastStable !== undefined && offset < lag.lastStable;
          if (met !== undefined && !(met.isOpen && isStable)) continue;
          // A reader that commits the offset after its last message stays below the markers behind it.
          const isTail = mayBeMarkers && (stillFor >= patience || isUnseen) && lag.end - offset <= mostMarkers;
          if (!isTail && !isUnseen) continue;
          if (commitsAgeSeconds === undefined && candidates.length < mostCandidates) {
            const leader = leaders.get(lag.topic)?.get(lag.partition);
            const place = { topic: lag.topic, partition: lag.partition, offset };
            const position = { ...place, ...(isTail && { isTail }), ...(isStable && { isStable }) };
            if (leader !== undefined) candidates.push({ ...position, leader });
          }
        }
      }
      forgetUnused();
      patience = candidates.length < mostCandidates ? Math.ceil(patience / 2) : Math.min(2 * patience, mostPatience);
      const from = candidates.length > mostTopicsAtOnce ? cursor % candidates.length : 0;
      const turn = [...candidates.slice(from), ...candidates.slice(0, from)].slice(0, mostTopicsAtOnce);
      cursor = from + turn.length;
      return Map.groupBy(turn, ({ leader }) => leader);
    },

    learn(places: readonly MessagePosition[], times: readonly StoreTime[]): void {
      for (const [index, { topic, partition, offset, isTail, isStable }] of places.entries()) {
        const time = times[index];
        if (time === undefined || time.kind === 'unknown') continue;
        const met = topicOf(topic).find(partition, offset);
        if (met?.isOpen === false) continue;
        const ofTopic = known.get(topic) ?? new Map<number, CachedStoreTime[]>();
        known.set(topic, ofTopic);
        const others = (ofTopic.get(partition) ?? []).filter((each) => each !== met);
        const isOpen = isTail === true && isStable !== true;
        ofTopic.set(partition, [...others, { offset, time, isOpen, unused: 0 }]);
      }
    },

    /** The groups with what is known of the message each reads next. */
    shown: (groups: readonly GroupSnapshot[]): readonly GroupSnapshot[] =>
      known.size === 0
        ? groups
        : groups.map((group) => {
            // Nothing is known of most topics: their lags are not made.
            if (group.partitions.topics?.some((name) => known.has(name)) === false) return group;
            let hasTime = false;
            const partitions = Array.from(group.partitions, (lag) => {
              const topic = topicOf(lag.topic);
              const next = topic.next(lag);
              if (next === undefined) return lag;
              const time = next.isUnseen && next.met?.time.kind === 'stored' ? next.met.time : undefined;
              if (time === undefined && !next.isPastMarkers) return lag;
              hasTime = true;
              return {
                ...lag,
                ...(next.isPastMarkers && { nextMessageOffset: next.offset }),
                ...(time !== undefined && { nextStoredAtMs: time.atMs }),
              };
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
