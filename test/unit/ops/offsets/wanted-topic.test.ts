import { expect, test } from 'vitest';
import { wantedTopic } from '../../../../ops/offsets/wanted-topic.ts';

test('a topic without partitions means all its partitions', () =>
  expect(wantedTopic('orders')).toEqual({ topic: 'orders' }));

test('accepts single partitions and ranges, and removes duplicates', () =>
  expect(wantedTopic('orders:5,0,3-5')).toEqual({ topic: 'orders', partitions: [0, 3, 4, 5] }));

test.each(['', ':0', 'orders:', 'orders:a', 'orders:5-3', 'orders:-1', 'orders:1,,2', 'a:0:1', 'orders:1.5'])(
  'rejects %j',
  (text) => expect(() => wantedTopic(text)).toThrow(/--topic/),
);
