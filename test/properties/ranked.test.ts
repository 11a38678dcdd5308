import fc from 'fast-check';
import { expect, test } from 'vitest';
import { medianOf, ranked } from '../../core/statistics/statistics.ts';

/** Few distinct values, so that many are equal. */
const values = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })), {
  minLength: 1,
  maxLength: 60,
});
const sortedOf = (list: readonly number[]) => list.toSorted((a, b) => a - b);

test('the value at an index equals that of the sorted list, and no value before it is greater', () => {
  fc.assert(
    fc.property(values, fc.nat(), (list, draw) => {
      const k = draw % list.length;
      const mixed = Float64Array.from(list);
      const found = ranked(mixed, k);
      expect(found === sortedOf(list)[k]).toBe(true);
      expect(mixed.subarray(0, k).every((value) => value <= found)).toBe(true);
      expect(mixed.subarray(k).every((value) => value >= found)).toBe(true);
    }),
  );
});

test('the median equals the middle of the sorted values', () => {
  fc.assert(
    fc.property(values, (list) => {
      const sorted = sortedOf(list);
      const [left, right] = [Math.ceil(list.length / 2) - 1, Math.floor(list.length / 2)];
      const expected = ((sorted[left] as number) + (sorted[right] as number)) / 2;
      expect(medianOf(Float64Array.from(list)) === expected || !Number.isFinite(expected)).toBe(true);
    }),
  );
});

test('the median of an empty list is 0', () => expect(medianOf(new Float64Array(0))).toBe(0));
