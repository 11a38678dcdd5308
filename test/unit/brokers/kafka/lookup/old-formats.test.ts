// Batches of format 0 and 1, as Kafka 2.8.2 stored them in topics whose message.format.version is 0.9.0 and 0.10.2.

import { expect, test } from 'vitest';
import { sampleKeys } from '../../../../../brokers/kafka/changes/sample-keys.ts';
import { batchHeadersIn } from '../../../../../brokers/kafka/lookup/sample-producers.ts';
import { recordAt } from '../../../../../brokers/kafka/lookup/messages.ts';
import { encodeIntoScratch } from '../../../../../brokers/kafka/platformatic/record-batch-format.ts';
import {
  afterControl,
  readRecordBatches,
  timestampAt,
} from '../../../../../brokers/kafka/platformatic/record-batch.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';
import { keyedMessages, measureMoves } from '../../../../../ops/kafka/partitions/key-moves.ts';

/** The smallest format 0 message, 26 bytes: offset, length, CRC, magic, attributes, no key, an empty value. */
const format0 = Buffer.from('00000000000000000000000e795748e00000ffffffff00000000', 'hex');
/** The bytes that hold the record count in format 2 are text here, which reads as a negative number. */
const chinese = Buffer.concat([
  Buffer.from('0000000000000000000000448c6d38ce0000ffffffff00000036', 'hex'),
  Buffer.from('订单已支付，金额一百元，等待发货通知'),
]);
/** A format 1 message, which has a timestamp. */
const format1 = Buffer.from('0000000000000000000000167e5a2ef801000000018bcfe56800ffffffff00000000', 'hex');
const stored = [
  ['format 0', format0, 0],
  ['format 0 in Chinese', chinese, 0],
  ['format 1', format1, 1],
] as const;

const format2 = Buffer.from(encodeIntoScratch([Buffer.from('paid')], 1_700_000_000_000));
format2.writeBigInt64BE(1n, 0);

const place = { topic: 'orders', partition: 2 };
const refusal = (format: number, where = '') => ({
  code: 'broker-refused',
  message: `cannot read a record batch of format ${format}${where}: only format 2 is supported`,
});

test.each(stored)('a message of %s is refused with an error and not reported as missing', (_, bytes, format) => {
  const find = () => recordAt(bytes, { ...place, offset: 0n });
  expect(find).toThrow(expect.objectContaining(refusal(format, ' in orders-2')));
});

test.each(stored)('a consumer ends at a message of %s instead of fetching it repeatedly', (_, bytes, format) => {
  expect(() => readRecordBatches(bytes, 0n)).toThrow(expect.objectContaining(refusal(format)));
  // The response ends within the message, so the rest is fetched again.
  expect(readRecordBatches(bytes.subarray(0, -1), 0n)).toEqual({ values: [], offsets: [] });
});

test.each(stored)('keys of messages of %s are unknown, and later messages are sampled', async (_, bytes) => {
  const records = Buffer.concat([bytes, format2]);
  const partitions = [{ partition: 2, errorCode: 0, records, aborted: [] }];
  const link = { ranges: new Map([['Fetch', { min: 0, max: 12 }]]), ask: async () => ({ partitions }) };
  const io = { signal: new AbortController().signal };
  const sampled = await sampleKeys(link as unknown as Link, { ...place, from: 0n, end: 2n }, 10, io);
  expect(sampled).toEqual({ partition: 2, keys: [], keyless: 1, hasOldFormat: true });
  expect(keyedMessages(measureMoves([sampled], 3, 6))).toBeUndefined();
});

test.each(stored)('producers of batches after a message of %s are sampled', (_, bytes) => {
  const log = Buffer.concat([bytes, format2]);
  expect([...batchHeadersIn(log)]).toMatchObject([{ records: 1, bytes: format2.length }]);
  expect(afterControl(log, 0n)).toBe(0n);
  expect(timestampAt(log, 0n)).toBeUndefined();
});
