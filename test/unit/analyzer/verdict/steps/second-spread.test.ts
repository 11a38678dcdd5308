import { describe, expect, test } from 'vitest';
import {
  peakOf,
  pooledOutliers,
  secondSpread,
  surePeakOf,
} from '../../../../../analyzer/verdict/steps/second-spread.ts';
import { seededRandom } from '../../../../../core/statistics/seeded-random.ts';
import { mean, quantile } from '../../../../../core/statistics/statistics.ts';

const random = seededRandom('seconds');

/** Steps of seconds with normal noise around their means, each multiplied by `odd`. */
function spreadOf(steps: number, seconds: number, deviation: number, odd: (second: number) => number = () => 1) {
  let second = -1;
  return secondSpread(
    Array.from({ length: steps }, (_, step) => {
      const values = Array.from({ length: seconds }, () => {
        second += 1;
        return 1000 * (step + 1) * (1 + deviation * random.normal()) * odd(second);
      });
      return {
        use: {
          mean: mean(values),
          p99: quantile(values, 0.99),
          samples: seconds,
          series: { moments: values.map((__, at) => at + 0.5), values },
        },
        firstSlot: step * seconds,
        slots: seconds,
        slotSeconds: 1,
      };
    }),
  );
}

const peak = (spread: ReturnType<typeof spreadOf>) => peakOf(spread, spread.far);

describe('the p99 of seconds', () => {
  test('is pooled over all steps, and is higher than the maximum of one short step', () => {
    const peaks = Array.from({ length: 60 }, () => peak(spreadOf(5, 18, 0.02)));
    expect(mean(peaks) / (2.326 * 0.02)).toBeGreaterThan(0.95);
    expect(mean(peaks) / (2.326 * 0.02)).toBeLessThan(1.25);
  });

  test('includes bursts in more than 1% of the seconds', () => {
    const spread = spreadOf(5, 60, 0.01, (second) => (second % 20 === 0 ? 1.5 : 1));
    expect(peak(spread)).toBeGreaterThan(0.4);
    expect(spread.setAside).toBe(0);
  });

  test('ignores one second in three hundred as an outlier, also in the mean', () => {
    const spread = spreadOf(5, 60, 0.01, (second) => (second === 90 ? 3 : 1));
    expect(peak(spread)).toBeLessThan(0.05);
    expect(spread.setAside).toBe(1);
    expect((spread.means[1] ?? 0) / 2000).toBeCloseTo(1, 1);
  });

  test('is at most its upper bound', () => {
    const spread = spreadOf(5, 18, 0.02);
    expect(surePeakOf(spread, spread.far)).toBeGreaterThan(peak(spread));
  });
});

test('the variance of the mean of a step follows from the number and scatter of its seconds', () => {
  const deviations = Array.from({ length: 40 }, () => Math.sqrt(spreadOf(5, 25, 0.05).meanVariance));
  expect(mean(deviations) / (0.05 / 5)).toBeCloseTo(1, 0);
});

test('outlier seconds of all nodes are pooled, the largest first', () => {
  const [one, other] = [1.5, 2].map(
    (factor) => spreadOf(5, 60, 0.01, (second) => (second % 50 === 7 ? factor : 1)).far,
  );
  if (!one || !other) throw new Error('no far seconds');
  const all = pooledOutliers([one, other]);
  expect(all.seconds).toBe(600);
  expect(all.deviations).toHaveLength(12);
  expect([...all.deviations]).toEqual([...all.deviations].toSorted((a, b) => b - a));
});
