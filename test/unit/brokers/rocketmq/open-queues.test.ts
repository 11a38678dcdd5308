import { expect, test } from 'vitest';
import { createOpenQueues } from '../../../../brokers/rocketmq/producer.ts';
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

test('lists queues that were writable at first, and later queues while they are writable', () => {
  const open = createOpenQueues();
  expect(open.of('orders')).toBe(undefined);
  open.see('orders', [queue(0), queue(1)]);
  expect(open.of('orders')).toEqual([0, 1]);
  open.see('orders', [queue(0, false), queue(1), queue(2, false), queue(3)]);
  expect(open.of('orders')).toEqual([0, 1, 3]);
  open.see('orders', [queue(0), queue(1), queue(2), queue(3)]);
  const all = open.of('orders');
  expect(all).toEqual([0, 1, 2, 3]);
  open.see('orders', [queue(0), queue(1), queue(2), queue(3)]);
  expect(open.of('orders')).toBe(all);
  expect(open.of('others')).toBe(undefined);
});

test('leaves out a queue that was not writable at first until it is, unless no queue is', () => {
  const open = createOpenQueues();
  open.see('orders', [queue(0, false), queue(1)]);
  expect(open.of('orders')).toEqual([1]);
  open.see('orders', [queue(0), queue(1)]);
  expect(open.of('orders')).toEqual([0, 1]);
  open.see('closed', [queue(0, false), queue(1, false)]);
  expect(open.of('closed')).toEqual([0, 1]);
});
