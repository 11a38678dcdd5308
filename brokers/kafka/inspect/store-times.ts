// Reads the next message of lagging groups: its store time if the offset history is too short, and if it is a message.

import type { ConsumerLag, PartitionOffsets } from '../../../core/cluster.ts';
import type { GroupSnapshot } from '../../snapshot.ts';
import type { KafkaMetadata } from '../client.ts';
import { mostMarkers, type MessagePosition, type StoreTime } from '../reading/store-times.ts';
import { mayHaveTransactions } from './leader-offsets.ts';

/** Limit per snapshot for all brokers: 20 small requests besides those for the offsets. */
const mostTopicsAtOnce = 20;
/** Limit of candidates: those that stay unknown are read again, while the others still get their turn. */
const mostCandidates = 200;
/** Most unchanged snapshots before an end is read, if there are too many: ends of busy topics soon move again. */
const mostPatience = 8;
/** A partition may be unavailable for a while, as when its leader dies; its message may then be too old to read. */
const forgetAfterSnapshots = 20;

interface KnownEnd {
  /** End at which the history begins. */
  first: bigint;
  last: bigint;
  /** Number of snapshots since the end moved. */
  stillFor: number;
}

interface CachedStoreTime {
  offset: bigint;
  time: StoreTime;
  /** Whether its transaction may have been open at the reading; it is read again when that has ended. */
  isOpen: boolean;
  /** Number of snapshots since a group was last at this offset. */
  unused: number;
}

export type StoreTimes = ReturnType<typeof createStoreTimes>;

export function createStoreTimes() {
  const ends = new Map<string, Map<number, KnownEnd>>();
  /** Store times by topic and partition; several groups may be at several offsets. */
  const known = new Map<string, Map<number, CachedStoreTime[]>>();
  /** Position where the search continues, so that every partition gets its turn. */
  let cursor = 0;
  let patience = 1;

  /** Returns access to the state of one topic; lags of a topic follow each other. */
  function topicOf(topic: string) {
    const [ofTopic, times] = [ends.get(topic), known.get(topic)];
    const find = (partition: number, offset: bigint) => times?.get(partition)?.find((each) => each.offset === offset);
    return {
      find,
      /** Returns the next message of a group, after known transaction markers; marks the entries on the way as used. */
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
        // Retention may have removed only the markers after the commit.
        const unread = past(committed);
        const isLost = start !== undefined && unread.offset < start;
        const { offset, met } = isLost ? past(start) : unread;
        const { first = 0n, stillFor = 0 } = ofTopic?.get(partition) ?? {};
        const isPastMarkers = !isLost && offset > committed;
        // Unseen: stored before the first observation.
        return { offset, met, isPastMarkers, isUnseen: offset < end && offset < first, stillFor };
      },
    };
  }

  return {
    /** Records the current ends; the first ones are where a history begins. */
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

    /** Returns positions to read, by id of the leader: few, and different ones each time while there are more. */
    wanted(groups: readonly GroupSnapshot[], metadata: KafkaMetadata) {
      const { topics } = metadata;
      const mayBeMarkers = mayHaveTransactions(metadata);
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
          // A consumer that commits the offset after its last message stays below the markers after it.
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

    /** Returns the groups with the known facts about their next messages. */
    shown: (groups: readonly GroupSnapshot[]): readonly GroupSnapshot[] =>
      known.size === 0
        ? groups
        : groups.map((group) => {
            // Most topics have no entries, so no lags are created for them.
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
