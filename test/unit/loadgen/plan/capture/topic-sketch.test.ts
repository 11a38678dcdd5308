import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packedSizeOf } from '../../../../../brokers/packed-size.ts';
import { CapturedTopic } from '../../../../../core/documents/captured-topic.ts';
import { createTopicSketch, type SketchOptions } from '../../../../../loadgen/plan/capture/topic-sketch.ts';

const startedAt = new Date('2026-01-01T00:00:00Z');
const sketchOf = (over: Partial<SketchOptions> = {}) =>
  createTopicSketch({ broker: 'kafka', codecs: {}, mostMessages: 1e6, startedAt, isLive: true, ...over });
const batch = (values: readonly Buffer[], keys?: readonly (Buffer | undefined)[], partition = 0) => ({
  topic: 'orders',
  partition,
  values,
  offsets: values.map((_, i) => i),
  ...(keys !== undefined && { keys }),
});

test('every message is in a size band that contains it, and no band is wider than an eighth', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2_000_000 }), { minLength: 1, maxLength: 50 }), (sizes) => {
      const sketch = sketchOf();
      sketch.add(batch(sizes.map((size) => ({ length: size }) as Buffer)), 0);
      const bands = sketch.finish(1).sizes;
      expect(bands.reduce((sum, { count }) => sum + count, 0)).toBe(sizes.length);
      for (const { from, to, count } of bands) {
        expect(sizes.filter((size) => size >= from && size <= to)).toHaveLength(count);
        expect(to - from + 1).toBeLessThanOrEqual(Math.max(1, from / 8));
      }
    }),
  );
});

test('keys are reported by rank: the hottest alone, the rare ones together', () => {
  const uses = [100, 50, 10, 10, 1, 1, 1];
  const keys = uses.flatMap((count, i) => Array.from({ length: count }, () => Buffer.from(`customer-${i}`)));
  const sketch = sketchOf();
  sketch.add(
    batch(
      keys.map(() => Buffer.alloc(10)),
      [...keys.slice(1), undefined],
    ),
    0,
  );
  expect(sketch.finish(1).keys).toEqual({
    messages: 172,
    bytes: 10,
    distinct: 7,
    bands: [
      { keys: 1, count: 99 },
      { keys: 1, count: 50 },
      { keys: 2, count: 20 },
      { keys: 3, count: 3 },
    ],
  });
});

test('messages without keys give no key statistics', () => {
  const sketch = sketchOf();
  sketch.add(batch([Buffer.alloc(10)], [undefined]), 0);
  expect(sketch.finish(1)).not.toHaveProperty('keys');
});

test('reads no more messages than requested', () => {
  const sketch = sketchOf({ mostMessages: 15 });
  for (const partition of [0, 1, 2])
    sketch.add(
      batch(
        Array.from({ length: 10 }, () => Buffer.alloc(5)),
        undefined,
        partition,
      ),
      0,
    );
  expect(sketch.finish(1)).toMatchObject({ messages: 15, partitions: 2 });
});

test('the rate covers whole seconds, and only of a live topic', () => {
  const fill = (isLive: boolean) => {
    const sketch = sketchOf({ isLive });
    for (const elapsed of [0.1, 0.9, 2.5, 3.1]) sketch.add(batch([Buffer.alloc(5)]), elapsed);
    return sketch.finish(3.4).rate.map(({ rate }) => rate);
  };
  expect(fill(true)).toEqual([2, 0, 1]);
  expect(fill(false)).toEqual([]);
});

test('compressible data has a high compression ratio', async () => {
  const codecs = { lz4: await packedSizeOf('kafka', 'lz4'), zlib: await packedSizeOf('rocketmq', 'gzip') };
  const sketch = sketchOf({ codecs });
  sketch.add(batch(Array.from({ length: 50 }, () => Buffer.from('the same words '.repeat(40)))), 0);
  const { compression } = sketch.finish(1);
  expect(compression.lz4).toBeGreaterThan(10);
  expect(compression.zlib).toBeGreaterThan(5);
  expect(compression).not.toHaveProperty('gzip');
});

// Letters that form no four-letter part of a name in the file, and bytes that do not occur in text.
const secret = fc
  .array(fc.constantFrom(...Buffer.from('ABCDEFGHJKLMNPQRSUVWXY'), 0x80, 0xc3, 0xff), { minLength: 4, maxLength: 40 })
  .map((bytes) => Buffer.from(bytes));

test('the file contains no four bytes of a message or key in any common encoding', async () => {
  const codecs = { zstd: await packedSizeOf('kafka', 'zstd') };
  fc.assert(
    fc.property(fc.array(fc.tuple(secret, secret), { minLength: 1, maxLength: 20 }), (messages) => {
      const sketch = sketchOf({ codecs });
      const [values, keys] = [messages.map(([value]) => value), messages.map(([, key]) => key)];
      sketch.add(batch(values, keys), 0.5);
      const file = Buffer.from(JSON.stringify(sketch.finish(2)));
      for (const whole of [...values, ...keys]) {
        for (let at = 0; at + 4 <= whole.length; at++) {
          const part = whole.subarray(at, at + 4);
          expect(file.includes(part)).toBe(false);
          expect(file.includes(part.toString('hex'))).toBe(false);
        }
        expect(file.includes(whole.toString('base64'))).toBe(false);
      }
    }),
    { numRuns: 30 },
  );
});

test('the file contains only numbers, except for broker and time', async () => {
  const sketch = sketchOf({ codecs: { gzip: await packedSizeOf('kafka', 'gzip') } });
  sketch.add(batch([Buffer.from('secret')], [Buffer.from('key')]), 0.5);
  const captured = sketch.finish(2);
  expect(CapturedTopic.safeParse(captured).success).toBe(true);
  const texts: string[] = [];
  JSON.stringify(captured, (key, value: unknown) => {
    if (typeof value === 'string') texts.push(key);
    return value;
  });
  expect(texts).toEqual(['broker', 'capturedAt']);
});
