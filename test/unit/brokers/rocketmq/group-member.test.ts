import { expect, test } from 'vitest';
import { createGroupMember } from '../../../../brokers/rocketmq/group-member.ts';
import type { RemotingClient } from '../../../../brokers/rocketmq/protocol/frame.ts';
import type { TopicQueue } from '../../../../brokers/rocketmq/topic-queues.ts';
import { AppError } from '../../../../core/errors.ts';

test('a member keeps the queues of an unlisted broker that answers, and drops those of one that does not', async () => {
  const client: RemotingClient = {
    async ask(address) {
      if (address === 'down:10911') throw new AppError('broker-unreachable', `cannot reach ${address}`);
      return { code: 0, fields: {}, body: Buffer.alloc(0) };
    },
    onRequest: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  const member = createGroupMember(client, { group: 'billing', topic: 'orders' });
  const queueAt = (brokerName: string, more: Partial<TopicQueue> = {}): TopicQueue => {
    const address = `${brokerName}:10911`;
    const at = { topic: 'orders', partition: 0, brokerName, queueId: 0, address };
    return { ...at, isWritable: true, isReadable: true, ...more };
  };
  const io = { signal: new AbortController().signal };
  const unlisted = { unlistedAt: 0 };
  const kept = await member.heartbeat([queueAt('up'), queueAt('new', unlisted), queueAt('down', unlisted)], io);
  expect(kept.map(({ brokerName }) => brokerName)).toEqual(['up', 'new']);
  const listed = [queueAt('up'), queueAt('down')];
  // While the only broker changes its role, the member keeps its positions: they may be newer than the commits.
  for (const queues of [listed, [queueAt('down', unlisted)]]) {
    await expect(member.heartbeat(queues, io)).rejects.toMatchObject({ code: 'broker-unreachable' });
  }
});
