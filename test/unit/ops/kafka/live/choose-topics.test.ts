import { expect, test } from 'vitest';
import { ServiceConfig } from '../../../../../app/config/service.ts';
import { busiestTopics, domainTopics, topCount, topicRates } from '../../../../../ops/kafka/live/choose-topics.ts';

const ends = (...all: [string, number, bigint][]) => all.map(([topic, partition, end]) => ({ topic, partition, end }));

test('chooses the topics with the most messages, without idle topics and internal topics of Kafka', () => {
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

test('rejects a count of topics that is not a positive number', () => {
  expect(topCount('top-tps:20')).toBe(20);
  for (const wrong of ['top-tps:0', 'top-tps:', 'top-tps:x'])
    expect(() => topCount(wrong)).toThrow('such as top-tps:20');
});

test('a domain has the topics that match its patterns; the only domain of a cluster has all topics', () => {
  const service = ServiceConfig.parse({
    domains: {
      orders: { cluster: 'trade', topics: ['order-*', 'paid'] },
      logs: { cluster: 'trade' },
      video: { cluster: 'media' },
    },
  });
  const chosen = (domain: string, cluster: string) =>
    ['order-new', 'paid', 'unpaid', 'reorder-x'].filter(domainTopics(domain, cluster, service.domains));
  expect(chosen('orders', 'trade')).toEqual(['order-new', 'paid']);
  expect(chosen('video', 'media')).toHaveLength(4);
  expect(() => chosen('logs', 'trade')).toThrow('domain logs lists no topics');
  expect(() => chosen('order', 'trade')).toThrow('has no domain order');
  expect(() => chosen('video', 'trade')).toThrow('domain video is on cluster media, not on trade');
});
