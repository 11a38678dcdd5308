import { expect, test } from 'vitest';
import { busiestTopics, topCount, topicRates, topicsOfDomain } from '../../../../../ops/kafka/live/choose-topics.ts';

const ends = (...all: [string, number, bigint][]) => all.map(([topic, partition, end]) => ({ topic, partition, end }));

test('the busiest topics by messages, without unwritten topics and those of Kafka itself', () => {
  const rates = topicRates(
    ends(['slow', 0, 10n], ['fast', 0, 0n], ['fast', 1, 0n], ['still', 0, 5n], ['__consumer_offsets', 0, 0n]),
    ends(
      ['slow', 0, 20n],
      ['fast', 0, 40n],
      ['fast', 1, 60n],
      ['still', 0, 5n],
      ['__consumer_offsets', 0, 900n],
      ['new', 0, 9n],
    ),
    2,
  );
  expect(busiestTopics(rates, 20)).toEqual(['fast', 'slow']);
  expect(busiestTopics(rates, 1)).toEqual(['fast']);
});

test('a number of topics is a number', () => {
  expect(topCount('top-tps:20')).toBe(20);
  for (const wrong of ['top-tps:0', 'top-tps:', 'top-tps:x'])
    expect(() => topCount(wrong)).toThrow('such as top-tps:20');
});

test('topics of a domain are names or patterns of whole names; a domain without them says so', () => {
  const file = { domains: { orders: { topics: ['order-.*', 'paid'] }, logs: {} } };
  const isOrders = topicsOfDomain('orders', file, 'domains.yaml');
  expect(['order-new', 'paid', 'unpaid', 'reorder-x'].map((topic) => isOrders(topic))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(() => topicsOfDomain('logs', file, 'domains.yaml')).toThrow('domain logs lists no topics');
  expect(() => topicsOfDomain('order', file, 'domains.yaml')).toThrow('has no domain order');
});
