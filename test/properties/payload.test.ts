import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isIntact, payloadHeaderBytes } from '../../loadgen/delivery/payload-header.ts';
import { createPayloads, readPayload } from '../support/payloads.ts';

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const options = fc.record({
  mark: uint32,
  seed: uint32,
  messageBytes: fc.integer({ min: payloadHeaderBytes, max: 2000 }),
});

test('the header of a message is read back', () => {
  fc.assert(
    fc.property(options, number, number, (given, n, intendedMicroseconds) => {
      const [value] = createPayloads(given, 1, () => ({ number: n, intendedMicroseconds }));
      expect(value?.length).toBe(given.messageBytes);
      expect(value && readPayload(value, given.mark)).toEqual({ number: n, intendedMicroseconds });
    }),
  );
});

test('a message has the same bytes in any batch', () => {
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 20 }), (given, count) => {
      const at = (n: number) => ({ number: n, intendedMicroseconds: 1_000_000 + n });
      const together = createPayloads(given, count, at);
      const alone = Array.from({ length: count }, (_, n) => createPayloads(given, 1, () => at(n))[0]);
      expect(together).toEqual(alone);
    }),
  );
});

test('deflate cannot compress the filler of a batch', () => {
  fc.assert(
    fc.property(uint32, uint32, (seed, first) => {
      const values = createPayloads({ mark: 1, seed, messageBytes: 500 }, 100, (i) => ({
        number: first + i,
        intendedMicroseconds: 0,
      }));
      const filler = Buffer.concat(values.map((value) => value.subarray(payloadHeaderBytes)));
      expect(deflateRawSync(filler).length).toBeGreaterThanOrEqual(filler.length);
    }),
    { numRuns: 50 },
  );
});

test('a foreign or truncated message does not belong to the run', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), uint32, (bytes, mark) => {
      const header = readPayload(Buffer.from(bytes), mark);
      const isOurs = bytes.length >= payloadHeaderBytes && Buffer.from(bytes).readUInt32LE(4) === mark;
      expect(header !== undefined).toBe(isOurs);
    }),
  );
});

test('a message that was changed anywhere is not intact', () => {
  fc.assert(
    fc.property(options, number, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, n, at, change) => {
      const [value] = createPayloads(given, 1, () => ({ number: n, intendedMicroseconds: 1 }));
      if (value === undefined) throw new Error('no message');
      expect(isIntact(value)).toBe(true);
      value[at % value.length] = (value[at % value.length] ?? 0) ^ change;
      expect(isIntact(value)).toBe(false);
      if (value.length > payloadHeaderBytes) expect(isIntact(value.subarray(0, -1))).toBe(false);
    }),
  );
});
