// Deletes a Kafka topic, unless it changed since it was read.

import { z } from 'zod';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import type { KafkaChangeKind } from '../administration.ts';
import { awaitDeleted, storedIn, type StoredTopic } from './stored-messages.ts';
import { deletedTopicText, done, refused } from '../../change/step.ts';

export const DeleteTopicFacts = z.strictObject({
  topic: z.string(),
  id: z.string().optional().describe('absent where the cluster has no topic ids (before Kafka 2.8)'),
  partitions: z.number(),
  replicationFactor: z.number(),
  settings: z.record(z.string(), z.string()).describe('given to this topic'),
  ends: z
    .record(z.string(), z.string())
    .describe('offset of the next message by partition, when the change was planned'),
  acceptWrites: z.boolean(),
  isResumed: z.boolean().optional().describe('the topic may have been deleted, and created again, since the plan'),
});
export type DeleteTopicFacts = z.infer<typeof DeleteTopicFacts>;

/** Facts of an interrupted deletion that continues: what was accepted when it began stays accepted. */
export const resumedDeletion = (facts: DeleteTopicFacts, acceptWrites: boolean): DeleteTopicFacts => ({
  ...facts,
  acceptWrites: facts.acceptWrites || acceptWrites,
  isResumed: true,
});

export const deleteTopic: KafkaChangeKind<DeleteTopicFacts> = {
  name: 'delete-topic',
  facts: DeleteTopicFacts,

  steps: (facts, { admin, clock, clusterArgs }) => [
    {
      id: 'delete-topic',
      description: `delete topic ${facts.topic} with all its messages`,
      zh: `删除 Topic ${facts.topic} 及其全部消息`,
      async run(io) {
        const { topic } = facts;
        const stored = await storedIn(admin, topic, io);
        if (stored === undefined) return done({ en: `${topic} no longer exists`, zh: `${topic} 已不存在` });
        refuseIfChanged(facts, stored);
        const { id } = stored.topic;
        await admin.deleteTopic(topic, io, {
          ...(id !== undefined && { id }),
          async beforeRepeat() {
            const now = await storedIn(admin, topic, io);
            if (now !== undefined) refuseIfChanged({ ...facts, isResumed: true }, now);
          },
        });
        await awaitDeleted(admin, stored.topic, { clock, ...io });
        return done(deletedTopicText(createCommand(facts, clusterArgs)));
      },
      undo: { none: 'a deleted topic cannot be restored', zh: '已删除的 Topic 无法恢复' },
    },
  ],
};

/** @throws AppError change-refused */
function refuseIfChanged(
  { topic, id, ends, acceptWrites, isResumed = false }: DeleteTopicFacts,
  { topic: { id: idNow }, ends: now, unread }: StoredTopic,
): void {
  if (unread.length > 0) {
    throw refused(
      `topic ${topic} is not deleted: no leader answers for partitions ${unread.join(', ')}, so it is unknown whether they have changed since the plan`,
      'wait until these partitions have leaders',
    );
  }
  const isOther = id !== undefined && idNow !== undefined && id !== idNow;
  // Partitions are never removed from a topic.
  if (isOther || Object.entries(ends).some(([partition, end]) => (now.get(Number(partition)) ?? -1n) < BigInt(end))) {
    throw refused(`topic ${topic} is not deleted: it was created again since the plan`);
  }
  for (const [partition, end] of now) {
    // A partition missing in the plan is new.
    const known = BigInt(ends[partition] ?? 0);
    if (end > known && !acceptWrites) {
      throw refused(
        `topic ${topic} is not deleted: producers wrote to partition ${partition} since the plan (messages: ${end - known})`,
        'stop its producers; --accept-writes deletes it nevertheless',
      );
    }
  }
  const isIdentified = id !== undefined && idNow !== undefined;
  // A re-created topic has the same end offsets only if both are empty.
  const isAsPlanned =
    [...now.values()].some((end) => end > 0n) &&
    [...now].every(([partition, end]) => end === BigInt(ends[partition] ?? 0));
  if (isResumed && !isIdentified && !isAsPlanned) {
    throw refused(
      `topic ${topic} is not deleted: without a topic id (Kafka 2.8 and later) it is unknown whether it was created again since the plan`,
      'to delete the topic as it is now, end this change with --abort and plan the deletion again',
    );
  }
}

function createCommand({ topic, partitions, replicationFactor, settings }: DeleteTopicFacts, clusterArgs: string) {
  const set = Object.entries(settings).map(([key, value]) => ` --set ${quotedWord(`${key}=${value}`)}`);
  return `plimsoll ops kafka create-topic${clusterArgs} --topic ${quotedWord(topic)} --partitions ${partitions} --replication-factor ${replicationFactor}${set.join('')}`;
}
