import { expect, test } from 'vitest';
import type { ClusterAdmin, ClusterInspector } from '../../../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { AppError } from '../../../../core/errors.ts';
import { createTopics, planTopic, retainedBytesOf } from '../../../../loadgen/execute/topic.ts';
import type { WantedTopic } from '../../../../loadgen/plan/plan.ts';

const io = { signal: new AbortController().signal };

type Tools = Parameters<typeof createTopics>[2] & { inspector: ClusterInspector };

const prepareTopic = async (topic: WantedTopic, { inspector, ...tools }: Tools, signal = io.signal) =>
  createTopics(await planTopic(topic, inspector, io), topic, tools, { signal });

/** A cluster that records changes. */
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
  const settings: Record<string, string> = {};
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
      Object.assign(settings, config);
    },
    async deleteTopic(name) {
      done.push(`delete topic ${name}`);
    },
    async deleteGroup(name, _, consumed = []) {
      done.push([`delete group ${name}`, ...consumed].join(' of '));
    },
    async [Symbol.asyncDispose]() {},
  };
  return { done, settings, inspector, admin };
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
    await using _ = await prepareTopic(topic, { ...tools, onProgress: () => {} });
  }
  return done;
}

test('a missing topic is created with limited retention, and deleted with its groups', async () => {
  expect(await useTopic({ brokers: 3 }, wanted())).toEqual([
    'create orders 12x3 89478485',
    'delete group g',
    'delete topic orders',
  ]);
});

test('retention keeps what paused consumers leave unread until they read it', async () => {
  const { settings, ...tools } = cluster({ brokers: 3 });
  // 50,000 messages a second of 1 kB for one minute.
  const topic = wanted({ unread: { bytes: 3e9, seconds: 7200 } });
  await prepareTopic(topic, { ...tools, onProgress: () => {} });
  expect(12 * Number(settings['retention.bytes'])).toBeGreaterThan(2 * 3e9);
  expect(Number(settings['retention.ms'])).toBe(3 * 3600 * 1000);
  expect(retainedBytesOf(topic)).toBe(12 * Number(settings['retention.bytes']));
});

test('segments are large enough for the largest message, which a broker would otherwise refuse', async () => {
  const { settings, ...tools } = cluster({ brokers: 3 });
  const topic = wanted({ largestMessageBytes: 40e6 });
  await prepareTopic(topic, { ...tools, onProgress: () => {} });
  expect(settings).toMatchObject({ 'segment.bytes': '80000000', 'retention.bytes': '160000000' });
  expect(retainedBytesOf(topic)).toBe(12 * 160e6);
});

test('a RocketMQ topic is created without Kafka settings, which its brokers refuse', async () => {
  expect((await useTopic({ kind: 'rocketmq' }, wanted()))[0]).toBe('create orders 12x1 undefined');
});

test('groups behind a proxy are deleted with their redelivered messages', async () => {
  const done = await useTopic({ kind: 'rocketmq' }, wanted({ throughProxy: true }));
  expect(done.slice(1)).toEqual(['delete group g of orders', 'delete topic orders']);
});

test('a single broker gets one replica', async () => {
  expect((await useTopic({}, wanted()))[0]).toMatch(/12x1/);
});

test('a topic that existed before is never deleted', async () => {
  expect(await useTopic({ existing: { partitions: 4, replicas: 1 } }, wanted())).toEqual(['delete group g']);
});

test('with keep, topic and groups are kept', async () => {
  expect(await useTopic({}, wanted({ keep: true }))).toHaveLength(1);
});

test('a topic with another partition count is a conflict, and nothing is changed', async () => {
  const { done, ...tools } = cluster({ existing: { partitions: 4, replicas: 1 } });
  await expect(prepareTopic(wanted({ partitions: 6 }), { ...tools, onProgress: () => {} })).rejects.toMatchObject({
    code: 'topic-conflict',
    message: 'topic orders exists with 4 partitions and 1 replica, 6 and 1 were requested',
  });
  expect(done).toEqual([]);
});

test('a topic that cannot be deleted is reported and does not fail the run', async () => {
  const { inspector, admin } = cluster({});
  const told: unknown[] = [];
  const refusing = { ...admin, deleteTopic: () => Promise.reject(new AppError('broker-unreachable', 'gone')) };
  {
    await using _ = await prepareTopic(wanted(), {
      inspector,
      admin: refusing,
      onProgress: (piece) => told.push(piece),
    });
  }
  expect(told).toEqual([{ kind: 'left-behind', what: 'topic orders', reason: 'gone' }]);
});

test('a created topic is deleted even if the wait for all brokers was aborted', async () => {
  const { done, inspector, admin } = cluster({});
  const stopped = new AbortController();
  const waiting: ClusterAdmin = {
    ...admin,
    // Like the drivers: the controller has responded, and brokers are queried until all of them know the topic.
    async createTopic(topic, { signal }) {
      await admin.createTopic(topic, io);
      const aborted = new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new AppError('aborted', 'interrupted')));
      });
      stopped.abort();
      await aborted;
    },
  };
  const preparing = prepareTopic(wanted(), { inspector, admin: waiting, onProgress: () => {} }, stopped.signal);
  await expect(preparing).rejects.toMatchObject({ code: 'aborted' });
  expect(done).toEqual(['create orders 12x1 89478485', 'delete topic orders']);
});

test('a topic that another client created in the meantime is not deleted', async () => {
  const { done, inspector, admin } = cluster({});
  const refusing: ClusterAdmin = {
    ...admin,
    createTopic: async () => {
      throw new AppError('topic-conflict', 'cannot create topic orders with 12 partitions: it exists');
    },
  };
  const preparing = prepareTopic(wanted(), { inspector, admin: refusing, onProgress: () => {} });
  await expect(preparing).rejects.toMatchObject({ code: 'topic-conflict' });
  expect(done).toEqual([]);
});

test('the topics that the run will create are planned before anything is created', async () => {
  const { done, inspector } = cluster({ existing: { partitions: 4, replicas: 1 } });
  const planned = await planTopic(wanted({ names: ['orders', 'payments'] }), inspector, io);
  expect(planned).toMatchObject({ own: ['payments'], missing: ['payments'], partitions: 4, isNew: true });
  expect(done).toEqual([]);
});
