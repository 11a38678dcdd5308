import { expect, test } from 'vitest';
import type { ClusterInspector } from '../../../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { hearCluster } from '../../../../service/clusters/observed-cluster.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const io = { signal: new AbortController().signal };

function snapshotAt(end: bigint): ClusterSnapshot {
  const place = { topic: 'pay', partition: 0 };
  return {
    cluster: { name: 'orders', kind: 'kafka', brokers: [{ id: '1', address: 'b:9092' }] },
    topics: [
      { name: 'pay', internal: false, partitions: [{ ...place, leader: '1', replicas: ['1'], inSyncReplicas: ['1'] }] },
      { name: 'hidden', internal: false, partitions: [] },
    ],
    offsets: [{ ...place, end }],
    groups: [],
    sections: [{ section: 'offsets', broker: '1', kind: 'fresh', durationSeconds: 0.01 }],
  };
}

function heard() {
  const clock = createHandClock();
  let asked = 0;
  let answer: () => Promise<ClusterSnapshot> = async () => snapshotAt(0n);
  const inspector: ClusterInspector = {
    describe: async () => (await answer()).cluster,
    snapshot: () => (asked++, answer()),
    async [Symbol.asyncDispose]() {},
  };
  const cluster = hearCluster(
    {
      name: 'orders',
      broker: 'kafka',
      domains: [],
      shown: { topics: { deny: ['hidden'] }, groups: { deny: [] } },
      lookUp: () => Promise.reject(new Error('not asked')),
    },
    clock,
  );
  const reader = cluster.hear(inspector);
  return {
    clock,
    cluster,
    asked: () => asked,
    say: (next: () => Promise<ClusterSnapshot>) => void (answer = next),
    async read(after: number, end: bigint) {
      clock.advance(after);
      answer = async () => snapshotAt(end);
      await reader.snapshot(io);
    },
    reader,
  };
}

test('a rate is of two readings that lie far enough apart', async () => {
  const { read, cluster } = heard();
  await read(0, 0n);
  expect(cluster.served.traffic()).toBeUndefined();
  await read(2, 1000n);
  expect(cluster.served.traffic()).toBeUndefined();
  await read(10, 1200n);
  expect(cluster.served.traffic()).toMatchObject({ produceTps: 100, seconds: 12 });
});

test('what config leaves out is not told', async () => {
  const { read, cluster } = heard();
  await read(0, 0n);
  expect(cluster.served.last()?.snapshot.topics.map(({ name }) => name)).toEqual(['pay']);
});

test('readings at the same time cost the cluster one', async () => {
  const { reader, asked } = heard();
  await Promise.all([reader.snapshot(io), reader.snapshot(io)]);
  expect(asked()).toBe(1);
});

test('nobody reads again what a scrape just read', async () => {
  const { cluster, read, asked, clock } = heard();
  await read(0, 0n);
  await cluster.readIfOlder(15, io);
  expect(asked()).toBe(1);
  clock.advance(15);
  await cluster.readIfOlder(15, io);
  expect(asked()).toBe(2);
});

test('a cluster that fails keeps what it said last, with the reason; it is forgotten when it answers', async () => {
  const { read, say, cluster, reader } = heard();
  await read(0, 0n);
  await read(10, 500n);
  say(() => Promise.reject(new Error('connection refused')));
  await expect(reader.snapshot(io)).rejects.toThrow('connection refused');
  expect(cluster.served.trouble()?.reason).toBe('connection refused');
  expect(cluster.served.traffic()?.produceTps).toBe(50);
  expect(cluster.served.last()?.at).toEqual(new Date(10_000));
  await read(10, 500n);
  expect(cluster.served.trouble()).toBeUndefined();
});

test('values that are only kept are no reading of now', async () => {
  const { read, say, cluster, reader, clock } = heard();
  await read(0, 0n);
  clock.advance(10);
  const kept = snapshotAt(0n);
  say(async () => ({ ...kept, sections: [{ section: 'offsets', broker: '1', kind: 'kept', ageSeconds: 10 }] }));
  await reader.snapshot(io);
  expect(cluster.served.trouble()?.reason).toBe('no broker answered');
  expect(cluster.served.traffic()).toBeUndefined();
  expect(cluster.served.last()?.at).toEqual(new Date(0));
});
