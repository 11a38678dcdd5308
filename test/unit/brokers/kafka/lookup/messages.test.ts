import { createRecordsBatch } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { recordAt } from '../../../../../brokers/kafka/lookup/messages.ts';

/** The first has offset 10. */
function batchOf(...values: string[]): Buffer {
  const bytes = createRecordsBatch(
    values.map((value) => ({
      topic: 'orders',
      key: Buffer.from(`key of ${value}`),
      value: Buffer.from(value),
      headers: new Map([[Buffer.from('trace'), Buffer.from('abc')]]),
      timestamp: 1_700_000_000_000n,
    })),
    {},
  ).buffer;
  const batch = Buffer.from(bytes);
  batch.writeBigInt64BE(10n, 0);
  return batch;
}

const place = { topic: 'orders', partition: 2 };

test('the record at an offset, out of the middle of a batch', () => {
  const found = recordAt(batchOf('a', 'b', 'c'), { ...place, offset: 11n });
  expect(found).toMatchObject({
    kind: 'found',
    messages: [
      {
        ...place,
        offset: 11n,
        storedAtMs: 1_700_000_000_000,
        key: Buffer.from('key of b'),
        value: Buffer.from('b'),
        properties: [['trace', Buffer.from('abc')]],
      },
    ],
  });
});

test('an offset that compaction took is reported as such', () => {
  const batch = batchOf('a', 'b');
  // The last offset of a batch stays when its record goes.
  batch.writeInt32BE(5, 23);
  expect(recordAt(batch, { ...place, offset: 14n })).toMatchObject({ kind: 'not-there', reason: /compacted/ });
});

test('a marker of a transaction is no message', () => {
  const batch = batchOf('a');
  batch.writeInt16BE(0b10_0000, 21);
  expect(recordAt(batch, { ...place, offset: 10n })).toMatchObject({ kind: 'not-there', reason: /marker/ });
});

test.each([0, 5, 30, 80])('an answer cut after %i bytes holds nothing', (length) => {
  const cut = batchOf('a', 'b', 'c').subarray(0, length);
  expect(recordAt(cut, { ...place, offset: 10n })).toMatchObject({ kind: 'not-there' });
});
