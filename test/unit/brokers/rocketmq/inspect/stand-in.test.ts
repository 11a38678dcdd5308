import { expect, test } from 'vitest';
import type { QueueReading } from '../../../../../brokers/rocketmq/inspect/broker-reading.ts';
import { withStandIn } from '../../../../../brokers/rocketmq/inspect/absent-masters.ts';

const config = (name: string, readQueues = 1) => ({
  name,
  readQueues,
  writeQueues: readQueues,
  queues: readQueues,
  permission: 6,
  filterType: 'SINGLE_TAG',
  sysFlag: 0,
  order: false,
  attributes: {},
});

function readingOf(brokerId: number, over: Partial<QueueReading>): QueueReading {
  const broker = { id: `broker-a:${brokerId}`, brokerName: 'broker-a', brokerId, address: `127.0.0.1:${brokerId}` };
  return { broker, topics: [], groups: [], hasAllGroups: true, commits: new Map(), moved: new Set(), ...over };
}
const commits = (byQueue: readonly [number, bigint][]) =>
  new Map([['orders@billing', { topic: 'orders', group: 'billing', byQueue: new Map(byQueue) }]]);

test('data that the slave has not replicated yet is taken from the master', () => {
  const master = readingOf(0, {
    topics: [config('orders'), config('new')],
    commits: commits([[0, 20n]]),
    offsets: new Map([['new', [{ end: 5n }]]]),
  });
  const merged = withStandIn(master, readingOf(1, { topics: [config('orders', 4)] }));
  expect(merged.broker.id).toBe('broker-a:1');
  expect(merged.topics.map(({ name, readQueues }) => [name, readQueues])).toEqual([
    ['orders', 4],
    ['new', 1],
  ]);
  expect(merged.commits).toEqual(master.commits);
  expect(merged.offsets).toEqual(master.offsets);
});

test('commits and ends are the higher ones of both, per queue', () => {
  const master = readingOf(0, {
    commits: commits([
      [0, 20n],
      [1, 5n],
    ]),
    offsets: new Map([['orders', [{ start: 0n, end: 50n }, { end: 9n }]]]),
  });
  const slave = readingOf(1, {
    commits: commits([
      [0, 12n],
      [1, 7n],
      [2, 1n],
    ]),
    offsets: new Map([['orders', [{ start: 3n, end: 48n }, { end: 11n }, { end: 2n }]]]),
  });
  const merged = withStandIn(master, slave);
  expect(merged.commits).toEqual(
    commits([
      [0, 20n],
      [1, 7n],
      [2, 1n],
    ]),
  );
  expect(merged.offsets?.get('orders')).toEqual([{ start: 3n, end: 50n }, { end: 11n }, { end: 2n }]);
});

test('returns no end offsets if neither broker reports them', () => {
  expect(withStandIn(readingOf(0, {}), readingOf(1, {}))).not.toHaveProperty('offsets');
});
