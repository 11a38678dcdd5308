import { expect, test } from 'vitest';
import { wantedTopic } from '../../../../ops/offsets/wanted-topic.ts';

test('a topic alone is all of its partitions', () => expect(wantedTopic('orders')).toEqual({ topic: 'orders' }));

test('partitions are listed one by one and as ranges, each once', () =>
  expect(wantedTopic('orders:5,0,3-5')).toEqual({ topic: 'orders', partitions: [0, 3, 4, 5] }));

test.each(['', ':0', 'orders:', 'orders:a', 'orders:5-3', 'orders:-1', 'orders:1,,2', 'a:0:1', 'orders:1.5'])(
  '%j is refused',
  (text) => expect(() => wantedTopic(text)).toThrow(/--topic/),
);
