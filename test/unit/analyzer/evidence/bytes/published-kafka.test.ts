import { describe, expect, test } from 'vitest';
import { describedLoad } from '../../../../../analyzer/evidence/bytes/described-load.ts';
import { linkCeilings } from '../../../../../core/wire/ethernet.ts';
import { cardBytes, messageCost } from '../../../../../core/wire/message-cost.ts';
import { recordBatchBytes, recordBytes } from '../../../../../core/wire/record-batch-bytes.ts';
import { encodeIntoScratch } from '../../../../../brokers/kafka/platformatic/record-batch-format.ts';

test.each([
  [100, 109],
  [500, 509],
  [1024, 1033],
  [4096, 4105],
])('a record of %i bytes without a key has a length of %i', (body, length) =>
  expect(recordBytes({ bodyBytes: body })).toBe(length),
);

describe('the computed length of a batch matches the encoded batch', () => {
  test.each([
    [500, 0, 1],
    [500, 16, 32],
    [54, 0, 63],
    [55, 16, 65],
    [1000, 0, 200],
  ])('values of %i, keys of %i, %i records', (bodyBytes, keyBytes, count) => {
    const values = Array.from({ length: count }, () => Buffer.alloc(bodyBytes));
    const keys = keyBytes === 0 ? {} : { keys: values.map(() => Buffer.alloc(keyBytes)) };
    expect(recordBatchBytes({ bodyBytes, keyBytes }, count)).toBe(encodeIntoScratch(values, 0, keys).length);
  });
});

/*
 * Three brokers with a gigabit each, 500 B, batches of 32, three replicas, leaders evenly distributed: msg/s of the cluster by
 * receive = m·X·RF/n and send = m·X·(RF-1+G)/n, where m is a record and its share of the batch in full segments.
 */
test.each([
  [1, 230_000],
  [2, 173_000],
  [3, 138_000],
])('three brokers with %i consumer groups saturate at %i msg/s', (groups, fullAt) => {
  const cost = messageCost(describedLoad({ broker: 'kafka', replicas: 3, groups, body: 500, 'records-per-batch': 32 }));
  const all = cardBytes(cost);
  const copies = cardBytes(cost, 'follower');
  // Bytes that a leader sends to followers arrive at other brokers, and vice versa.
  const busiest = Math.max(all.in + copies.out, all.out + copies.in);
  expect(Math.abs((3 * linkCeilings(1e9).counter) / busiest / fullAt - 1)).toBeLessThan(0.04);
});
