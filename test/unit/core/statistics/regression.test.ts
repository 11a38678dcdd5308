import { describe, expect, test } from 'vitest';
import { drawCrossings, ownCrossings } from '../../../../analyzer/verdict/fit/bootstrap.ts';
import { drawQuantile } from '../../../../analyzer/verdict/fit/crossing.ts';
import { leastSquares } from '../../../../core/statistics/regression.ts';
import { secondSpread } from '../../../../analyzer/verdict/steps/second-spread.ts';
import { seededRandom } from '../../../../core/statistics/seeded-random.ts';
import { fitUse, rateAt, useAt } from '../../../../analyzer/verdict/fit/use-law.ts';

const line = (noise: readonly number[] = [0, 0, 0, 0, 0]) =>
  noise.map((error, index) => ({ x: 1000 * (index + 1), y: 2e4 + 600 * 1000 * (index + 1) + error }));

/** Steam data of Draper and Smith: published intercept 13.623, slope -0.0798, R² 71.4%, s² 0.7923. */
const steam = [
  [35.3, 10.98],
  [29.7, 11.13],
  [30.8, 12.51],
  [58.8, 8.4],
  [61.4, 9.27],
  [71.3, 8.73],
  [74.4, 6.36],
  [76.7, 8.5],
  [70.7, 7.82],
  [57.5, 9.14],
  [46.4, 8.24],
  [28.9, 12.19],
  [28.1, 11.88],
  [39.1, 9.57],
  [46.8, 10.94],
  [48.5, 9.58],
  [59.3, 10.09],
  [70.0, 8.11],
  [70.0, 6.83],
  [74.5, 8.88],
  [72.1, 7.68],
  [58.1, 8.47],
  [44.6, 8.86],
  [33.4, 10.36],
  [28.6, 11.08],
].map(([x, y]) => ({ x: x as number, y: y as number }));

const lawOf = (points: Parameters<typeof fitUse>[0]) => {
  const fitted = fitUse(points);
  if (fitted === undefined) throw new Error('no law');
  return fitted.law;
};

describe('least squares', () => {
  test('matches a published example', () => {
    const squares = leastSquares(
      steam.map(({ y }) => y),
      [steam.map(({ x }) => x)],
    );
    expect(squares?.coefficients[0]).toBeCloseTo(13.623, 2);
    expect(squares?.coefficients[1]).toBeCloseTo(-0.0798, 4);
    expect(squares?.r2).toBeCloseTo(0.714, 3);
    expect((squares?.sse ?? 0) / 23).toBeCloseTo(0.7923, 3);
  });

  test('returns the weight of each point in each coefficient', () => {
    const squares = leastSquares([1, 2, 4], [[1, 2, 3]], [1, 2, 1]);
    const { shares, coefficients } = squares ?? expect.fail('no fit');
    const intercept = [1, 2, 4].reduce((sum, y, k) => sum + y * (shares[k] ?? Number.NaN), 0);
    const slope = [1, 2, 4].reduce((sum, y, k) => sum + y * (shares[3 + k] ?? Number.NaN), 0);
    expect(intercept).toBeCloseTo(coefficients[0] ?? Number.NaN, 9);
    expect(slope).toBeCloseTo(coefficients[1] ?? Number.NaN, 9);
  });
});

