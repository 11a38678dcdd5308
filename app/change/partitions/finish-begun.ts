// Completes a partition change whose process stopped after the controller had created the partitions.

import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { carryOut } from '../../../ops/change/carry-out.ts';
import { readJournal } from '../../../ops/change/journal.ts';
import { PartitionFacts, partitionSteps } from '../../../ops/kafka/partitions/partition-steps.ts';
import type { Caller, CommonRequest } from '../../caller.ts';
import { verifyCluster } from '../../observe/named-cluster.ts';
import { claimsOf, continueChange } from '../journaled-change.ts';

export interface FinishedPartitions {
  topic: string;
  to: number;
  executed: { partitions: number; seconds: number };
}

/** Handles a repeated command after its process was stopped: only awaits the leaders and ends the journal. */
export async function finishBegun(
  io: Caller<CommonRequest & Readonly<{ topic: string; to: number }>>,
  named: { name: string; config: KafkaClusterConfig },
  changes: Pick<KafkaChanges, 'describe' | 'createPartitions'>,
): Promise<FinishedPartitions | undefined> {
  const { topic, to, execute } = io.options;
  if (!execute) return undefined;
  const claims = claimsOf(io, { cluster: named.name, change: 'partitions', subject: `topic ${topic}` });
  const journal = await readJournal(claims.path, PartitionFacts);
  if (journal?.status !== 'running' || journal.facts.to !== to) return undefined;
  const { topics } = await changes.describe(io);
  if (topics.find(({ name }) => name === topic)?.partitions.length !== to) return undefined;
  const typed = await verifyCluster(named, io);
  // The change was approved when it began.
  const resuming = { ...io, options: { ...io.options, resume: true } };
  const continued = { ...claims, schema: PartitionFacts, isLeaseNeeded: true };
  let executed = { partitions: to, seconds: 0 };
  await continueChange(resuming, { ...named, typed }, continued, (held) => {
    const { facts } = held.journal;
    const steps = partitionSteps(changes, facts, io.clock, (seconds) => void (executed = { partitions: to, seconds }));
    return carryOut({ ...held, steps });
  });
  return { topic, to, executed };
}
