import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RemotingClient, Request, Response } from '../../../../brokers/rocketmq/protocol/frame.ts';
import { readStoredMessages } from '../../../../brokers/rocketmq/protocol/message.ts';
import { seedRocketmqKinds } from '../../../../lab/seed/rocketmq-cluster.ts';
import type { SeededCluster } from '../../../../lab/seed/seeded-cluster.ts';

const { bodyHex } = JSON.parse(
  readFileSync(new URL('../../../fixtures/wire/rocketmq/pull-4.9.7.json', import.meta.url), 'utf8'),
) as { bodyHex: string };
const captured = Buffer.from(bodyHex, 'hex');
const stored = captured.subarray(0, [...readStoredMessages(captured)][0]?.storedBytes ?? 0);

/** A broker whose readers find a stored message only after some reads of the end, as on a busy machine. */
function slowDispatch(readsUntilFound: number) {
  const kept = new Map([['seed-returns', 20]]);
  let reads = 0;
  const answers: Record<number, (fields: Request['fields']) => Partial<Response>> = {
    30({ topic = '' }) {
      const isFound = topic !== 'seed-returns' || reads++ >= readsUntilFound;
      return { fields: { offset: String(isFound ? (kept.get(topic) ?? 0) : 0) } };
    },
    11: () =>
      reads > readsUntilFound
        ? { fields: { nextBeginOffset: '20' }, body: Buffer.concat(Array.from({ length: 20 }, () => stored)) }
        : { code: 19, fields: { nextBeginOffset: '0' } },
    36({ group = '', delayLevel }) {
      const topic = `${delayLevel === '-1' ? '%DLQ%' : '%RETRY%'}${group}`;
      kept.set(topic, (kept.get(topic) ?? 0) + 1);
      return {};
    },
    310: () => ({ fields: { msgId: 'A', queueId: '0', queueOffset: '0' } }),
    28: () => ({ body: Buffer.from('{"table":{}}') }),
  };
  const client: RemotingClient = {
    ask: async (_, { code, fields }) => ({ code: 0, fields: {}, body: Buffer.alloc(0), ...answers[code]?.(fields) }),
    onRequest: () => undefined,
    async [Symbol.asyncDispose]() {},
  };
  return { client, kept };
}

test('seeding waits until a busy broker shows the messages that a group sends back', async () => {
  const { client, kept } = slowDispatch(3);
  const cluster: SeededCluster = {
    ensureTopic: async () => undefined,
    ends: async () => [20n],
    send: async () => undefined,
    commit: async () => undefined,
    seedOwn: async () => ({ topics: [], groups: [] }),
    async [Symbol.asyncDispose]() {},
  };
  const queue = { partition: 0, brokerName: 'a', queueId: 0, address: 'a:1', isWritable: true, isReadable: true };
  const queues = {
    of: async (topic: string) => [{ topic, ...queue }],
    forget: () => undefined,
    renew: () => undefined,
  };
  const io = { signal: AbortSignal.timeout(10_000), progress: () => undefined };
  await seedRocketmqKinds(cluster, { client, queues, makeGroup: async () => undefined }, io);
  expect([kept.get('%RETRY%seed-retrying'), kept.get('%DLQ%seed-giving-up')]).toEqual([20, 20]);
});
