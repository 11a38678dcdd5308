// Deletes a Kafka topic, unless it changed since it was looked at.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import type { KafkaChangeKind } from '../administration.ts';
import { awaitDeleted, storedIn } from './stored-messages.ts';

export const DeleteTopicFacts = z.strictObject({
  topic: z.string(),
  partitions: z.number(),
  replicationFactor: z.number(),
  settings: z.record(z.string(), z.string()).describe('given to this topic'),
  ends: z
    .record(z.string(), z.string())
    .describe('offset of the next message by partition, when the change was planned'),
  acceptWrites: z.boolean(),
});
export type DeleteTopicFacts = z.infer<typeof DeleteTopicFacts>;

export const deleteTopic: KafkaChangeKind<DeleteTopicFacts> = {
  name: 'delete-topic',
  facts: DeleteTopicFacts,

  steps: (facts, { admin, clock, clusterArgs }) => [
    {
      id: 'delete-topic',
      by: 'plimsoll',
      description: `delete topic ${facts.topic} with all its messages`,
      async run(io) {
        const { topic } = facts;
        const stored = await storedIn(admin, topic, io);
        if (stored === undefined) return { kind: 'done', evidence: [`${topic} no longer exists`] };
        refuseIfChanged(facts, stored.ends);
        await admin.deleteTopic(topic, io);
        await awaitDeleted(admin, topic, { clock, ...io });
        return {
          kind: 'done',
          evidence: [`deleted; to create it again (empty): ${createCommand(facts, clusterArgs)}`],
        };
      },
      undo: { none: 'a deleted topic cannot be restored' },
    },
  ],
};

/** @throws AppError change-refused */
function refuseIfChanged({ topic, ends, acceptWrites }: DeleteTopicFacts, now: ReadonlyMap<number, bigint>): void {
  for (const [partition, end] of now) {
    // A partition that the plan did not have is new.
    const known = BigInt(ends[partition] ?? 0);
    if (end < known) {
      throw new AppError('change-refused', `topic ${topic} is not deleted: it was created again since the plan`);
    }
    if (end > known && !acceptWrites) {
      throw new AppError(
        'change-refused',
        `topic ${topic} is not deleted: producers wrote to partition ${partition} since the plan (messages: ${end - known})`,
        { hint: 'stop its producers; --accept-writes deletes it nevertheless' },
      );
    }
  }
}

function createCommand(
  { topic, partitions, replicationFactor, settings }: DeleteTopicFacts,
  clusterArgs: string,
): string {
  const set = Object.entries(settings).map(([key, value]) => ` --set ${quotedWord(`${key}=${value}`)}`);
  return `plimsoll ops kafka create-topic${clusterArgs} --topic ${quotedWord(topic)} --partitions ${partitions} --copies ${replicationFactor}${set.join('')}`;
}
