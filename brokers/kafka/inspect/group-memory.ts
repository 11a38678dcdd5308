// Which groups are shown, and with which lag? Those just listed, once each; who could not be read is shown as it was.

import type { ConsumerLag, PartitionOffsets } from '../../../core/cluster.ts';
import type { GroupSnapshot } from '../../snapshot.ts';
import type { Commits } from '../reading/commits.ts';
import type { GroupReading } from '../reading/groups.ts';
import type { CommittedTopic } from '../wire/offset-fetch.ts';

/** What one broker said of the groups it coordinates. */
export interface CoordinatorReading {
  /** Absent when it could not be read now. */
  groups?: readonly GroupReading[];
  commits?: Commits;
}

export interface GroupMemory {
  /**
   * A group is gone when every broker said what it coordinates and none named it, twice in a row: a coordinator that was
   * just made says of groups it has yet to load that there are none. While one broker did not answer, it may be there.
   * Commits that could not be read are shown with the ends of their own time: an old commit beside a new end would be a lag
   * that nobody has.
   *
   * @param seats who coordinates, in one text: while it changes, groups are moving
   */
  compose(readings: readonly CoordinatorReading[], ends: Ends, seats?: string): readonly GroupSnapshot[];
}

/** By topic, then by partition. */
export type Ends = ReadonlyMap<string, ReadonlyMap<number, PartitionOffsets>>;

interface Remembered {
  group: GroupSnapshot;
  /** When its commits were read. */
  readAt: number;
  /** Nobody named it the last time, and all were asked. */
  isUnlisted?: boolean;
}

/** @param keepSeconds how long what could not be read is shown; the same as of its section */
export function createGroupMemory(monotonic: () => number, keepSeconds: number): GroupMemory {
  let remembered = new Map<string, Remembered>();
  let seatsBefore: string | undefined;

  return {
    compose(readings, ends, seats) {
      const now = monotonic();
      const isSettled = seats === seatsBefore && readings.every(({ groups }) => groups !== undefined);
      seatsBefore = seats;
      const next = new Map<string, Remembered>();
      for (const { groups = [], commits } of readings) {
        for (const reading of groups) {
          const committed = commits?.get(reading.name);
          const before = remembered.get(reading.name);
          const isYoung = before !== undefined && now - before.readAt <= keepSeconds;
          const kept = committed === undefined && isYoung ? before : undefined;
          // While its commits are not known, no partition is known to be without one.
          const read = committed === undefined ? [] : lagsOf(reading, committed, ends);
          const partitions = kept?.group.partitions.filter(({ topic }) => ends.has(topic)) ?? read;
          const group: GroupSnapshot = {
            ...groupSnapshot(reading, partitions),
            ...(kept !== undefined && { commitsAgeSeconds: now - kept.readAt }),
          };
          const rival = next.get(reading.name);
          if (rival === undefined || isMoreTelling(group, rival.group)) {
            next.set(reading.name, { group, readAt: kept?.readAt ?? now });
          }
        }
      }
      for (const [name, { group, readAt, isUnlisted = false }] of remembered) {
        const commitsAgeSeconds = now - readAt;
        if (next.has(name) || commitsAgeSeconds > keepSeconds || (isSettled && isUnlisted)) continue;
        const partitions = group.partitions.filter(({ topic }) => ends.has(topic));
        next.set(name, { group: { ...group, partitions, commitsAgeSeconds }, readAt, isUnlisted: isSettled });
      }
      remembered = next;
      return [...next.values()].map(({ group }) => group);
    },
  };
}

/** A group that moves is named by its old and its new coordinator; the one that knows its members has it. */
function isMoreTelling(group: GroupSnapshot, rival: GroupSnapshot): boolean {
  const knows = ({ members }: GroupSnapshot) => Number(members !== undefined);
  if (knows(group) !== knows(rival)) return knows(group) > knows(rival);
  return group.partitions.length > rival.partitions.length;
}

function groupSnapshot(reading: GroupReading, partitions: readonly ConsumerLag[]): GroupSnapshot {
  const { name, state, members, kind } = reading;
  return {
    name,
    ...(state !== undefined && { state }),
    ...(members !== undefined && { members }),
    ...(kind !== undefined && { kind }),
    partitions,
  };
}

/** A partition whose end is not known has no lag. */
function lagsOf({ assigned }: GroupReading, committed: readonly CommittedTopic[], ends: Ends): ConsumerLag[] {
  const lags: ConsumerLag[] = [];
  for (const { topic, partitions, offsets } of committed) {
    const endOf = ends.get(topic);
    if (endOf === undefined) continue;
    for (let index = 0; index < partitions.length; index++) {
      const end = endOf.get(partitions[index] ?? -1);
      if (end?.end !== undefined) lags.push(lagOf(end, end.end, offsets[index]));
    }
  }
  if (assigned.length === 0) return lags;
  const seen = new Map(committed.map(({ topic, partitions }) => [topic, new Set(partitions)]));
  for (const { topic, partitions } of assigned) {
    const endOf = ends.get(topic);
    if (endOf === undefined) continue;
    const own = seen.get(topic) ?? new Set<number>();
    seen.set(topic, own);
    for (const partition of partitions) {
      const end = endOf.get(partition);
      if (own.has(partition) || end?.end === undefined) continue;
      own.add(partition);
      lags.push(lagOf(end, end.end, undefined));
    }
  }
  return lags;
}

/** This runs for every partition of every group: an object that grows after it was made takes twice the memory. */
function lagOf(
  { topic, partition, start, lastStable }: PartitionOffsets,
  end: bigint,
  committed: bigint | undefined,
): ConsumerLag {
  if (committed !== undefined && start !== undefined) {
    return lastStable === undefined
      ? { topic, partition, end, start, committed }
      : { topic, partition, end, start, lastStable, committed };
  }
  return {
    topic,
    partition,
    end,
    ...(start !== undefined && { start }),
    ...(lastStable !== undefined && { lastStable }),
    ...(committed !== undefined && { committed }),
  };
}
