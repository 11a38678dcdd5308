import { expect, test } from 'vitest';
import { createAddedQueues } from '../../../../brokers/rocketmq/added-queues.ts';
import type { TopicQueue } from '../../../../brokers/rocketmq/topic-queues.ts';

const queue = (partition: number, isWritable = true): TopicQueue => ({
  topic: 'orders',
  partition,
  brokerName: 'a',
  queueId: partition,
  address: '10.0.0.1:10911',
  isWritable,
  isReadable: true,
});

test('reports queues that came after the first look, while they take messages', () => {
  const added = createAddedQueues();
  expect(added.of('orders')).toEqual([]);
  added.see('orders', [queue(0), queue(1)]);
  const none = added.of('orders');
  expect(none).toEqual([]);
  added.see('orders', [queue(0, false), queue(1), queue(2, false), queue(3)]);
  expect(added.of('orders')).toEqual([3]);
  added.see('orders', [queue(0), queue(1), queue(2), queue(3)]);
  const both = added.of('orders');
  expect(both).toEqual([2, 3]);
  added.see('orders', [queue(0), queue(1), queue(2), queue(3)]);
  expect(added.of('orders')).toBe(both);
  expect(added.of('others')).toEqual([]);
});
