// Creates a Kafka topic; the rollback deletes it while it is empty.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { changesNothing } from '../../change/step.ts';
import { finding, findingIf, type PlannedChange } from '../../change/change-kind.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { WantedTopic } from '../../../brokers/kafka/changes/topics.ts';
import type { KafkaChangeKind, KafkaTools } from '../administration.ts';
import { awaitPartitions } from '../partitions/await-partitions.ts';
import { awaitDeleted, storedIn } from './stored-messages.ts';

export const CreateTopicFacts = z.strictObject({
  topic: z.string(),
  partitions: z.number(),
  replicationFactor: z.number(),
  settings: z.record(z.string(), z.string()),
});
export type CreateTopicFacts = z.infer<typeof CreateTopicFacts>;

/** The controller checks the request. @throws AppError topic-conflict, broker-refused */
export async function planCreateTopic(
  { admin }: KafkaTools,
  wanted: WantedTopic,
  io: Io,
): Promise<PlannedChange<CreateTopicFacts>> {
  const { name: topic, config: settings = {} } = wanted;
  const { partitions, replicationFactor } = await admin.createTopic(wanted, { validateOnly: true }, io);
  const facts = { topic, partitions, replicationFactor, settings: { ...settings } };
  const inSync = Number(settings['min.insync.replicas']);
  const findings = [
    ...(replicationFactor === 1
      ? [finding('warning', 'one-copy', `${topic} has one copy: the loss of its broker loses its messages`)]
      : []),
    ...findingIf(
      inSync > replicationFactor,
      'critical',
      'never-in-sync',
      `min.insync.replicas=${inSync} is more than the replication factor ${replicationFactor}: before Kafka 3.7 producers with acks=all cannot write`,
    ),
  ];
  return { subject: topic, facts, findings, holds: [] };
}

export const createTopic: KafkaChangeKind<CreateTopicFacts> = {
  name: 'create-topic',
  facts: CreateTopicFacts,

  steps: ({ topic, partitions, replicationFactor, settings }, { admin, clock }) => [
    {
      id: 'create-topic',
      by: 'plimsoll',
      description: `create topic ${topic}: partitions ${partitions}, replication factor ${replicationFactor}${settingsText(settings)}`,
      async run(io) {
        const existing = await partitionsOf(admin, topic, io);
        // Of a process that was stopped after the controller had its request.
        if (existing === partitions) return { kind: 'done', evidence: [`${topic} exists already`] };
        if (existing !== undefined) {
          throw new AppError(
            'topic-conflict',
            `topic ${topic} already exists (partitions: ${existing}), created by another tool or person`,
          );
        }
        await admin.createTopic(
          { name: topic, partitions, replicationFactor, config: settings },
          { validateOnly: false },
          io,
        );
        return { kind: 'done', evidence: [] };
      },
      undo: {
        description: `delete topic ${topic} if it is empty`,
        async run(io) {
          const stored = await storedIn(admin, topic, io);
          if (stored === undefined) return [`${topic} does not exist`];
          if (stored.messages > 0n) {
            return [`${topic} has messages and stays; \`plimsoll ops kafka delete-topic --topic ${topic}\` deletes it`];
          }
          await admin.deleteTopic(topic, io);
          await awaitDeleted(admin, topic, { clock, ...io });
          return [`deleted ${topic}`];
        },
      },
    },
    {
      id: 'await-leaders',
      by: 'plimsoll',
      description: 'wait until every partition has a leader',
      undo: changesNothing,
      async run({ signal }) {
        const waited = await awaitPartitions(admin, { topic, count: partitions }, { clock, signal });
        return {
          kind: 'done',
          evidence: [`all partitions of ${topic} have leaders after ${waited.toFixed(1)} s (${partitions})`],
        };
      },
    },
  ],
};

const settingsText = (settings: Readonly<Record<string, string>>) =>
  Object.entries(settings)
    .map(([key, value]) => `, ${key}=${value}`)
    .join('');

async function partitionsOf(admin: KafkaTools['admin'], topic: string, io: Io): Promise<number | undefined> {
  const { topics } = await admin.describe(io);
  return topics.find(({ name }) => name === topic)?.partitions.length;
}
