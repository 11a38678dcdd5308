// Deletes a RocketMQ topic on every broker and in every name server, unless messages arrived since it was read.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import { seconds } from '../../../core/clock.ts';
import type { RocketmqChangeKind, RocketmqTools } from '../administration.ts';
import { masterOf, queuesOf, topicAt } from '../broker-group.ts';
import { setAt, untilCopied } from '../until-copied.ts';
import { deletedTopicText, done, heldBy, refused } from '../../change/step.ts';

export const DeleteTopicFacts = z.strictObject({
  topic: z.string(),
  brokers: z.array(
    z.strictObject({
      brokerName: z.string(),
      address: z.string(),
      queues: z.number(),
      ends: z.array(z.string()).describe('offset of the next message by queue, when the change was planned'),
    }),
  ),
  popRetryTopics: z.array(z.string()).optional().describe('where POP consumers get messages of the topic again'),
  acceptWrites: z.boolean(),
  isResumed: z.boolean().optional().describe('the topic may have been deleted, and created again, since the plan'),
  setAt,
});
export type DeleteTopicFacts = z.infer<typeof DeleteTopicFacts>;

export const deleteTopic: RocketmqChangeKind<DeleteTopicFacts> = {
  name: 'delete-topic',
  facts: DeleteTopicFacts,

  steps: (facts, { admin, clock, clusterArgs }) => {
    const { topic, brokers, popRetryTopics = [] } = facts;
    return [
      untilCopied(
        {
          id: 'delete-topic',
          description: `delete topic ${topic} with all its messages on ${brokers.map(({ brokerName }) => brokerName).join(', ')}`,
          zh: `在 ${brokers.map(({ brokerName }) => brokerName).join('、')} 上删除 Topic ${topic} 及其全部消息`,
          pause: seconds(1),
          async run(io) {
            const present: { brokerName: string; address: string }[] = [];
            for (const broker of brokers) {
              const address = await masterOf(admin, broker.brokerName, io, broker.address);
              if ((await topicAt(admin, address, topic, io)) === undefined) continue;
              await refuseIfWritten(admin, facts, { ...broker, address }, io);
              present.push({ brokerName: broker.brokerName, address });
            }
            // Deletes the topic last: a resumed deletion skips a broker without it. From 5.3.3 on, brokers delete all of
            // these topics.
            for (const { address } of present) {
              for (const name of [...popRetryTopics, topic]) await admin.deleteTopic(address, name, io);
            }
            const [first] = brokers;
            const again = `plimsoll ops rocketmq create-topic${clusterArgs} --topic ${quotedWord(topic)} --queues ${first?.queues ?? 1}`;
            return done(deletedTopicText(again));
          },
          undo: { none: 'a deleted topic cannot be restored', zh: '已删除的 Topic 无法恢复' },
        },
        facts,
        { desk: admin, clock },
        {
          what: `the deletion of ${topic}`,
          at: async (address, io) => (await topicAt(admin, address, topic, io)) && 'it',
        },
      ),
      {
        id: 'forget-routes',
        description: 'remove its routes and its order configuration from every name server',
        zh: '从所有 NameServer 移除其路由和顺序配置',
        pause: seconds(1),
        async run(io) {
          for (const server of admin.namesrv) {
            for (const name of [topic, ...popRetryTopics]) await admin.forgetTopic(server, name, io);
            if ((await admin.orderOf(server, topic, io)) !== undefined)
              await admin.setOrder(server, topic, undefined, io);
          }
          const left: string[] = [];
          for (const server of admin.namesrv) {
            if ((await admin.route(server, topic, io)) !== undefined) left.push(server);
          }
          return left.length === 0
            ? done({ en: 'no name server shows it', zh: '已没有 NameServer 显示该 Topic' })
            : heldBy(
                left.map((server) => ({
                  en: `name server ${server} still shows ${topic}`,
                  zh: `NameServer ${server} 仍显示 ${topic}`,
                })),
              );
        },
        undo: { none: 'a deleted topic cannot be restored', zh: '已删除的 Topic 无法恢复' },
      },
    ];
  },
};

/** @throws AppError change-refused */
async function refuseIfWritten(
  admin: RocketmqTools['admin'],
  { topic, acceptWrites, isResumed = false }: DeleteTopicFacts,
  { brokerName, address, queues, ends }: DeleteTopicFacts['brokers'][number],
  io: Io,
): Promise<void> {
  // A queue missing in the plan is new.
  const now = await admin.ends(address, queuesOf(topic, Math.max(queues, ends.length)), io);
  for (const [queueId, end] of now.entries()) {
    const known = BigInt(ends[queueId] ?? 0);
    if (end < known) throw refused(`topic ${topic} is not deleted: ${brokerName} has created it again since the plan`);
    if (end > known && !acceptWrites) {
      throw refused(
        `topic ${topic} is not deleted: producers wrote to queue ${queueId} of ${brokerName} since the plan (messages: ${end - known})`,
        'stop its producers; --accept-writes deletes it nevertheless',
      );
    }
  }
  // A re-created topic has the same offsets only if both are empty.
  const isAsPlanned = now.some((end) => end > 0n) && now.every((end, queueId) => end === BigInt(ends[queueId] ?? 0));
  if (isResumed && !isAsPlanned) {
    throw refused(
      `topic ${topic} is not deleted: RocketMQ has no topic ids, so it is unknown whether ${brokerName} has created it again since the plan`,
      'to delete the topic as it is now, end this change with --abort and plan the deletion again',
    );
  }
}
