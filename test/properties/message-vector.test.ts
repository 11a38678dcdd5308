import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageLoad, messageVector, type MessageShape } from '../../analyzer/planning/sizing/message-vector.ts';
import { cardBytes, messageCost } from '../../core/wire/message-cost.ts';

const build = fc
  .record({ mode: fc.constantFrom('master-slave', 'dledger', 'controller'), replicas: fc.integer({ min: 2, max: 5 }) })
  .map((parts) => ({ broker: 'rocketmq' as const, ...parts }));
const shape = fc.record(
  {
    consumerGroups: fc.integer({ min: 0, max: 8 }),
    messagesPerRequest: fc.integer({ min: 1, max: 64 }),
    compressionRatio: fc.double({ min: 1, max: 8, noNaN: true }),
    keyBytes: fc.integer({ min: 0, max: 64 }),
    isDelayed: fc.boolean(),
  },
  { requiredKeys: ['consumerGroups'] },
);
const messageBytes = fc.integer({ min: 1, max: 100_000 });

test('the sized network interface covers the load of the master and of each slave', () => {
  fc.assert(
    fc.property(build, shape, messageBytes, (of, asked, bytes) => {
      const { compressionRatio, messagesPerRequest, keyBytes, ...rest } = asked;
      const demand: MessageShape = {
        ...rest,
        ...(compressionRatio !== undefined && { compressionRatio }),
        ...(messagesPerRequest !== undefined && { messagesPerRequest }),
        ...(keyBytes !== undefined && { keyBytes }),
      };
      const vector = messageVector(of, demand, bytes);
      const cost = messageCost(messageLoad(of, demand, bytes));
      const [master, followers] = [cardBytes(cost), cardBytes(cost, 'follower')];
      expect(vector.in).toBeGreaterThanOrEqual(master.in);
      expect(vector.out).toBeGreaterThanOrEqual(master.out);
      expect(vector.in * (of.replicas - 1)).toBeGreaterThanOrEqual(followers.out * (1 - 1e-12));
      expect(vector.out * (of.replicas - 1)).toBeGreaterThanOrEqual(followers.in * (1 - 1e-12));
    }),
  );
});

test('delayed messages cost a slave more than the master that stores them until they are due', () => {
  const of = { broker: 'rocketmq', mode: 'master-slave', replicas: 2 } as const;
  const demand: MessageShape = { consumerGroups: 1, isDelayed: true };
  expect(messageVector(of, demand, 1000).in).toBeGreaterThan(
    1.2 * cardBytes(messageCost(messageLoad(of, demand, 1000))).in,
  );
});
