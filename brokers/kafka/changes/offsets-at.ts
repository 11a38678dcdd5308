// Finds the first offset at or after a timestamp with ListOffsets, for partitions that one broker leads.

import { listOffsetsV5, listOffsetsV6 } from '../library.ts';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { byTopic, type PartitionName } from './parts.ts';

const readUncommitted = 0;

export interface OffsetAt extends PartitionName {
  /** Absent when no message is as young. */
  offset?: bigint;
}

/** A partition the broker refused is not among the answers. @throws AppError as it refuses the request as a whole */
export async function readOffsetsAt(
  link: Link,
  partitions: readonly PartitionName[],
  atMs: number,
  io: Io,
): Promise<OffsetAt[]> {
  const api = newestSpoken(link, listOffsetsV6.api, listOffsetsV5.api);
  const wanted = byTopic(partitions).map(({ name, parts }) => ({
    name,
    partitions: parts.map(({ partition }) => ({
      partitionIndex: partition,
      currentLeaderEpoch: -1,
      timestamp: BigInt(Math.floor(atMs)),
    })),
  }));
  const { topics } = await link.askForParts('read offsets by time', io, api, -1, readUncommitted, wanted);
  return topics.flatMap(({ name: topic, partitions: answered }) =>
    answered
      .filter(({ errorCode }) => errorCode === 0)
      .map(({ partitionIndex, offset }) => ({ topic, partition: partitionIndex, ...(offset >= 0n && { offset }) })),
  );
}
