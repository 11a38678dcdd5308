import { expect, test } from 'vitest';
import type { ClusterAdmin, ClusterInspector } from '../../../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { AppError } from '../../../../core/errors.ts';
import { prepareTopic } from '../../../../loadgen/execute/topic.ts';
import type { WantedTopic } from '../../../../loadgen/plan/plan.ts';

const io = { signal: new AbortController().signal };

/** A cluster that writes down what is done to it. */
function cluster({
  kind = 'kafka',
  brokers = 1,
  existing,
}: {
  kind?: 'kafka' | 'rocketmq';
  brokers?: number;
  existing?: { partitions: number; replicas: number };
}) {
  const done: string[] = [];
  const snapshot: ClusterSnapshot = {
    cluster: {
      name: 'lab',
      kind,
      brokers: Array.from({ length: brokers }, (_, id) => ({ id: String(id), address: `b${id}:9092` })),
    },
    topics: existing
      ? [
          {
            name: 'orders',
            internal: false,
            partitions: Array.from({ length: existing.partitions }, (_, partition) => ({
              topic: 'orders',
              partition,
              replicas: Array.from({ length: existing.replicas }, String),
              inSyncReplicas: [],
            })),
          },
        ]
      : [],
    offsets: [],
    groups: [],
    sections: [],
  };
  const inspector: ClusterInspector = {
    describe: async () => snapshot.cluster,
    snapshot: async () => snapshot,
    async [Symbol.asyncDispose]() {},
  };
  const admin: ClusterAdmin = {
    async createTopic({ name, partitions, replicationFactor, config }) {
      done.push(`create ${name} ${partitions}x${replicationFactor} ${config?.['retention.bytes']}`);
    },
    async deleteTopic(name) {
      done.push(`delete topic ${name}`);
    },
    async deleteGroup(name, _, consumed = []) {
      done.push([`delete group ${name}`, ...consumed].join(' of '));
    },
    async [Symbol.asyncDispose]() {},
  };
  return { done, inspector, admin };
}

const wanted = (over: Partial<WantedTopic> = {}): WantedTopic => ({
  names: ['orders'],
  keep: false,
  groups: ['g'],
  ...over,
});

async function useTopic(given: Parameters<typeof cluster>[0], topic: WantedTopic): Promise<string[]> {
  const { done, ...tools } = cluster(given);
  {
    await using _ = await prepareTopic(topic, { ...tools, onProgress: () => {} }, io);
  }
  return done;
}

test('a topic that is not there is made with bounded retention, and deleted with its groups', async () => {
  expect(await useTopic({ brokers: 3 }, wanted())).toEqual([
    'create orders 12x3 89478485',
    'delete group g',
    'delete topic orders',
  ]);
});

test('a topic of RocketMQ is made without the settings of Kafka, which its brokers refuse', async () => {
  expect((await useTopic({ kind: 'rocketmq' }, wanted()))[0]).toBe('create orders 12x1 undefined');
});

test('groups behind a proxy are deleted with what was redelivered to them', async () => {
  const done = await useTopic({ kind: 'rocketmq' }, wanted({ throughProxy: true }));
  expect(done.slice(1)).toEqual(['delete group g of orders', 'delete topic orders']);
});

test('one broker gets one replica', async () => {
  expect((await useTopic({}, wanted()))[0]).toMatch(/12x1/);
});

test('a topic that was there already is never deleted', async () => {
  expect(await useTopic({ existing: { partitions: 4, replicas: 1 } }, wanted())).toEqual(['delete group g']);
});

test('kept is kept, groups included', async () => {
  expect(await useTopic({}, wanted({ keep: true }))).toHaveLength(1);
});

test('a topic with other partitions is a conflict, and nothing is touched', async () => {
  const { done, ...tools } = cluster({ existing: { partitions: 4, replicas: 1 } });
  await expect(prepareTopic(wanted({ partitions: 6 }), { ...tools, onProgress: () => {} }, io)).rejects.toMatchObject({
    code: 'topic-conflict',
    message: 'topic orders exists with 4 partitions and 1 replica, 6 and 1 were requested',
  });
  expect(done).toEqual([]);
});

test('what cannot be deleted is reported and does not spoil the run', async () => {
  const { inspector, admin } = cluster({});
  const told: unknown[] = [];
  const refusing = { ...admin, deleteTopic: () => Promise.reject(new AppError('broker-unreachable', 'gone')) };
  {
    await using _ = await prepareTopic(
      wanted(),
      { inspector, admin: refusing, onProgress: (piece) => told.push(piece) },
      io,
    );
  }
  expect(told).toEqual([{ kind: 'left-behind', what: 'topic orders', reason: 'gone' }]);
});
