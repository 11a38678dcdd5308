// Reads the KRaft quorum (leader and replica positions) with DescribeQuorum, from any broker.

import { describeQuorumV0, describeQuorumV1, describeQuorumV2 } from '../library.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import { refusalOf } from '../errors.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

const metadataLog = { topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] };

/** The controller quorum of KRaft. */
export interface Quorum {
  leader: string;
  epoch: number;
  highWatermark: bigint;
  voters: readonly QuorumReplica[];
  observers: readonly QuorumReplica[];
}

export type QuorumReplica = ReturnType<typeof replicaOf>;

export async function readQuorum(link: Link, io: Io): Promise<Quorum> {
  const api = newestSpoken(link, describeQuorumV2.api, describeQuorumV1.api, describeQuorumV0.api);
  const action = 'describe the quorum of controllers';
  const { topics } = await link.ask(action, io, api, [metadataLog]);
  const partition = topics[0]?.partitions[0];
  const refusal = refusalOf(partition?.errorCode ?? 0, 'DescribeQuorum');
  if (partition === undefined || refusal !== undefined) {
    throw new AppError('broker-refused', `cannot ${action} on ${link.address}: ${refusal ?? 'the response is empty'}`);
  }
  return {
    leader: String(partition.leaderId),
    epoch: partition.leaderEpoch,
    highWatermark: partition.highWatermark,
    voters: partition.currentVoters.map(replicaOf),
    observers: partition.observers.map(replicaOf),
  };
}

function replicaOf(replica: { replicaId: number; logEndOffset: bigint; lastCaughtUpTimestamp: bigint }) {
  const { replicaId, logEndOffset: logEnd, lastCaughtUpTimestamp: caughtUp } = replica;
  // -1 means unknown.
  return { id: String(replicaId), logEnd, ...(caughtUp > 0n && { lastCaughtUpMs: Number(caughtUp) }) };
}
