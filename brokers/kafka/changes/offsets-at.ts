// Finds the first offset at or after a timestamp with ListOffsets, for partitions that one broker leads.

import { listOffsetsV5, listOffsetsV6 } from '../library.ts';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { byTopic, type PartitionName } from './parts.ts';

const [readUncommitted, readCommitted] = [0, 1];

export interface OffsetAt extends PartitionName {
  /** Absent if no message is at or after the time. */
  offset?: bigint;
}

export interface OffsetsAtOptions {
  /** The end is then the last stable offset. */
  isCommittedOnly?: boolean;
}

/** Leaves out partitions that the broker refused. @throws AppError when it refuses the whole request */
export async function readOffsetsAt(
  link: Link,
  partitions: readonly PartitionName[],
  atMs: number,
  io: Io,
  { isCommittedOnly = false }: OffsetsAtOptions = {},
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
  const isolation = isCommittedOnly ? readCommitted : readUncommitted;
  const { topics } = await link.askForParts('read offsets by time', io, api, -1, isolation, wanted);
  return topics.flatMap(({ name: topic, partitions: answered }) =>
    answered
      .filter(({ errorCode }) => errorCode === 0)
      .map(({ partitionIndex, offset }) => ({ topic, partition: partitionIndex, ...(offset >= 0n && { offset }) })),
  );
}