describe('the fit of resource use', () => {
  test('needs three steps', () => expect(fitUse(line().slice(0, 2))).toBeUndefined());

  test('needs more than one rate', () => {
    expect(fitUse([1, 2, 3, 4].map((y) => ({ x: 5000 + y, y })))).toBeUndefined();
  });

  test('uses messages only if requests are proportional to messages', () => {
    const points = line([300, -200, 100, -400, 200]).map((point) => ({ ...point, requests: point.x / 50 }));
    expect(lawOf(points).model).toBe('line');
  });

  test('uses requests and messages if batches grow, and finds the cost of both', () => {
    const points = [1000, 2000, 3000, 4000, 5000, 6000].map((x) => {
      const requests = x / (2 + x / 200);
      return { x, requests, y: 1e4 + 550 * x + 300 * requests };
    });
    const law = lawOf(points);
    expect(law.model).toBe('batches');
    expect(law.coefficients[1]).toBeCloseTo(550, 3);
    expect(law.coefficients[2]).toBeCloseTo(300, 3);
    expect(useAt(law, rateAt(law, 5e6))).toBeCloseTo(5e6, 3);
    expect(useAt(law, rateAt(law, 1.5e6))).toBeCloseTo(1.5e6, 3);
  });

  test('uses messages if requests would make them insignificant, since both depend on the load', () => {
    const noise = [200, -200, 240, -160, -220, 180];
    const points = noise.map((error, index) => {
      const x = 1000 * (index + 1);
      const requests = x / Math.min(60, 2 + x / 150);
      return { x, requests, y: 1000 + 300 * requests + 0.2 * x + error };
    });
    const law = lawOf(points);
    expect(law.model).not.toBe('batches');
    expect(law.slopeProbability).toBeLessThan(0.05);
  });

  test('is convex under contention, and then saturates earlier than a line', () => {
    const points = [1000, 2000, 3000, 4000, 5000, 6000].map((x, k) => ({
      x,
      y: (0.2 + 1e-4 * x + 3e-8 * x * x) * (1 + 0.002 * (k % 2 === 0 ? 1 : -1)),
    }));
    const fitted = fitUse(points);
    expect(fitted?.law.model).toBe('convex');
    expect(fitted && rateAt(fitted.law, 4)).toBeLessThan(fitted ? rateAt(fitted.line, 4) : 0);
    expect(rateAt(lawOf(points), 2.7)).toBeCloseTo(7600, -3);
  });

  test('is a line if the steps only scatter', () => {
    expect(lawOf(line([3000, -4000, 2000, -3000, 2000])).model).toBe('line');
  });
});

describe('the inverse of a fit', () => {
  const samples = (means: readonly number[]) =>
    secondSpread(
      means.map((y, k) => ({ use: { mean: y, p99: y, samples: 1 }, firstSlot: k, slots: 1, slotSeconds: 1 })),
    );
  const drawn = (points: ReturnType<typeof line>, capacity: number, seed = 'a run') => {
    const fitted = fitUse(points);
    if (fitted === undefined) throw new Error('no law');
    const spread = samples(points.map(({ y }) => y));
    const subject = {
      resource: 'cpu',
      likely: fitted.likely,
      places: points.map((_, k) => k),
      spread,
      far: spread.far,
      limit: capacity,
      capacity,
      doubtBeyond: 0,
    };
    const run = { steps: points.length, slots: points.map(() => 1), reached: 1e6, doubtFrom: 1.5, draws: 4000 };
    const [draws] = drawCrossings([subject], run, seededRandom(seed));
    if (draws === undefined) throw new Error('no draws');
    return { ...ownCrossings(fitted.law, subject), draws };
  };

  test("has the prediction interval of Student's t for a further step of a line", () => {
    const points = line([3000, -4000, 2000, -3000, 2000]);
    const { full, draws } = drawn(points, 6.25e6);
    // s = 4000, n = 5, t(3) = 3.182, x̄ = 3000, Sxx = 1e7 and a slope of 600.
    const { sse } = leastSquares(
      points.map(({ y }) => y),
      [points.map(({ x }) => x)],
    ) ?? { sse: 0 };
    const half = 3.182 * Math.sqrt(sse / 3) * Math.sqrt(1 + 1 / 5 + (full - 3000) ** 2 / 1e7);
    expect(full).toBeCloseTo((6.25e6 - 2e4) / 600, -2);
    expect((full - drawQuantile(draws.full, 0.025)) * 600).toBeGreaterThan(0.6 * half);
    expect((drawQuantile(draws.full, 0.975) - full) * 600).toBeGreaterThan(0.6 * half);
  });

  test('has the same random draws for the same run, and other draws for another run', () => {
    const points = line([3000, -4000, 2000, -3000, 2000]);
    expect(drawn(points, 6.25e6).draws).toEqual(drawn(points, 6.25e6).draws);
    expect(drawn(points, 6.25e6).draws.full[0]).not.toBe(drawn(points, 6.25e6, 'another').draws.full[0]);
  });

  test('has no crossing if use does not grow', () => {
    expect(rateAt(lawOf(line().map(({ x }) => ({ x, y: 5 }))), 6)).toBe(Number.POSITIVE_INFINITY);
  });

  test('has no safe rate if idle use already exceeds the limit', () => {
    expect(drawn(line([1000, -1000, 500, -1500, 1000]), 1e4)).toMatchObject({ full: 0 });
  });
});
