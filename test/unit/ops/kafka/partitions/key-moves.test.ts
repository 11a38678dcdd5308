import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partitionOfKey } from '../../../../../brokers/kafka/partition-of-key.ts';
import { keyedMessages, measureMoves, stayingShare } from '../../../../../ops/kafka/partitions/key-moves.ts';

test('the computed share of staying keys equals the counted share over all hashes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (from, to) => {
      const hashes = from * to;
      let staying = 0;
      for (let hash = 0; hash < hashes; hash += 1) if (hash % from === hash % to) staying += 1;
      expect(stayingShare(from, to)).toBeCloseTo(staying / hashes, 12);
    }),
  );
});

test('doubling the partitions moves half of the keys, and one more partition moves nearly all', () => {
  expect(stayingShare(6, 12)).toBe(0.5);
  expect(stayingShare(6, 7)).toBeCloseTo(1 / 7);
});

test('measures moved keys and messages, and detects another partitioner', () => {
  const keys = Array.from({ length: 600 }, (_, index) => Buffer.from(`order-${index % 300}`));
  const samples = [0, 1, 2].map((partition) => ({
    partition,
    keyless: 1,
    keys: keys.filter((key) => partitionOfKey(key, 3) === partition),
  }));
  const measured = measureMoves(samples, 3, 6);
  expect(measured).toMatchObject({ messages: 603, keyless: 3, keys: 300, asExpected: 600 });
  expect(measured.movedKeys / measured.keys).toBeGreaterThan(0.4);
  expect(measured.movedKeys / measured.keys).toBeLessThan(0.6);
  expect(measured.movedMessages).toBe(2 * measured.movedKeys);
  const strange = measureMoves([{ partition: 0, keyless: 0, keys }], 3, 6);
  expect(strange.asExpected).toBeLessThan(300);
});

test('without a sample, the share of keyed messages is unknown instead of 0', () => {
  expect(keyedMessages(measureMoves([], 3, 6))).toBeUndefined();
  expect(keyedMessages(measureMoves([{ partition: 0, keyless: 2, keys: [] }], 3, 6))).toBe(0);
  expect(keyedMessages(measureMoves([{ partition: 0, keyless: 2, keys: [Buffer.from('order-1')] }], 3, 6))).toBe(1);
});
