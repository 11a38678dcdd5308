import { expect, test } from 'vitest';
import { rocketmqRedline } from '../../../../../ops/rocketmq/redline/rocketmq-redline.ts';
import { topicOf } from '../../../../support/defined-topic.ts';
import { fakeBroker, fakeCluster, store, type FakeBroker } from '../../../../support/fake-change-desk.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';

const io = { signal: new AbortController().signal };
const all = () => true;

/** Two masters with the same topics; each queue gets ten messages in ten seconds. */
async function sampled(
  topics: readonly ReturnType<typeof topicOf>[],
  own: Partial<FakeBroker> = {},
  ignoredGroups: readonly string[] = [],
) {
  const brokers = ['a', 'b'].map((name) =>
    fakeBroker(name, {
      topics: new Map(topics.map((each) => [each.name, each])),
      groups: new Map(),
      ...(name === 'a' && own),
    }),
  ) as [FakeBroker, FakeBroker];
  const cluster = fakeCluster({ 'a:1': brokers[0], 'b:1': brokers[1] });
  const clock = createHandClock();
  const driver = rocketmqRedline(cluster.desk, { broker: 'a', clock, ignoredGroups });
  const before = await driver.read(all, io);
  clock.advance(10);
  for (const broker of brokers) {
    for (const { name, writeQueues } of broker.topics.values())
      for (let queueId = 0; queueId < writeQueues; queueId += 1)
        for (let message = 0; message < 10; message += 1) store(broker, name, { queueId });
  }
  const reading = await driver.read(all, io);
  return { driver, cluster, reading, load: reading.loadSince(before), brokers };
}

test('computes the rate of each broker from the offsets of its queues', async () => {
  const { load, reading } = await sampled([topicOf('orders', { readQueues: 4, writeQueues: 4 })]);
  expect(load).toMatchObject({ clusterTps: 8, ledTps: { 'a:0': 4, 'b:0': 4 }, busyTopics: ['orders'] });
  expect(reading.layout.get('orders on b')).toBe('has 4 read and 4 write queues (permission 6)');
  expect(load.originals).toEqual([{ topic: 'orders', brokerName: 'a', address: 'a:1', readQueues: 4, writeQueues: 4 }]);
});

test('a restarted name server that lists no broker yet does not look like lost brokers', async () => {
  const { driver, cluster } = await sampled([topicOf('orders')]);
  cluster.desk.listings = async () => [{ server: 'ns1:9876', brokers: [] }];
  expect((await driver.read(all, io)).brokers).toEqual(['a:0', 'b:0']);
});

test('a step names the queues, their cost in moves, and the expected rate', async () => {
  const { load } = await sampled([topicOf('orders', { readQueues: 4, writeQueues: 4 })]);
  const next = load.next({ stepShare: 0.05, movesLeft: 100 });
  if (next.kind === 'end') throw new Error(next.end);
  expect(next.step).toMatchObject({ names: ['orders: 5 write queues'], moves: 2 });
  expect(next.step.ledTps).toBeCloseTo((8 * 5) / 9, 6);
  expect(next.step.after().ledTps['a:0']).toBe(next.step.ledTps);
});

test.each([
  ['an ordered topic', topicOf('orders', { order: true }), 'it is an ordered topic'],
  ['a FIFO topic', topicOf('orders', { attributes: { 'message.type': 'FIFO' } }), 'it is an ordered topic'],
  [
    'a topic of delayed messages',
    topicOf('orders', { attributes: { 'message.type': 'DELAY' } }),
    'delayed or transactional',
  ],
])('skips and names %s', async (_, topic, reason) => {
  const { driver, load } = await sampled([topic, topicOf('payments')]);
  const { load: kept, left } = await driver.candidates(load, io);
  expect(left).toHaveLength(1);
  expect(left[0]).toMatch(new RegExp(`^orders: .*${reason}`));
  expect(kept.originals.map(({ topic: name }) => name)).toEqual(['payments']);
  // Its traffic still counts.
  expect(kept.clusterTps).toBe(load.clusterTps);
});

test('skips topics whose readers could not finish the removed queues, unless these groups are ignored', async () => {
  const readers = {
    groups: new Map([['billing', '{"groupName":"billing"}']]),
    commits: [{ topic: 'orders', group: 'billing', byQueue: new Map([[0, 1n]]) }],
  };
  const offline = await sampled([topicOf('orders')], readers);
  expect((await offline.driver.candidates(offline.load, io)).left).toEqual([
    'orders: group billing has no client online and would not read the removed queues (--ignore-group billing)',
  ]);
  const ignored = await sampled([topicOf('orders')], readers, ['billing']);
  expect((await ignored.driver.candidates(ignored.load, io)).left).toEqual([]);
});

test('a group that reads in order makes its topic an ordered one', async () => {
  const { driver, load } = await sampled([topicOf('orders')], {
    groups: new Map([['billing', '{"groupName":"billing","consumeMessageOrderly":false}']]),
    online: new Map([['billing', { clients: ['c1'], topics: ['orders'] }]]),
    orderly: new Set(['billing']),
  });
  expect((await driver.candidates(load, io)).left[0]).toContain('group billing reads it in order');
});

test('skips a topic with delayed messages, which may arrive in removed queues', async () => {
  const { driver, load, brokers } = await sampled([topicOf('orders')]);
  store(brokers[0], 'orders', { queueId: 1, properties: Buffer.from('REAL_TOPIC\u0001orders\u0002') });
  expect((await driver.candidates(load, io)).left[0]).toContain('delayed or transactional messages');
});

test('reports an unknown broker, a closed broker, and a cluster with a single master', async () => {
  const { driver, cluster, brokers } = await sampled([topicOf('orders')]);
  brokers[0].settings.set('brokerPermission', '4');
  expect(await driver.problems(all, io)).toEqual(['broker a is closed to writes (brokerPermission=4)']);
  brokers[1].isUp = false;
  expect((await driver.problems(all, io))[0]).toContain('has one master');
  const strange = rocketmqRedline(cluster.desk, { broker: 'c', clock: createHandClock(), ignoredGroups: [] });
  await expect(strange.verify(io)).rejects.toThrow('has no broker c with a master; brokers: a');
});
