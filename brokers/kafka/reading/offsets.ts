// Reads start, end and last stable offsets of the partitions that a broker leads, with ListOffsets.

import { listOffsetsV5, listOffsetsV6 } from '../library.ts';
import type { PartitionOffsets } from '../../../core/cluster.ts';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { createRefusals, type Reading } from './reading.ts';

export interface LedTopic {
  name: string;
  partitions: readonly number[];
}

interface LeaderOffsets {
  offsets: readonly PartitionOffsets[];
  /** Partitions whose leader has changed. */
  moved: readonly LedTopic[];
}

const earliest = -2n;
const latest = -1n;
const readUncommitted = 0;
const readCommitted = 1;

/** LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER, REPLICA_NOT_AVAILABLE, FENCED_LEADER_EPOCH */
const movedCodes: ReadonlySet<number> = new Set([5, 6, 9, 74]);

/** @param withLastStable reads the last stable offset, which differs from the end only if transactions are used */
export async function readOffsets(
  link: Link,
  led: readonly LedTopic[],
  withLastStable: boolean,
  io: Io,
): Promise<Reading<LeaderOffsets>> {
  if (led.length === 0) return { value: { offsets: [], moved: [] }, refusals: [] };
  const api = newestSpoken(link, listOffsetsV6.api, listOffsetsV5.api);
  const list = (timestamp: bigint, isolation = readUncommitted) =>
    link.askForParts(
      'read offsets',
      io,
      api,
      -1,
      isolation,
      led.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((partitionIndex) => ({ partitionIndex, currentLeaderEpoch: -1, timestamp })),
      })),
    );
  // Last stable offsets are read before the ends, so that they are never beyond them.
  const [starts, stable] = await Promise.all([
    list(earliest),
    withLastStable ? list(latest, readCommitted) : undefined,
  ]);
  const ends = await list(latest);
  return compose(ends, byPartition(starts), stable === undefined ? undefined : byPartition(stable));
}

type Found = ReadonlyMap<string, ReadonlyMap<number, bigint>>;

function byPartition({ topics }: listOffsetsV6.ListOffsetsResponse): Found {
  return new Map(
    topics.map(({ name, partitions }) => [
      name,
      new Map(
        partitions
          .filter(({ errorCode }) => errorCode === 0)
          .map(({ partitionIndex, offset }) => [partitionIndex, offset]),
      ),
    ]),
  );
}

function compose(
  ends: listOffsetsV6.ListOffsetsResponse,
  starts: Found,
  stable: Found | undefined,
): Reading<LeaderOffsets> {
  const refusals = createRefusals('ListOffsets');
  const offsets: PartitionOffsets[] = [];
  const moved: LedTopic[] = [];
  for (const { name: topic, partitions } of ends.topics) {
    const startOf = starts.get(topic);
    const stableOf = stable?.get(topic);
    const gone: number[] = [];
    for (const { partitionIndex: partition, errorCode, offset: end } of partitions) {
      if (movedCodes.has(errorCode)) gone.push(partition);
      else if (refusals.isWell(`${topic}-${partition}`, errorCode)) {
        const start = startOf?.get(partition);
        const lastStable = stableOf?.get(partition);
        offsets.push({
          topic,
          partition,
          ...(start !== undefined && { start }),
          end,
          ...(lastStable !== undefined && { lastStable }),
        });
      }
    }
    if (gone.length > 0) moved.push({ name: topic, partitions: gone });
  }
  return { value: { offsets, moved }, refusals: refusals.texts };
}
