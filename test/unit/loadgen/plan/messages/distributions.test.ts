import { expect, test } from 'vitest';
import type { KeySpec, SizeSpec } from '../../../../../loadgen/plan/messages/message-spec.ts';
import { createKeys } from '../../../../../loadgen/plan/messages/keys.ts';
import { createSizes } from '../../../../../loadgen/plan/messages/sizes.ts';

const draws = 200_000;

/** Pearson's statistic divided by its degrees of freedom is 1 ± √(2/df) if the shares are the true ones. */
function surprise(counts: readonly number[], shares: readonly number[]): number {
  const chiSquare = counts.reduce(
    (sum, count, i) => sum + (count - draws * (shares[i] ?? 0)) ** 2 / (draws * (shares[i] ?? 0)),
    0,
  );
  const df = counts.length - 1;
  return (chiSquare - df) / Math.sqrt(2 * df);
}

function countKeys(spec: KeySpec, distinct: number, from = 0): number[] {
  const keys = createKeys(spec, 7);
  const counts = Array.from({ length: distinct }, () => 0);
  for (let n = from; n < from + draws; n++) counts[keys.indexOf(n) ?? 0]! += 1;
  return counts;
}

const normal = (weights: readonly number[]) => {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
};
const zipfShares = (distinct: number, exponent: number) =>
  normal(Array.from({ length: distinct }, (_, i) => (i + 1) ** -exponent));

// Four standard deviations: 1 in 30,000 for a true sampler, and the draws are the same every time.
test.each([0.5, 0.99, 1, 1.2, 2])('Zipf keys with exponent %d are as frequent as their rank requires', (exponent) => {
  const counts = countKeys({ kind: 'zipf', distinct: 100, exponent, bytes: 8 }, 100);
  expect(Math.abs(surprise(counts, zipfShares(100, exponent)))).toBeLessThan(4);
});

test('a sample with another exponent is detected', () => {
  const counts = countKeys({ kind: 'zipf', distinct: 100, exponent: 1, bytes: 8 }, 100);
  expect(surprise(counts, zipfShares(100, 1.03))).toBeGreaterThan(4);
});

test('uniform keys are equally frequent, even far from the first message', () => {
  const spec: KeySpec = { kind: 'uniform', distinct: 64, bytes: 8 };
  const shares = normal(Array.from({ length: 64 }, () => 1));
  expect(Math.abs(surprise(countKeys(spec, 64), shares))).toBeLessThan(4);
  expect(Math.abs(surprise(countKeys(spec, 64, 2 ** 40), shares))).toBeLessThan(4);
});

test('round robin uses every key in turn', () => {
  const keys = createKeys({ kind: 'round-robin', distinct: 3, bytes: 4 }, 1);
  expect([0, 1, 2, 3].map((n) => keys.of(n)?.toString())).toEqual(['k000', 'k001', 'k002', 'k000']);
});

test('captured keys keep the weight of their band', () => {
  const bands = [
    { keys: 1, weight: 50 },
    { keys: 9, weight: 30 },
    { keys: 90, weight: 20 },
  ];
  const shares = normal(bands.flatMap(({ keys, weight }) => Array.from({ length: keys }, () => weight / keys)));
  expect(Math.abs(surprise(countKeys({ kind: 'bands', bands, bytes: 8 }, 100), shares))).toBeLessThan(4);
});

test('a band without keys produces messages without a key', () => {
  const bands = [
    { keys: 1, weight: 75 },
    { keys: 0, weight: 25 },
  ];
  const keys = createKeys({ kind: 'bands', bands, bytes: 4 }, 7);
  const without = Array.from({ length: draws }, (_, n) => keys.of(n)).filter((key) => key === undefined).length;
  expect(Math.abs(surprise([draws - without, without], [0.75, 0.25]))).toBeLessThan(4);
});

test('a Zipf choice among a billion keys works without a table of them', () => {
  const keys = createKeys({ kind: 'zipf', distinct: 1_000_000_000, exponent: 0.8, bytes: 16 }, 1);
  const indexes = Array.from({ length: 20_000 }, (_, n) => keys.indexOf(n) ?? 0);
  expect(Math.max(...indexes)).toBeGreaterThan(900_000_000);
  expect(Math.max(...indexes)).toBeLessThan(1_000_000_000);
});

test('weighted sizes are as frequent as their weight, and their mean is exact', () => {
  const list = [
    { bytes: 100, weight: 5 },
    { bytes: 1000, weight: 4 },
    { bytes: 10_000, weight: 1 },
    { bytes: 50_000, weight: 0 },
  ];
  const spec: SizeSpec = { kind: 'weighted', sizes: list };
  const sizes = createSizes(spec, 3);
  const seen = new Map<number, number>();
  for (let n = 0; n < draws; n++) seen.set(sizes.of(n), (seen.get(sizes.of(n)) ?? 0) + 1);
  expect(
    Math.abs(
      surprise(
        [100, 1000, 10_000].map((size) => seen.get(size) ?? 0),
        [0.5, 0.4, 0.1],
      ),
    ),
  ).toBeLessThan(4);
  expect(sizes).toMatchObject({ mean: 1450, smallest: 100, largest: 10_000 });
});

test('captured sizes are spread evenly over their band', () => {
  const sizes = createSizes({ kind: 'bands', bands: [{ from: 64, to: 127, weight: 1 }] }, 3);
  const counts = Array.from({ length: 64 }, () => 0);
  for (let n = 0; n < draws; n++) counts[sizes.of(n) - 64]! += 1;
  expect(Math.abs(surprise(counts, normal(counts.map(() => 1))))).toBeLessThan(4);
  expect(sizes.mean).toBe(95.5);
});

test('the size of a message does not depend on its key', () => {
  const keys = createKeys({ kind: 'uniform', distinct: 2, bytes: 4 }, 5);
  const sizes = createSizes(
    {
      kind: 'weighted',
      sizes: [
        { bytes: 1, weight: 1 },
        { bytes: 2, weight: 1 },
      ],
    },
    5,
  );
  const counts = [0, 0, 0, 0];
  for (let n = 0; n < draws; n++) counts[(keys.indexOf(n) ?? 0) * 2 + sizes.of(n) - 1]! += 1;
  expect(Math.abs(surprise(counts, [0.25, 0.25, 0.25, 0.25]))).toBeLessThan(4);
});
