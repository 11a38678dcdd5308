import { gzipSync, zstdCompressSync } from 'node:zlib';
import { createRecordsBatch } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { recordAt } from '../../../../../brokers/kafka/lookup/messages.ts';
import { readStored } from '../../../../../brokers/kafka/lookup/stored.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';

/** Builds a batch whose first record has offset 10. */
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

test('returns the record at an offset in the middle of a batch', () => {
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

test('a timestamp in nanoseconds is not taken as a date and is shown as a number', () => {
  // As from a producer that uses Python's time.time_ns().
  const timestamp = 1_763_636_000_123_456_789n;
  const bytes = createRecordsBatch([{ topic: 'orders', value: Buffer.from('a'), timestamp }], {}).buffer;
  const found = recordAt(Buffer.from(bytes), { ...place, offset: 0n });
  const [message] = found.kind === 'found' ? found.messages : [];
  expect(message).not.toHaveProperty('storedAtMs');
  expect(message?.facts).toMatchObject({ 'timestamp out of range': '1763636000123456789' });
});

test('a search by time fails if the leader refuses it, and not if no message is that recent', async () => {
  // The response has no offset in either case.
  const search = (errorCode: number) => {
    const askForParts = (action: string) => {
      const answer = action === 'read offsets by time' ? { errorCode, offset: -1n } : { errorCode: 0, offset: 7n };
      return Promise.resolve({ topics: [{ name: 'orders', partitions: [{ partitionIndex: 2, ...answer }] }] });
    };
    const link = { address: 'b:9092', ranges: new Map([['ListOffsets', { min: 0, max: 6 }]]), askForParts };
    const question = { ...place, from: { kind: 'time', atMs: 1_700_000_000_000 }, most: 10 } as const;
    return readStored(link as unknown as Link, question, { signal: new AbortController().signal });
  };
  const notLeader = 6;
  await expect(search(notLeader)).rejects.toThrow(
    'cannot search orders-2 by time on b:9092: the broker refused, since its leader changed or its message format has no times',
  );
  expect(await search(0)).toEqual({ messages: [], start: 7n, next: 7n, end: 7n, isHeldBack: false });
});

test('an offset removed by compaction is reported as such', () => {
  const batch = batchOf('a', 'b');
  // The last offset of a batch is kept when its record is removed.
  batch.writeInt32BE(5, 23);
  expect(recordAt(batch, { ...place, offset: 14n })).toMatchObject({ kind: 'not-there', reason: /compacted/ });
});

test('a transaction marker does not count as a message', () => {
  const batch = batchOf('a');
  batch.writeInt16BE(0b10_0000, 21);
  expect(recordAt(batch, { ...place, offset: 10n })).toMatchObject({ kind: 'not-there', reason: /marker/ });
});

test('a message of an aborted transaction is reported as such if only committed ones are wanted', () => {
  const batch = batchOf('a', 'b');
  batch.writeInt16BE(0b1_0000, 21);
  batch.writeBigInt64BE(7n, 43);
  const question = { ...place, offset: 11n, isCommittedOnly: true };
  expect(recordAt(batch, question, [{ producerId: 7n, firstOffset: 10n }])).toEqual({
    kind: 'not-there',
    reason: 'offset 11 of orders-2 belongs to an aborted transaction',
  });
  expect(recordAt(batch, question, [{ producerId: 8n, firstOffset: 10n }])).toMatchObject({ kind: 'found' });
  expect(recordAt(Buffer.alloc(0), question)).toMatchObject({
    reason: /its transaction, or one before it, may be open/,
  });
});

test.each([0, 5, 30, 80])('a response truncated to %i bytes has no message', (length) => {
  const cut = batchOf('a', 'b', 'c').subarray(0, length);
  expect(recordAt(cut, { ...place, offset: 10n })).toMatchObject({ kind: 'not-there' });
});

/** @param compression compression bits of the batch attributes */
function packedBatch(compression: number, records: Buffer): Buffer {
  const batch = Buffer.concat([batchOf('a').subarray(0, 61), records]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt16BE(compression, 21);
  return batch;
}

/** A literal `a` whose length is in the block before its content. */
const snappyOfA = Buffer.from([1, 0, 97]);
const zeros = () => Buffer.alloc(65 * 2 ** 20);
const xerial = (...chunks: Buffer[]) =>
  Buffer.concat([
    Buffer.from('\u0082SNAPPY\0\0\0\0\u0001\0\0\0\u0001', 'latin1'),
    ...chunks.flatMap((chunk) => [Buffer.from([0, 0, 0, chunk.length]), chunk]),
  ]);
const twoGigabytes = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x08, 0]);
/** An LZ4 frame of 4 MiB blocks. */
const lz4Frame = Buffer.concat([
  Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73]),
  ...Array.from({ length: 18 }, () => Buffer.from([1, 0, 0, 0, 0])),
  Buffer.alloc(4),
]);

test.each<[string, number, () => Buffer]>([
  ['gzip', 1, () => gzipSync(zeros())],
  ['snappy', 2, () => twoGigabytes],
  ['snappy of Java', 2, () => xerial(snappyOfA, twoGigabytes)],
  ['lz4', 3, () => lz4Frame],
  ['zstd', 4, () => zstdCompressSync(zeros())],
])('a small batch that decompresses to more than 64 MiB is refused: %s', (_, compression, records) => {
  expect(() => recordAt(packedBatch(compression, records()), { ...place, offset: 10n })).toThrow(
    expect.objectContaining({
      code: 'answer-unreadable',
      message: 'cannot read a record batch of orders-2: it unpacks to more than 64 MiB',
    }),
  );
});

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('reads records compressed with %s', (compression) => {
  const value = Buffer.from('a'.repeat(300_000));
  const records = [{ topic: 'orders', value }];
  const batch = Buffer.from(createRecordsBatch(records, { compression }).buffer);
  expect(recordAt(batch, { ...place, offset: 0n })).toMatchObject({ kind: 'found', messages: [{ value }] });
});
