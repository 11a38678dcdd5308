import { expect, test } from 'vitest';
import type { Topic } from '../../../../core/cluster.ts';
import { search } from '../../../../service/pages/cluster-switch.ts';
import { servedCluster } from '../../../support/served-api.ts';
import { shownReading } from '../../../support/shown-readings.ts';

const clusters = [
  servedCluster('orders', { broker: 'rocketmq', ...shownReading('orders', 'rocketmq', 'x') }),
  servedCluster('logs', { broker: 'kafka', ...shownReading('logs', 'kafka', 'x') }),
  servedCluster('never-read', { broker: 'kafka' }),
];
const found = (text: string) => search(clusters, text).hits.map(({ kind, name, cluster }) => [kind, name, cluster]);

/** Returns a reading function with other topics. */
const lastWith = (topics: Topic[]) => () => {
  const reading = shownReading('logs', 'kafka', 'x').last();
  return reading && { ...reading, snapshot: { ...reading.snapshot, topics } };
};

test('topics, groups and brokers of every cluster are found by part of their name, ignoring case', () => {
  expect(found('ORDER-PA')).toEqual([
    ['topic', 'order-paid', 'orders'],
    ['topic', 'order-paid', 'logs'],
  ]);
  expect(found('billing').map(([kind]) => kind)).toEqual(['group', 'group']);
  expect(found('broker-b')).toEqual([['broker', 'broker-b:0', 'orders']]);
  expect(found('nowhere')).toEqual([]);
  expect(found('  ')).toEqual([]);
});

test('an exact match comes before longer names, and clusters before topics', () => {
  expect(found('order').map(([kind]) => kind)[0]).toBe('cluster');
  const topics = Array.from({ length: 40 }, (_, index) => ({ name: `pay-${index}`, internal: false, partitions: [] }));
  const many = servedCluster('many', {
    broker: 'kafka',
    last: lastWith([...topics, { name: 'pay', internal: false, partitions: [] }]),
  });
  const { hits, all } = search([many], 'pay');
  expect([hits[0]?.name, hits.length, all]).toEqual(['pay', 25, 41]);
});

test('addresses of search results are encoded', () => {
  const odd = servedCluster('a/b', {
    broker: 'kafka',
    last: lastWith([{ name: 'c?d', internal: false, partitions: [] }]),
  });
  expect(search([odd], 'c?d').hits[0]?.path).toBe('/clusters/a%2Fb/topics/c%3Fd');
});
