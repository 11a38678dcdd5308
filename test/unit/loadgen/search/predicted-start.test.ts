import { expect, test } from 'vitest';
import { bitsPerSecond, bytes, messagesPerSecond } from '../../../../core/units.ts';
import { predictStart, type StartFacts } from '../../../../loadgen/search/predicted-start.ts';

/** The original case: 500-byte messages, two replicas and two groups on a link of 1 Gbit/s. */
const founding: StartFacts = {
  broker: 'rocketmq',
  brokers: 1,
  messageBytes: bytes(500),
  copies: 2,
  groups: 2,
  linkBitsPerSecond: bitsPerSecond(1e9),
  compressedShare: 1,
  allowed: [],
};

test('the direction with more copies of the message saturates first, and the arithmetic is explained', () => {
  const { limit, start, explanation } = predictStart('find-max', founding);
  // 118.75 MB/s over 632 bytes: 62 thousand if each message leaves three times.
  expect(limit).toBe(62633);
  expect(start).toBe(31316);
  expect(explanation).toEqual([
    '62,633 msg/s: network-out of 1 × 1 Gbit/s: 632 bytes on the wire, 1 to followers and 2 to groups',
    '93,950 msg/s: network-in of 1 × 1 Gbit/s: 632 bytes on the wire, 2 copies',
    'find-max begins at 31,316 msg/s, 50% of the lowest',
  ]);
});

test('find-safe starts at a tenth of the predicted limit', () =>
  expect(predictStart('find-safe', founding).start).toBe(6263.3));

test('without replicas and groups a link saturates only inbound', () => {
  const { limit } = predictStart('find-max', { ...founding, copies: 1, groups: 0 });
  expect(limit).toBe(187_900);
});

test('compressed messages use less of the link', () => {
  const half = predictStart('find-max', { ...founding, compressedShare: 0.5 });
  expect(half.limit / predictStart('find-max', founding).limit).toBeCloseTo(595 / 345, 3);
});

test('a configured maximum or few partitions can be the lowest limit', () => {
  const allowed = predictStart('find-max', {
    ...founding,
    allowed: [{ what: 'maxTps', rate: messagesPerSecond(5000) }],
  });
  expect(allowed.explanation[0]).toBe('5,000 msg/s: maxTps');
  const { explanation } = predictStart('find-max', {
    ...founding,
    linkBitsPerSecond: bitsPerSecond(1e11),
    partitions: 1,
  });
  expect(explanation[0]).toBe('100,000 msg/s: 1 partition of 100,000 msg/s each');
});

test('without a known link speed the prediction is marked as a guess', () => {
  const { linkBitsPerSecond: _, ...unknown } = founding;
  expect(predictStart('find-max', { ...unknown, brokers: 3 })).toMatchObject({
    limit: 30_000,
    explanation: [expect.stringContaining('link speeds unknown'), expect.any(String)],
  });
});

test.each([
  [50e6, 500, 0, 11_519],
  [50e6, 500, 2, 5_693],
  [100e6, 1024, 2, 5_490],
])(
  'a Kafka link of %d bit/s, %d bytes and %d groups saturates near %d msg/s, as measured',
  (link, size, groups, driven) => {
    const facts = { ...founding, broker: 'kafka', copies: 1, groups } as const;
    const { limit } = predictStart('find-max', {
      ...facts,
      messageBytes: bytes(size),
      linkBitsPerSecond: bitsPerSecond(link),
    });
    expect(Math.abs(limit / driven - 1)).toBeLessThan(0.1);
  },
);
