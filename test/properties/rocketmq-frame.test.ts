import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, FrameReader } from '../../brokers/rocketmq/protocol/frame-codec.ts';
import type { Frame } from '../../brokers/rocketmq/protocol/frame.ts';
import { parseLooseJson, type LooseJson, LooseObject } from '../../brokers/rocketmq/protocol/loose-json.ts';
import { encodeBinaryFrame } from '../support/binary-header.ts';

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
const frame: fc.Arbitrary<Frame> = fc
  .record({
    code: fc.integer({ min: -32_768, max: 32_767 }),
    opaque: fc.integer(),
    isResponse: fc.boolean(),
    isOneWay: fc.boolean(),
    remark: fc.option(word, { nil: undefined }),
    fields: fc.dictionary(word, word, { maxKeys: 8, noNullPrototype: true }),
    body: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  })
  .map(({ remark, ...rest }) => ({ ...rest, ...(remark !== undefined && { remark }) }));
const readAll = (bytes: Buffer, pieces: readonly number[] = []) => {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  let at = 0;
  for (const piece of [...pieces, bytes.length]) {
    frames.push(...reader.push(bytes.subarray(at, at + piece)));
    at += piece;
  }
  return frames;
};

test('an encoded frame decodes to the same frame', () => {
  fc.assert(
    fc.property(frame, (sent) => {
      expect(readAll(encodeFrame(sent))).toEqual([sent]);
    }),
  );
});

test('a binary header decodes to the same frame as a JSON header', () => {
  fc.assert(
    fc.property(frame, (sent) => {
      expect(readAll(encodeBinaryFrame(sent))).toEqual(readAll(encodeFrame(sent)));
    }),
  );
});

test('any split of the stream yields the same frames', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(300), { maxLength: 30 }), (sent, pieces) => {
      const bytes = Buffer.concat(sent.map((each, index) => (index % 2 === 0 ? encodeFrame : encodeBinaryFrame)(each)));
      expect(readAll(bytes, pieces)).toEqual(sent);
    }),
  );
});

test('an incomplete frame is not read', () => {
  fc.assert(
    fc.property(frame, fc.double({ min: 0, max: 1, noNaN: true }), (sent, share) => {
      const bytes = encodeFrame(sent);
      expect(readAll(bytes.subarray(0, Math.floor(share * (bytes.length - 1))))).toEqual([]);
    }),
  );
});

const plain = (value: LooseJson): unknown => {
  if (value instanceof LooseObject) return Object.fromEntries(value.entries.map(([key, each]) => [key, plain(each)]));
  if (typeof value === 'bigint') return Number(value);
  return Array.isArray(value) ? value.map(plain) : value;
};

test('standard JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      expect(JSON.stringify(plain(parseLooseJson(Buffer.from(text))))).toBe(JSON.stringify(JSON.parse(text)));
    }),
  );
});

test('64-bit integers are exact, as values and as keys', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const object = parseLooseJson(Buffer.from(`{${value}:"key","field":${value}}`));
      if (!(object instanceof LooseObject)) throw new Error('no object');
      expect(BigInt(object.entries[0]?.[0] as number | bigint)).toBe(value);
      expect(object.bigint('field')).toBe(value);
    }),
  );
});
