import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeValues } from '../../loadgen/plan/messages/make-values.ts';
import type { KeySpec, MessageSpec, SizeSpec } from '../../loadgen/plan/messages/message-spec.ts';
import { createMessages } from '../../loadgen/plan/messages/message-source.ts';

const weight = fc.integer({ min: 1, max: 1000 });
const bytes = fc.integer({ min: 24, max: 1500 });
const sizes: fc.Arbitrary<SizeSpec> = fc.oneof(
  fc.record({ kind: fc.constant('fixed' as const), bytes }),
  fc.record({
    kind: fc.constant('weighted' as const),
    sizes: fc.array(fc.record({ bytes, weight }), { minLength: 1, maxLength: 8 }),
  }),
  fc.record({
    kind: fc.constant('bands' as const),
    bands: fc.array(
      fc.record({ from: bytes, more: fc.nat({ max: 300 }), weight }).map(({ from, more, weight }) => ({
        from,
        to: from + more,
        weight,
      })),
      { minLength: 1, maxLength: 8 },
    ),
  }),
);
const distinct = fc.integer({ min: 1, max: 1_000_000 });
const keys: fc.Arbitrary<KeySpec> = fc.oneof(
  fc.constant({ kind: 'none' as const }),
  fc.record({
    kind: fc.constantFrom('round-robin' as const, 'uniform' as const),
    distinct,
    bytes: fc.constant(16),
  }),
  fc.record({
    kind: fc.constant('zipf' as const),
    distinct,
    exponent: fc.double({ min: 0.1, max: 3, noNaN: true }),
    bytes: fc.constant(8),
  }),
  fc.record({
    kind: fc.constant('bands' as const),
    bands: fc.array(fc.record({ keys: fc.integer({ min: 0, max: 1000 }), weight }), { minLength: 1, maxLength: 8 }),
    bytes: fc.constant(16),
  }),
);
const spec: fc.Arbitrary<MessageSpec> = fc.record({
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  sizes,
  keys,
  filler: fc.oneof(
    fc.constant({ kind: 'random' as const }),
    fc.record({ kind: fc.constant('mixed' as const), randomShare: fc.double({ min: 0, max: 1, noNaN: true }) }),
  ),
});
const first = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 100 });
const headerWords = 6;
const make = (messages: ReturnType<typeof createMessages>, numbers: readonly number[]) =>
  makeValues(
    messages,
    numbers.length,
    headerWords,
    (i) => numbers[i] ?? 0,
    (_value, i, words, offset) => words.fill(numbers[i] ?? 0, offset, offset + headerWords),
  );

test('a message has the same bytes in any batch and worker', () => {
  fc.assert(
    fc.property(
      spec,
      first,
      fc.integer({ min: 1, max: 16 }),
      fc.integer({ min: 1, max: 4 }),
      (given, from, count, stride) => {
        const numbers = Array.from({ length: count }, (_, i) => from + i * stride);
        const together = make(createMessages(given), numbers);
        const another = createMessages(structuredClone(given));
        const alone = numbers.toReversed().map((n) => make(another, [n])[0]);
        expect(together).toEqual(alone.toReversed());
      },
    ),
  );
});

test('sizes and keys stay within their declared ranges', () => {
  fc.assert(
    fc.property(spec, first, (given, n) => {
      const messages = createMessages(given);
      expect(messages.sizeOf(n)).toBeGreaterThanOrEqual(messages.sizes.smallest);
      expect(messages.sizeOf(n)).toBeLessThanOrEqual(messages.sizes.largest);
      const key = messages.keyOf(n);
      const isSometimesBare = given.keys.kind === 'bands' && given.keys.bands.some((band) => band.keys === 0);
      if (!isSometimesBare) expect(key !== undefined).toBe(messages.hasKeys);
      if (key === undefined) return;
      expect(key.toString('latin1')).toMatch(/^k\d+$/);
      expect(key).toHaveLength(messages.keys.bytes);
      expect(Number(key.toString('latin1').slice(1))).toBeLessThan(messages.keys.distinct);
    }),
  );
});
