import { describe, expect, test } from 'vitest';
import { fitCores, priorOf, shareAt, workAt } from '../../../../../analyzer/verdict/fit/core-law.ts';
import { fitUse, rateAt, useAt } from '../../../../../analyzer/verdict/fit/use-law.ts';

const context = { capacity: 2, meanVariance: 0 };
const rates = [0.12, 0.2, 0.28, 0.36, 0.44, 0.52, 0.6].map((share) => share * 10_000);
/** Cores that are full at 10,000 messages a second, a tenth of them by idling. */
const points = (k: number, perRequest: number, noise: readonly number[] = []) =>
  rates.map((x, i) => ({
    x,
    y: 2 * shareAt(0.1 + (0.9 * x) / 10_000, k) * (1 + (noise[i] ?? 0)),
    requests: x / perRequest,
  }));
const fullAt = (all: ReturnType<typeof points>, meanVariance = 0) => {
  const fitted = fitUse(all, { ...context, meanVariance });
  if (fitted === undefined) throw new Error('no law');
  return { ...fitted, full: rateAt(fitted.law, 2), fullByLine: rateAt(fitted.line, 2) };
};
const scatter = [0.03, -0.04, 0.02, 0.05, -0.05, -0.02, 0.01];

describe('work of cores', () => {
  test.each([-0.4, 0, 0.7])('is turned into use and back, also beyond full cores and below none (k = %d)', (k) => {
    for (const share of [-0.1, 0, 0.3, 0.99, 1, 1.2]) expect(shareAt(workAt(share, k), k)).toBeCloseTo(share, 12);
    expect(workAt(1, k)).toBe(1);
  });

  test('rises without a jump where cores are full', () => {
    expect(workAt(1 + 1e-9, 0.5)).toBeCloseTo(workAt(1 - 1e-9, 0.5), 7);
  });
});

describe('what is known before', () => {
  test('expects wake-ups where a request is little work, and contention where it is much', () => {
    expect(priorOf(50e-6).mean).toBeCloseTo(0.5, 9);
    expect(priorOf(3e-3).mean).toBeCloseTo(-0.186, 3);
  });

  test('expects neither where requests are unknown, and is less sure', () => {
    expect(priorOf(undefined).mean).toBe(0);
    expect(priorOf(undefined).deviation).toBeGreaterThan(priorOf(50e-6).deviation);
  });
});

describe('the law of cores', () => {
  test.each([-0.3, 0, 0.5])('finds where cores are full from steps to six tenths (k = %d)', (k) => {
    const { full, law } = fullAt(points(k, 1));
    expect(law.model).toBe('cores');
    expect(full / 10_000 - 1).toBeCloseTo(0, 1.5);
    expect(useAt(law, rateAt(law, 1.4))).toBeCloseTo(1.4, 9);
  });

  test('a line is too low where wake-ups are paid on idle cores, and too high where cores contend', () => {
    expect(fullAt(points(0.5, 1)).fullByLine).toBeLessThan(9000);
    expect(fullAt(points(-0.3, 1)).fullByLine).toBeGreaterThan(10_700);
  });

  test('steps that scatter leave k to what is known before, and the laws reach over the truth', () => {
    const { likely, law } = fullAt(points(0.3, 1, scatter), 0.0004);
    const all = likely.map((each) => rateAt(each.law, 2));
    expect(law.model === 'cores' && law.k).toBeGreaterThan(0);
    expect(Math.min(...all)).toBeLessThan(10_000);
    expect(Math.max(...all)).toBeGreaterThan(10_000);
    expect(likely.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
  });

  test('the more the steps show, the less what was known before counts', () => {
    const spreadOf = (noise: readonly number[], meanVariance: number) => {
      const ks = fitCores(points(0, 50, noise), { ...context, meanVariance })?.likely.map(({ k }) => k) ?? [];
      return Math.max(...ks) - Math.min(...ks);
    };
    expect(spreadOf([], 0)).toBeLessThan(0.5 * spreadOf(scatter, 0.0004));
  });

  test('has no law for steps at one rate', () => {
    expect(
      fitCores(
        points(0, 1).map((point) => ({ ...point, x: 5000 })),
        context,
      ),
    ).toBeUndefined();
  });
});
