import { expect, test } from 'vitest';
import type { ClusterInspector } from '../../../../brokers/driver.ts';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import { AppError } from '../../../../core/errors.ts';
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

test('a rate needs two readings that are far enough apart', async () => {
  const { read, cluster } = heard();
  await read(0, 0n);
  expect(cluster.served.traffic()).toBeUndefined();
  await read(2, 1000n);
  expect(cluster.served.traffic()).toBeUndefined();
  await read(10, 1200n);
  expect(cluster.served.traffic()).toMatchObject({ produceTps: 100, seconds: 12 });
});

test('an end offset that one reading lacked is counted from the last known one', async () => {
  const { read, say, clock, cluster, reader } = heard();
  await read(0, 0n);
  clock.advance(10);
  say(async () => ({ ...snapshotAt(0n), offsets: [] }));
  await reader.snapshot(io);
  await read(10, 400n);
  expect(cluster.served.traffic()?.topics.get('pay')).toEqual({ produceTps: 20 });
});

test('topics that the config excludes are not reported', async () => {
  const { read, cluster } = heard();
  await read(0, 0n);
  expect(cluster.served.last()?.snapshot.topics.map(({ name }) => name)).toEqual(['pay']);
});

test('concurrent reads query the cluster once', async () => {
  const { reader, asked } = heard();
  await Promise.all([reader.snapshot(io), reader.snapshot(io)]);
  expect(asked()).toBe(1);
});

test('a recent scrape is reused instead of a new read', async () => {
  const { cluster, read, asked, clock } = heard();
  await read(0, 0n);
  await cluster.readIfOlder(15, io);
  expect(asked()).toBe(1);
  clock.advance(15);
  await cluster.readIfOlder(15, io);
  expect(asked()).toBe(2);
});

const refused = () =>
  Promise.reject(new AppError('broker-unreachable', 'cannot reach a broker of cluster orders: connection refused'));

test('rates are marked old after one failed reading and dropped after two; the last snapshot stays', async () => {
  const { read, say, cluster, reader } = heard();
  await read(0, 0n);
  await read(10, 500n);
  say(refused);
  await expect(reader.snapshot(io)).rejects.toThrow('connection refused');
  expect(cluster.served.trouble()).toMatchObject({
    reason: expect.stringContaining('connection refused'),
    isDown: true,
  });
  expect(cluster.served.presence()).toMatchObject({ answering: [], lost: [{ id: '1', lastSeenMs: 10_000 }] });
  expect(cluster.served.traffic()).toMatchObject({ produceTps: 50, isOld: true });
  await expect(reader.snapshot(io)).rejects.toThrow('connection refused');
  expect(cluster.served.traffic()).toBeUndefined();
  expect(cluster.served.rateAt()).toEqual(new Date(10_000));
  expect(cluster.served.last()?.at).toEqual(new Date(10_000));
});

test('after an outage brokers are known at once, and a rate after two readings outside the outage', async () => {
  const { read, say, cluster, reader } = heard();
  await read(0, 0n);
  await read(10, 500n);
  say(refused);
  await expect(reader.snapshot(io)).rejects.toThrow();
  await expect(reader.snapshot(io)).rejects.toThrow();
  await read(300, 600n);
  expect(cluster.served.trouble()).toBeUndefined();
  expect(cluster.served.presence()).toMatchObject({ answering: [{ id: '1' }], lost: [] });
  expect(cluster.served.traffic()).toBeUndefined();
  await read(10, 1600n);
  expect(cluster.served.traffic()).toMatchObject({ produceTps: 100 });
  expect(cluster.served.traffic()).not.toHaveProperty('isOld');
});

test('the rate is unknown for the time that the machine was suspended', async () => {
  const { read, clock, cluster } = heard();
  await read(0, 0n);
  await read(15, 1500n);
  clock.suspend(3600);
  await read(15, 363_000n);
  expect(cluster.served.traffic()).toMatchObject({ produceTps: 100, isOld: true });
  expect(cluster.served.trouble()).toBeUndefined();
  await read(15, 366_000n);
  expect(cluster.served.traffic()).toMatchObject({ produceTps: 200, seconds: 15 });
  expect(cluster.served.traffic()).not.toHaveProperty('isOld');
});

