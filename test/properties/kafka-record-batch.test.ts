import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compressions } from '../../brokers/driver.ts';
import { encodeIntoScratch } from '../../brokers/kafka/platformatic/record-batch-format.ts';
import { afterControl, readRecordBatches, timestampAt } from '../../brokers/kafka/platformatic/record-batch.ts';

/** Encodes into separate memory. */
const encodeRecordBatch = (...batch: Parameters<typeof encodeIntoScratch>) => Buffer.from(encodeIntoScratch(...batch));
const value = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const values = fc.array(value, { minLength: 1, maxLength: 200 });
const time = fc.integer({ min: 0, max: 4_102_444_800_000 });

test('encoded values decode to the same values', () => {
  fc.assert(
    fc.property(values, time, (sent, timestampMs) => {
      const read = readRecordBatches(encodeRecordBatch(sent, timestampMs), 0n);
      expect(read.values.map((each) => each.toString('hex'))).toEqual(sent.map((each) => each.toString('hex')));
      expect(read.next).toBe(BigInt(sent.length));
    }),
  );
});

test('keys, compression and producer ids do not change the values', () => {
  const message = fc.record({ value, key: fc.option(value, { nil: undefined }) });
  const compression = fc.constantFrom(...compressions);
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 60 }),
      compression,
      fc.boolean(),
      (sent, packing, isTold) => {
        const stamp = { producerId: 7n, epoch: 2, sequence: 40, isTransactional: isTold };
        const [sentValues, keys] = [sent.map((each) => each.value), sent.map((each) => each.key)];
        const how = { keys, compression: packing, ...(isTold ? { stamp } : {}) };
        const read = readRecordBatches(encodeRecordBatch(sentValues, 0, how), 0n, { withKeys: true });
        const hex = (bytes: Buffer | undefined) => bytes?.toString('hex');
        expect(read.values.map(hex)).toEqual(sentValues.map(hex));
        expect(read.keys?.map(hex)).toEqual(keys.map(hex));
      },
    ),
  );
});

test('reading interleaved transactions omits only the aborted ones', () => {
  const step = fc.record({ producer: fc.integer({ min: 1, max: 3 }), ends: fc.boolean(), aborts: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const log: Buffer[] = [];
      const open = new Map<number, number[]>();
      const expected = new Set<number>();
      const aborted: { producerId: bigint; firstOffset: bigint }[] = [];
      const append = (producer: number, attributes: number) => {
        const stamp = { producerId: BigInt(producer), epoch: 0, sequence: 0, isTransactional: true };
        const bytes = encodeRecordBatch([Buffer.from(String(log.length))], 0, { stamp });
        bytes.writeBigInt64BE(BigInt(log.length), 0);
        bytes.writeInt16BE(attributes, 21);
        log.push(bytes);
      };
      const end = (producer: number, aborts: boolean) => {
        const offsets = open.get(producer);
        if (offsets?.[0] === undefined) return;
        if (aborts) aborted.push({ producerId: BigInt(producer), firstOffset: BigInt(offsets[0]) });
        else for (const offset of offsets) expected.add(offset);
        append(producer, 0b11_0000);
        open.delete(producer);
      };
      for (const { producer, ends, aborts } of steps) {
        if (ends) end(producer, aborts);
        else {
          open.set(producer, [...(open.get(producer) ?? []), log.length]);
          append(producer, 0b1_0000);
        }
      }
      for (const producer of open.keys()) end(producer, false);
      const read = readRecordBatches(Buffer.concat(log), 0n, { aborted: aborted.toReversed() });
      expect(read.offsets).toEqual([...expected].toSorted((a, b) => a - b));
      expect(read.next ?? 0n).toBe(BigInt(log.length));
    }),
  );
});

test('reading omits records before the wanted offset, and the next offset follows the whole batch', () => {
  fc.assert(
    fc.property(values, fc.nat(220), (sent, from) => {
      const read = readRecordBatches(encodeRecordBatch(sent, 0), BigInt(from));
      expect(read.values).toHaveLength(Math.max(0, sent.length - from));
      expect(read.next).toBe(BigInt(sent.length));
    }),
  );
});

test('a truncated response yields the complete batches before the cut', () => {
  fc.assert(
    fc.property(values, values, fc.double({ min: 0, max: 1, noNaN: true }), (first, second, share) => {
      const [one, two] = [encodeRecordBatch(first, 0), encodeRecordBatch(second, 0)];
      const cut = one.length + Math.floor(share * (two.length - 1));
      expect(readRecordBatches(Buffer.concat([one, two]).subarray(0, cut), 0n).values).toHaveLength(first.length);
    }),
  );
});

test('a message has the timestamp of its batch, even when the response contains only the batch header', () => {
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

/** Makes a transaction's end marker as a broker writes it: its key is the type, its value the epoch of the coordinator. */
function markerAt(offset: number, isCommit: boolean): Buffer {
  const stamp = { producerId: 7n, epoch: 0, sequence: -1, isTransactional: true };
  const keys = [Buffer.from([0, 0, 0, Number(isCommit)])];
  const bytes = encodeRecordBatch([Buffer.alloc(6)], 0, { keys, stamp });
  bytes.writeBigInt64BE(BigInt(offset), 0);
  bytes.writeInt16BE(0b11_0000, 21);
  return bytes;
}

test('transaction markers end at the next message, or at the end of the bytes', () => {
  fc.assert(
    fc.property(values, fc.array(fc.boolean(), { maxLength: 12 }), fc.boolean(), (sent, commits, goesOn) => {
      const first = sent.length;
      const log = [encodeRecordBatch(sent, 0), ...commits.map((isCommit, index) => markerAt(first + index, isCommit))];
      const end = first + commits.length;
      if (goesOn) {
        const more = encodeRecordBatch(sent, 0);
        more.writeBigInt64BE(BigInt(end), 0);
        // Markers of a later transaction are not those after the offset.
        log.push(more, markerAt(end + first, true));
      }
      const bytes = Buffer.concat(log);
      expect(log.slice(1, 1 + commits.length).every(({ length }) => length === 78)).toBe(true);
      expect(afterControl(bytes, BigInt(first))).toBe(BigInt(end));
      expect(afterControl(bytes, BigInt(first - 1))).toBe(BigInt(first - 1));
    }),
  );
});

test('damaged bytes are either rejected with an error or read, and never cause a loop or crash', () => {
  fc.assert(
    fc.property(
      values,
      fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      (sent, damage) => {
        const bytes = encodeRecordBatch(sent, 0);
        for (const [at, byte] of damage) bytes[at % bytes.length] = byte;
        expect(() => timestampAt(bytes, 3n)).not.toThrow();
        expect(() => afterControl(bytes, 3n)).not.toThrow();
        try {
          expect(readRecordBatches(bytes, 0n).values.length).toBeLessThanOrEqual(bytes.length);
        } catch (cause) {
          expect(cause).toMatchObject({ code: 'broker-refused' });
        }
      },
    ),
  );
});
