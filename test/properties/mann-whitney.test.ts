import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leastProbability, mannWhitney } from '../../core/statistics/two-samples.ts';

const sample = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 5 });

/** Enumerates every split of the values, by its distance from the mean rank sum. */
function byEnumeration(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b];
  const rankOf = (value: number) => {
    const below = all.filter((other) => other < value).length;
    return below + (all.filter((other) => other === value).length + 1) / 2;
  };
  const ranks = all.map(rankOf);
  const middle = (a.length * (all.length + 1)) / 2;
  const distance = (picked: readonly number[]) => Math.abs(picked.reduce((sum, rank) => sum + rank, 0) - middle);
  const observed = distance(ranks.slice(0, a.length));
  let asFar = 0;
  let ways = 0;
  for (let set = 0; set < 2 ** all.length; set += 1) {
    const picked = ranks.filter((_, index) => (set >> index) & 1);
    if (picked.length !== a.length) continue;
    ways += 1;
    if (distance(picked) >= observed - 1e-9) asFar += 1;
  }
  return asFar / ways;
}

test('the exact probability equals the enumeration of all rank assignments, including ties', () => {
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      expect(mannWhitney(a, b)).toBeCloseTo(byEnumeration(a, b), 9);
    }),
  );
});

test('the order of the samples and their unit do not change the probability', () => {
  fc.assert(
    fc.property(sample, sample, fc.integer({ min: 1, max: 1000 }), (a, b, factor) => {
      const probability = mannWhitney(a, b);
      expect(mannWhitney(b, a)).toBeCloseTo(probability, 9);
      expect(
        mannWhitney(
          a.map((value) => value * factor),
          b.map((value) => value * factor),
        ),
      ).toBeCloseTo(probability, 9);
    }),
  );
});

test('no probability is below that of the most extreme rank assignment', () => {
  fc.assert(
    fc.property(sample, sample, (a, b) => {
      expect(mannWhitney(a, b)).toBeGreaterThanOrEqual(leastProbability(a.length, b.length) / 2 - 1e-9);
    }),
  );
});