test('a wall clock corrected by seconds or set back does not remove the rate', async () => {
  const { read, clock, cluster } = heard();
  await read(0, 0n);
  clock.suspend(2);
  await read(15, 1500n);
  expect(cluster.served.traffic()).toMatchObject({ produceTps: 100 });
  clock.suspend(-3600);
  await read(15, 4500n);
  expect(cluster.served.traffic()).toMatchObject({ produceTps: 200 });
});

test.for(['credentials-refused', 'name-servers-unreachable'] as const)(
  'a reading that fails with %s does not mark the cluster as down',
  async (code) => {
    const { read, say, cluster, reader } = heard();
    await read(0, 0n);
    say(() => Promise.reject(new AppError(code, 'refused')));
    await expect(reader.snapshot(io)).rejects.toThrow();
    expect(cluster.served.trouble()).toMatchObject({ isDown: false });
    expect(cluster.served.presence()).toMatchObject({ answering: [{ id: '1' }] });
  },
);

test('a cluster that is down stays down while its name servers also fail, until a broker answers', async () => {
  const { read, say, cluster, reader } = heard();
  const fail = async (code: 'broker-unreachable' | 'name-servers-unreachable' | 'credentials-refused') => {
    say(() => Promise.reject(new AppError(code, 'no answer')));
    await expect(reader.snapshot(io)).rejects.toThrow();
    return cluster.served.trouble()?.isDown;
  };
  await read(0, 0n);
  expect(await fail('broker-unreachable')).toBe(true);
  expect(await fail('name-servers-unreachable')).toBe(true);
  expect(await fail('name-servers-unreachable')).toBe(true);
  expect(cluster.served.presence()).toMatchObject({ answering: [] });
  await read(300, 100n);
  expect(await fail('name-servers-unreachable')).toBe(false);
  expect(await fail('broker-unreachable')).toBe(true);
  expect(await fail('credentials-refused')).toBe(false);
  expect(await fail('name-servers-unreachable')).toBe(false);
});

test('a broker that does not answer removes the rate; a broker that was not queried does not', async () => {
  const { read, say, cluster, reader, clock } = heard();
  await read(0, 0n);
  await read(10, 500n);
  const second = { section: 'offsets', broker: '2', durationSeconds: 1 };
  const sayPart = (kind: 'skipped' | 'missing', end: bigint) => {
    clock.advance(10);
    const whole = snapshotAt(end);
    const place = { topic: 'pay', partition: 1 };
    const led = { ...place, leader: '2', replicas: ['2'], inSyncReplicas: ['2'] };
    say(async () => ({
      ...whole,
      cluster: { ...whole.cluster, brokers: [...whole.cluster.brokers, { id: '2', address: 'c:9092' }] },
      topics: whole.topics.map((topic) => ({ ...topic, partitions: [...topic.partitions, led] })),
      sections: [...whole.sections, { ...second, kind }],
    }));
    return reader.snapshot(io);
  };
  await sayPart('skipped', 600n);
  expect(cluster.served.traffic()).toMatchObject({ produceTps: 50 });
  expect(cluster.served.traffic()).not.toHaveProperty('isOld');
  await sayPart('missing', 700n);
  expect(cluster.served.traffic()).toMatchObject({ produceTps: 50, isOld: true });
  await sayPart('missing', 800n);
  // The traffic of the topic's partitions on the other broker is unknown.
  expect(cluster.served.traffic()?.topics).toEqual(new Map());
  expect(cluster.served.traffic()).not.toHaveProperty('produceTps');
});

test('a snapshot of cached values only does not count as a current reading', async () => {
  const { read, say, cluster, reader, clock } = heard();
  await read(0, 0n);
  clock.advance(10);
  const kept = snapshotAt(0n);
  const offsets = { section: 'offsets', broker: '1', kind: 'kept', durationSeconds: 0.1, ageSeconds: 10 } as const;
  say(async () => ({ ...kept, sections: [{ ...offsets, isUnreachable: true }] }));
  await reader.snapshot(io);
  expect(cluster.served.trouble()).toMatchObject({ reason: 'no broker answered', isDown: true });
  expect(cluster.served.traffic()).toBeUndefined();
  expect(cluster.served.last()?.at).toEqual(new Date(0));
});
