import { expect, test } from 'vitest';
import { createPendingCommits } from '../../../../brokers/rocketmq/consumer.ts';
import type { QueuePull } from '../../../../brokers/rocketmq/queue-pulls.ts';

const queue = {
  topic: 'orders',
  partition: 1,
  brokerName: 'a',
  queueId: 3,
  address: '10.0.0.1:10911',
  isWritable: true,
  isReadable: true,
};

const readingAt = (position: bigint): QueuePull => ({ queue, position, sentElsewhere: 0 });

test('a commit is pending at first, and again after the position advanced', () => {
  const owed = createPendingCommits();
  const reading = readingAt(7n);
  expect(owed.among([reading])).toEqual([reading]);
  owed.made(reading, { ...reading });
  expect(owed.among([reading])).toEqual([]);
  reading.position = 8n;
  expect(owed.among([reading])).toEqual([reading]);
});

test('a reading that moved away and back to the same position has a pending commit', () => {
  const owed = createPendingCommits();
  const reading = readingAt(100n);
  owed.made(reading, { ...reading });
  reading.sentElsewhere += 1;
  expect(owed.among([reading])).toEqual([reading]);
});

test('a commit requested before the reading moved elsewhere does not settle it', () => {
  const owed = createPendingCommits();
  const reading = readingAt(100n);
  const before = { ...reading };
  reading.sentElsewhere += 1;
  owed.made(reading, before);
  expect(owed.among([reading])).toEqual([reading]);
});
