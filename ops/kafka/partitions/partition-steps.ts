// Defines the steps that add partitions, and their facts. There is no rollback: Kafka cannot remove partitions.

import { z } from 'zod';
import type { MorePartitions } from '../../../brokers/kafka/changes/create-partitions.ts';
import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { Clock } from '../../../core/clock.ts';
import type { ChangeKind } from '../../change/change-kind.ts';
import { done, type Step } from '../../change/step.ts';
import { awaitLeaders } from './await-leaders.ts';
import type { ReadingGroup } from './partition-findings.ts';

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

interface CutOver {
  topic: string;
  to: number;
  newTopic: string;
  replicationFactor: number;
  /** Topic settings, which the new topic also gets. */
  settings: Readonly<Record<string, string>>;
  groups: readonly ReadingGroup[];
}

/** Lists the steps to reduce partitions, which requires a new topic that clients switch to. */
export function cutOverSteps({ topic, to, newTopic, replicationFactor, settings, groups }: CutOver): string[] {
  const configs = Object.entries(settings).map(([key, value]) => ` --config ${key}=${value}`);
  const readers = groups.map(({ group }) => group);
  const listed = readers.length === 0 ? 'there are none now' : readers.join(', ');
  return [
    `Create ${newTopic}: kafka-topics.sh --bootstrap-server BROKER:9092 --create --topic ${newTopic} --partitions ${to} --replication-factor ${replicationFactor}${configs.join('')}`,
    `Subscribe every group to both topics (${listed}), with auto.offset.reset=earliest for the new one. Wait until each is assigned to both: plimsoll get group NAME.`,
    `Where order by key matters, stop sending to ${topic} and wait until every group's lag there is 0. Otherwise go on.`,
    `Switch producers to ${newTopic}, one after another. When the end offsets of ${topic} no longer change (plimsoll top --by messages), no producer uses it any more.`,
    `Wait until the lag of every group in ${topic} is 0 (plimsoll get groups), then take ${topic} out of their subscriptions.`,
    `Keep ${topic} until its retention has ended, or as long as it may be read again; then delete it.`,
    `Rollback, at any time before the last step: change senders back to ${topic}, and let groups read both topics until the lag in ${newTopic} is 0.`,
  ];
}
