// Computes consumer lag per partition from columns of commits and ends, on iteration, to save memory.

import type { ConsumerLag, PartitionOffsets } from '../../../core/cluster.ts';
import { offsetColumn, type OffsetColumn } from '../../offset-column.ts';
import type { CommittedColumns, CommitWithoutEnd, Lags } from '../../snapshot.ts';
import type { AssignedTopic } from '../reading/groups.ts';
import type { CommittedTopic } from '../wire/offset-fetch.ts';

/** Offsets by topic, then by partition; a partition whose end could not be read has an entry without end. */
export type Ends = ReadonlyMap<string, ReadonlyMap<number, PartitionOffsets>>;

interface GroupColumns {
  committed: readonly CommittedTopic[];
  assigned: readonly AssignedTopic[];
}

/**
 * A partition with an unknown end has no lag. Lags are computed on iteration: as objects, 125,000 of them took 14 MB of
 * each snapshot, and the garbage collector copied them again and again.
 */
export function lagsOf(columns: GroupColumns, ends: Ends): Lags {
  const topics = [...columns.committed, ...columns.assigned]
    .map(({ topic }) => topic)
    .filter((topic) => ends.has(topic));
  return {
    topics,
    committed: () => inColumns(columns, ends),
    behind: () => eachLag(columns, ends, true),
    [Symbol.iterator]: () => eachLag(columns, ends),
  };
}

/** Returns topics with a partition whose end is unknown. */
export function topicsWithGaps(ends: Ends): ReadonlySet<string> {
  const hasGap = (endOf: ReadonlyMap<number, PartitionOffsets>) => endOf.values().some(({ end }) => end === undefined);
  return new Set([...ends].flatMap(([topic, endOf]) => (hasGap(endOf) ? [topic] : [])));
}

/** Returns commits in partitions with an unknown end, by topic, without partitions that are gone. */
export function committedWithoutEnd(
  committed: readonly CommittedTopic[],
  ends: Ends,
  gaps: ReadonlySet<string>,
): ReadonlyMap<string, readonly CommitWithoutEnd[]> {
  const found = new Map<string, readonly CommitWithoutEnd[]>();
  for (const { topic, partitions, offsets } of committed) {
    if (!gaps.has(topic)) continue;
    const endOf = ends.get(topic);
    const isUnread = (partition: number) => endOf?.has(partition) === true && endOf.get(partition)?.end === undefined;
    const commits = Array.from(partitions, (partition, index) => ({ partition, committed: offsets[index] ?? 0n }));
    const unread = commits.filter(({ partition }) => isUnread(partition));
    if (unread.length > 0) found.set(topic, unread);
  }
  return found;
}

/**
 * Returns the commits. For a share group whose lag the broker reports, returns the end minus that lag, because its
 * start offset alone may be behind what it has finished.
 */
function positionsOf({ partitions, offsets, lags }: CommittedTopic, endOf: ReadonlyMap<number, PartitionOffsets>) {
  if (lags === undefined) return offsets;
  return offsets.map((offset, index) => {
    const lag = lags[index] ?? -1n;
    const end = endOf.get(partitions[index] ?? -1)?.end;
    return end === undefined || lag < 0n || end - lag < offset ? offset : end - lag;
  });
}

function* inColumns({ committed }: GroupColumns, ends: Ends): Generator<CommittedColumns> {
  for (const of of committed) {
    const { topic, partitions } = of;
    const endOf = ends.get(topic);
    if (endOf === undefined) continue;
    const before = alike.get(endOf);
    const known = before !== undefined && areSame(before.requested, partitions) ? before : knownEnds(endOf, partitions);
    alike.set(endOf, known);
    const isWhole = known.partitions.length === partitions.length;
    const positions = positionsOf(of, endOf);
    yield {
      topic,
      partitions: known.partitions,
      committed: offsetColumn(
        isWhole ? positions : positions.filter((_, index) => endOf.get(partitions[index] ?? -1)?.end !== undefined),
      ),
      ends: known.ends,
    };
  }
}

interface KnownEnds {
  requested: Int32Array;
  /** Requested partitions with a known end, in the same order. */
  partitions: readonly number[];
  ends: OffsetColumn;
}

/** Most groups have commits in the same partitions of a topic, so they share the column of ends. */
const alike = new WeakMap<ReadonlyMap<number, PartitionOffsets>, KnownEnds>();

function knownEnds(endOf: ReadonlyMap<number, PartitionOffsets>, requested: Int32Array): KnownEnds {
  const partitions: number[] = [];
  const ends: bigint[] = [];
  for (const partition of requested) {
    const end = endOf.get(partition)?.end;
    if (end === undefined) continue;
    partitions.push(partition);
    ends.push(end);
  }
  return { requested, partitions, ends: offsetColumn(BigInt64Array.from(ends)) };
}

function areSame(some: Int32Array, others: Int32Array): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index++) if (some[index] !== others[index]) return false;
  return true;
}

/** @param isBehind only partitions with messages after the commit; no objects are created for the others */
function* eachLag({ committed, assigned }: GroupColumns, ends: Ends, isBehind = false): Generator<ConsumerLag> {
  for (const of of committed) {
    const { topic, partitions } = of;
    const endOf = ends.get(topic);
    if (endOf === undefined) continue;
    const positions = positionsOf(of, endOf);
    for (let index = 0; index < partitions.length; index++) {
      const end = endOf.get(partitions[index] ?? -1);
      const offset = positions[index];
      if (end?.end === undefined || (isBehind && (offset === undefined || offset >= end.end))) continue;
      const lag = lagOf(end, end.end, offset);
      const first = of.lags === undefined ? undefined : of.offsets[index];
      const isAhead = first !== undefined && offset !== undefined && first < offset && offset < end.end;
      yield isAhead ? { ...lag, oldestUnread: first } : lag;
    }
  }
  if (isBehind || assigned.length === 0) return;
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
      yield lagOf(end, end.end, undefined);
    }
  }
}

/** Runs for every partition of every group: an object that grows after its creation takes twice the memory. */
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
