import { describe, expect, test } from 'vitest';
import { fitCores, shareAt, workAt } from '../../../../../analyzer/verdict/fit/core-law.ts';
import { fitUse, rateAt, useAt } from '../../../../../analyzer/verdict/fit/use-law.ts';

const context = { capacity: 2, meanVariance: 0 };
const rates = [0.12, 0.2, 0.28, 0.36, 0.44, 0.52, 0.6].map((share) => share * 10_000);
/** Cores that saturate at 10,000 msg/s, with a tenth of their capacity used at idle. */
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

describe('CPU work', () => {
  test.each([-0.4, 0, 0.7])('is converted to use and back, also above 100% and below 0 (k = %d)', (k) => {
    for (const share of [-0.1, 0, 0.3, 0.99, 1, 1.2]) expect(shareAt(workAt(share, k), k)).toBeCloseTo(share, 12);
    expect(workAt(1, k)).toBe(1);
  });

  test('is continuous at full use', () => {
    expect(workAt(1 + 1e-9, 0.5)).toBeCloseTo(workAt(1 - 1e-9, 0.5), 7);
  });
});

describe('the CPU law', () => {
  test.each([-0.3, 0, 0.5])('finds the saturation rate from steps up to 60% (k = %d)', (k) => {
    const { full, law } = fullAt(points(k, 1));
    expect(law.model).toBe('cores');
    expect(full / 10_000 - 1).toBeCloseTo(0, 1.5);
    expect(useAt(law, rateAt(law, 1.4))).toBeCloseTo(1.4, 9);
  });

  test('a line is too low with wake-up costs on idle cores, and too high with contention between cores', () => {
    expect(fullAt(points(0.5, 1)).fullByLine).toBeLessThan(9000);
    expect(fullAt(points(-0.3, 1)).fullByLine).toBeGreaterThan(10_700);
  });

  test('noisy steps keep k near its prior, and the likely laws cover the true saturation rate', () => {
    const { likely, law } = fullAt(points(0.3, 1, scatter), 0.0004);
    const all = likely.map((each) => rateAt(each.law, 2));
    expect(law.model === 'cores' && law.k).toBeLessThan(0.2);
    expect(Math.min(...all)).toBeLessThan(10_000);
    expect(Math.max(...all)).toBeGreaterThan(10_000);
    expect(likely.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
  });

  test('the more precise the steps, the less the prior counts', () => {
    const spreadOf = (noise: readonly number[], meanVariance: number) => {
      const ks = fitCores(points(0, 50, noise), { ...context, meanVariance })?.likely.map(({ k }) => k) ?? [];
      return Math.max(...ks) - Math.min(...ks);
    };
    expect(spreadOf([], 0)).toBeLessThan(0.5 * spreadOf(scatter, 0.0004));
  });

  test('is not fitted to steps at a single rate', () => {
    expect(
      fitCores(
        points(0, 1).map((point) => ({ ...point, x: 5000 })),
        context,
      ),
    ).toBeUndefined();
  });
});

describe('CPU use that depends on requests', () => {
  /** Messages/s, requests/s and share of one core of Kafka 4.3.1 with producers without linger; it achieved 10,797 msg/s at 0.77. */
  const recorded = [
    [1080, 1020, 0.453],
    [1800, 1596, 0.567],
    [2520, 1981, 0.644],
    [3240, 2459, 0.706],
    [3957, 2719, 0.706],
    [4678, 2919, 0.762],
    [5400, 2844, 0.732],
  ].map(([x = 0, requests = 0, y = 0]) => ({ x, y, requests }));
  const fit = (all: Parameters<typeof fitUse>[0], capacity: number) => {
    const fitted = fitUse(all, { capacity, meanVariance: 0.0004 });
    if (fitted === undefined) throw new Error('no law');
    return fitted.law;
  };

  test('is predicted from requests if producers batch more messages per request under load', () => {
    const law = fit(recorded, 1);
    const byMessages = fit(
      recorded.map(({ x, y }) => ({ x, y })),
      1,
    );
    expect(law.model === 'cores' && law.batching).toBeTruthy();
    expect(law.holdOutError).toBeLessThan(0.7 * byMessages.holdOutError);
    expect(useAt(law, 4000)).toBeCloseTo(0.7, 1);
    expect(useAt(law, rateAt(law, 1))).toBeCloseTo(1, 6);
    expect(rateAt(law, 1)).toBeGreaterThan(8000);
  });

  test('is predicted from messages if requests carry the same number of messages at every load', () => {
    const law = fit(points(0.3, 4), 2);
    expect(law.model === 'cores' && law.batching).toBeUndefined();
  });
});
