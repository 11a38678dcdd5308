import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeRecordBatch } from '../../brokers/kafka/platformatic/encode-record-batch.ts';
import { readRecordBatches, timestampAt } from '../../brokers/kafka/platformatic/record-batch.ts';

const value = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const values = fc.array(value, { minLength: 1, maxLength: 200 });
const time = fc.integer({ min: 0, max: 4_102_444_800_000 });

test('what was encoded is what is read', () => {
  fc.assert(
    fc.property(values, time, (sent, timestampMs) => {
      const read = readRecordBatches(encodeRecordBatch(sent, timestampMs), 0n);
      expect(read.values.map((each) => each.toString('hex'))).toEqual(sent.map((each) => each.toString('hex')));
      expect(read.next).toBe(BigInt(sent.length));
    }),
  );
});

test('records before the wanted offset are left out, and the next offset stays after the whole batch', () => {
  fc.assert(
    fc.property(values, fc.nat(220), (sent, from) => {
      const read = readRecordBatches(encodeRecordBatch(sent, 0), BigInt(from));
      expect(read.values).toHaveLength(Math.max(0, sent.length - from));
      expect(read.next).toBe(BigInt(sent.length));
    }),
  );
});

test('an answer cut anywhere gives the whole batches before the cut', () => {
  fc.assert(
    fc.property(values, values, fc.double({ min: 0, max: 1, noNaN: true }), (first, second, share) => {
      const [one, two] = [encodeRecordBatch(first, 0), encodeRecordBatch(second, 0)];
      const cut = one.length + Math.floor(share * (two.length - 1));
      expect(readRecordBatches(Buffer.concat([one, two]).subarray(0, cut), 0n).values).toHaveLength(first.length);
    }),
  );
});

test('a message has the time of the batch that holds it, also when only the heads of batches came', () => {
  fc.assert(
    fc.property(values, values, time, fc.nat(420), (first, second, timestampMs, offset) => {
      const [one, two] = [encodeRecordBatch(first, timestampMs), encodeRecordBatch(second, timestampMs + 7)];
      two.writeBigInt64BE(BigInt(first.length), 0);
      const headOfSecond = two.subarray(0, 61);
      const all = first.length + second.length;
      const expected = offset < first.length ? timestampMs : offset < all ? timestampMs + 7 : undefined;
      expect(timestampAt(Buffer.concat([one, two]), BigInt(offset))).toBe(expected);
      expect(timestampAt(Buffer.concat([one, headOfSecond]), BigInt(offset))).toBe(expected);
    }),
  );
});

test('damaged bytes are refused in words or read as something, and never loop or crash', () => {
  fc.assert(
    fc.property(
      values,
      fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      (sent, damage) => {
        const bytes = encodeRecordBatch(sent, 0);
        for (const [at, byte] of damage) bytes[at % bytes.length] = byte;
        expect(() => timestampAt(bytes, 3n)).not.toThrow();
        try {
          expect(readRecordBatches(bytes, 0n).values.length).toBeLessThanOrEqual(bytes.length);
        } catch (cause) {
          expect(cause).toMatchObject({ code: 'broker-refused' });
        }
      },
    ),
  );
});
