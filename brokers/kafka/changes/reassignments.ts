// Lists, starts and cancels partition reassignments (Kafka 2.4 and later).

import { alterPartitionReassignmentsV0, listPartitionReassignmentsV0 } from '../library.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import { refusalOf } from '../errors.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { byTopic, type PartitionName, type RefusedPart } from './parts.ts';

export interface MovingPartition extends PartitionName {
  /** All replicas during the move: those that stay, are added and are removed. */
  replicas: readonly number[];
  adding: readonly number[];
  removing: readonly number[];
}

export interface WantedReplicas extends PartitionName {
  /** Replicas, the preferred leader first; absent cancels the current move. */
  replicas?: readonly number[];
}

export const brokerWaitMs = 8000;

/** @throws AppError as the controller answers */
export async function listReassignments(link: Link, io: Io): Promise<MovingPartition[]> {
  const api = newestSpoken(link, listPartitionReassignmentsV0.api);
  const everything = null as unknown as listPartitionReassignmentsV0.ListPartitionReassignmentsRequestTopic[];
  const { topics } = await link.ask('list the partitions that are moving', io, api, brokerWaitMs, everything);
  return topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, replicas, addingReplicas, removingReplicas }) => ({
      topic: name,
      partition: partitionIndex,
      replicas,
      adding: addingReplicas,
      removing: removingReplicas,
    })),
  );
}

/** @returns parts that the controller refused. @throws AppError when it refuses the whole request */
export async function alterReassignments(
  link: Link,
  wanted: readonly WantedReplicas[],
  io: Io,
): Promise<RefusedPart[]> {
  const api = newestSpoken(link, alterPartitionReassignmentsV0.api);
  const action = 'change the replicas of partitions';
  const topics = byTopic(wanted).map(({ name, parts }) => ({
    name,
    partitions: parts.map(({ partition, replicas }) => ({
      partitionIndex: partition,
      replicas: replicas === undefined ? null : [...replicas],
    })),
  }));
  const answer = await link.askForParts(action, io, api, brokerWaitMs, true, topics);
  const refusal = refusalOf(answer.errorCode, 'AlterPartitionReassignments');
  if (refusal !== undefined) throw new AppError('broker-refused', `cannot ${action} on ${link.address}: ${refusal}`);
  return answer.responses.flatMap(({ name, partitions }) =>
    partitions.flatMap(({ partitionIndex, errorCode, errorMessage }) => {
      const reason = refusalOf(errorCode, 'AlterPartitionReassignments');
      if (reason === undefined) return [];
      return [{ topic: name, partition: partitionIndex, reason, ...(errorMessage && { message: errorMessage }) }];
    }),
  );
}
