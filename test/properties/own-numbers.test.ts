import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWorkerNumbers, dealSlots } from '../../loadgen/execute/workers/worker-numbers.ts';

const workers = fc.integer({ min: 1, max: 64 });
const range = fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 500 }));
/** Checks each number, which the code under test never does. */
const owned = (slots: readonly number[], from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i).filter((n) => slots.includes(n % 64));

test('every number belongs to exactly one worker', () => {
  fc.assert(
    fc.property(workers, range, (count, [from, length]) => {
      const shares = dealSlots(count, 64).map((slots) => createWorkerNumbers(slots, 64));
      expect(shares.reduce((sum, share) => sum + share.count(from, from + length), 0)).toBe(length);
    }),
  );
});

test('`atOrAfter` visits all own numbers in order', () => {
  fc.assert(
    fc.property(workers, range, (count, [from, length]) => {
      for (const slots of dealSlots(count, 64)) {
        const own = createWorkerNumbers(slots, 64);
        const walked: number[] = [];
        for (let n = own.atOrAfter(from); n < from + length; n = own.atOrAfter(n + 1)) walked.push(n);
        expect(walked).toEqual(owned(slots, from, from + length));
        expect(own.count(from, from + length)).toBe(walked.length);
      }
    }),
    { numRuns: 30 },
  );
});

test('an adopted share counts from its first number, and not before', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 8 }),
      fc.integer({ min: 0, max: 300 }),
      range,
      (count, since, [from, length]) => {
        const [first = [], second = []] = dealSlots(count, 64);
        const own = createWorkerNumbers(first, 64);
        own.adopt(second, since);
        const to = from + length;
        const expected = [
          ...owned(first, from, Math.min(to, since)),
          ...owned([...first, ...second], Math.max(from, since), to),
        ];
        const walked: number[] = [];
        for (let n = own.atOrAfter(from); n < to; n = own.atOrAfter(n + 1)) walked.push(n);
        expect(walked).toEqual(expected);
        expect(own.count(from, to)).toBe(expected.length);
      },
    ),
  );
});

test('every lane is assigned to a worker', () => {
  fc.assert(
    fc.property(workers, fc.integer({ min: 1, max: 10_000 }), (count, lanes) => {
      const shares = dealSlots(count, 64).map((slots) => createWorkerNumbers(slots, 64).lanesOf(lanes, 0));
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(lanes);
    }),
  );
});

test('weighted shares are exact to the slot, and every slot is assigned', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 10 }), (weights) => {
      const dealt = dealSlots(weights, 512);
      expect(dealt.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 512 }, (_, slot) => slot));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const [worker, weight] of weights.entries()) {
        expect(Math.abs((dealt[worker]?.length ?? 0) - (512 * weight) / total)).toBeLessThanOrEqual(weights.length);
      }
    }),
  );
});
