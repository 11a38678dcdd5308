// Defines the steps that add partitions, and their facts. There is no rollback: Kafka cannot remove partitions.

import { z } from 'zod';
import type { MorePartitions } from '../../../brokers/kafka/changes/create-partitions.ts';
import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { Clock } from '../../../core/clock.ts';
import type { ChangeKind } from '../../change/change-kind.ts';
import { done, type Step } from '../../change/step.ts';
import { awaitLeaders } from './await-leaders.ts';

export const PartitionFacts = z.strictObject({
  topic: z.string(),
  from: z.number(),
  to: z.number(),
  assignments: z.array(z.array(z.number()).readonly()).readonly(),
});
export type PartitionFacts = z.infer<typeof PartitionFacts>;

interface PartitionTools {
  changes: Pick<KafkaChanges, 'describe' | 'createPartitions'>;
  clock: Clock;
  /** Receives the seconds until every partition had a leader. */
  created(seconds: number): void;
}

export const morePartitions: ChangeKind<PartitionFacts, PartitionTools> = {
  name: 'partitions',
  facts: PartitionFacts,
  steps: partitionSteps,
};

function partitionSteps(
  { topic, from, to: count, assignments }: PartitionFacts,
  { changes, clock, created }: PartitionTools,
): Step<PartitionFacts>[] {
  // Others may have added as many or more meanwhile.
  if (from >= count) return [];
  const wanted: MorePartitions = { topic, count, assignments };
  return [
    {
      id: 'create-partitions',
      description: `topic ${topic} gets ${count - from} more partitions: ${from} to ${count}`,
      zh: `把 ${topic} 的分区数从 ${from} 增加到 ${count}`,
      undo: { none: 'Kafka cannot remove partitions', zh: 'Kafka 不能减少分区' },
      async run(io) {
        const { topics } = await changes.describe(io);
        const now = topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
        // Added by a process that stopped after the controller had received its request.
        const en = `${topic} has ${now} partitions already`;
        if (now === count) return done({ en, zh: `${topic} 已有 ${now} 个分区` });
        await changes.createPartitions(wanted, { validateOnly: false }, io);
        return done();
      },
    },
    awaitLeaders(changes, wanted, clock, created),
  ];
}
