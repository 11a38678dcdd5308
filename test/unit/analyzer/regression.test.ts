import { describe, expect, test } from 'vitest';
import { fitLine, invert } from '../../../analyzer/regression.ts';

const line = (noise: readonly number[] = [0, 0, 0, 0, 0]) =>
  noise.map((error, index) => ({ x: 1000 * (index + 1), y: 2e4 + 600 * 1000 * (index + 1) + error }));

/** Draper and Smith's steam data in short: published intercept 13.623, slope -0.0798, R² 71.4 %, s² 0.7923. */
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

describe('the straight line', () => {
  test('agrees with a published example', () => {
    const fit = fitLine(steam);
    expect(fit?.intercept).toBeCloseTo(13.623, 2);
    expect(fit?.slopePerMessage).toBeCloseTo(-0.0798, 4);
    expect(fit?.r2).toBeCloseTo(0.714, 3);
    // 95 % prediction limits at x = 28.6 by the same book's formula: t(23) = 2.069, s = 0.8901.
    expect(fit?.halfWidth(28.6, 0.95)).toBeCloseTo(
      2.069 * 0.8901 * Math.sqrt(1 + 1 / 25 + (28.6 - 52.6) ** 2 / 7154.42),
      2,
    );
  });

  test('needs three steps', () => expect(fitLine(line().slice(0, 2))).toBeUndefined());

  test('needs more than one rate', () => {
    expect(fitLine([1, 2, 3, 4].map((y) => ({ x: 5000 + y, y })))).toBeUndefined();
  });

  test('is in messages alone when requests only follow them', () => {
    const points = line([300, -200, 100, -400, 200]).map((point) => ({ ...point, requests: point.x / 50 }));
    expect(fitLine(points)?.slopePerRequest).toBeUndefined();
  });

  test('takes requests in where batches grow, and finds the cost of both', () => {
    const points = [1000, 2000, 3000, 4000, 5000, 6000].map((x) => {
      const requests = x / (2 + x / 200);
      return { x, requests, y: 1e4 + 550 * x + 300 * requests };
    });
    const fit = fitLine(points);
    expect(fit?.slopePerMessage).toBeCloseTo(550, 3);
    expect(fit?.slopePerRequest).toBeCloseTo(300, 3);
  });

  test('keeps to messages where requests leave them nothing to explain, since load is what moved both', () => {
    const noise = [200, -200, 240, -160, -220, 180];
    const points = noise.map((error, index) => {
      const x = 1000 * (index + 1);
      const requests = x / Math.min(60, 2 + x / 150);
      return { x, requests, y: 1000 + 300 * requests + 0.2 * x + error };
    });
    const fit = fitLine(points);
    expect(fit?.slopePerRequest).toBeUndefined();
    expect(fit?.slopeProbability).toBeLessThan(0.05);
  });
});

describe('read backwards', () => {
  test('it finds where the line and its limits reach the capacity', () => {
    const fit = fitLine(line([3000, -4000, 2000, -3000, 2000]));
    const crossing = fit && invert(fit, 6.25e6, 0.95, 1e6);
    if (!fit || !crossing) throw new Error('no crossing');
    expect(fit.at(crossing.value)).toBeCloseTo(6.25e6, 0);
    expect(fit.at(crossing.low) + fit.halfWidth(crossing.low, 0.95)).toBeCloseTo(6.25e6, 0);
    expect(fit.at(crossing.high ?? 0) - fit.halfWidth(crossing.high ?? 0, 0.95)).toBeCloseTo(6.25e6, 0);
  });

  test('a line that stays below has no crossing', () => {
    const fit = fitLine(line());
    expect(fit && invert(fit, 1e12, 0.95, 1e6)).toBeUndefined();
  });

  test('no rate is safe where idling already passes the limit', () => {
    const fit = fitLine(line([1000, -1000, 500, -1500, 1000]));
    expect(fit && invert(fit, 1e4, 0.95, 1e6)).toMatchObject({ value: 0, low: 0 });
  });
});
