// Fits coefficients by weighted least squares, with the share of each point in each coefficient.

import { fProbability, studentT } from './statistics.ts';
import { invertPositive } from './solve.ts';

export interface LeastSquares {
  /** The intercept, then one for each column. */
  coefficients: Float64Array;
  /** Row by row, coefficients × points: weight of each point's y in each coefficient. */
  shares: Float64Array;
  /** Fitted value at each point. */
  fitted: Float64Array;
  /** Weight of each point's own y in its fitted value. */
  leverages: Float64Array;
  r2: number;
  sse: number;
  degreesOfFreedom: number;
  /** Two-sided p-value of the slope of the first column. */
  slopeProbability: number;
}

/**
 * Solves y = b0 + Σ bi·ci by the normal equations of centred and scaled columns, so that rates of 1e5 and
 * intercepts of 1 keep their digits (Draper and Smith, Applied Regression Analysis, 3rd ed., 5.1 and 9.2).
 *
 * The intercept stays: heartbeats, scrapes and idle threads have a cost at zero load, and a line forced through the origin would
 * attribute it to messages.
 *
 * @param columns one value per point each
 * @param weights one per point; absent: equal
 * @returns undefined without a degree of freedom, or if columns are collinear
 */
export function leastSquares(
  y: readonly number[],
  columns: readonly (readonly number[])[],
  weights: readonly number[] = y.map(() => 1),
): LeastSquares | undefined {
  const n = y.length;
  const p = 1 + columns.length;
  if (n < p + 1) return undefined;
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const scales = columns.map((column) => scaleOf(column, weights, all));
  if (scales.some(({ spread, middle }) => !(spread > leastSpread * Math.abs(middle) * Math.sqrt(all))))
    return undefined;
  const rows = y.map((_, row) => [
    1,
    ...columns.map((column, i) => {
      const { middle, spread } = scales[i] as Scale;
      return ((column[row] as number) - middle) / spread;
    }),
  ]);
  const inverse = invertPositive(crossProducts(rows, weights), collinear);
  if (inverse === undefined) return undefined;
  const scaled = rows.map((row, k) => inverse.map((line) => dot(line, row) * (weights[k] as number)));
  const shares = new Float64Array(p * n);
  for (let k = 0; k < n; k += 1) {
    const own = scaled[k] as number[];
    let first = own[0] as number;
    for (let i = 1; i < p; i += 1) {
      const { middle, spread } = scales[i - 1] as Scale;
      const slope = (own[i] as number) / spread;
      shares[i * n + k] = slope;
      first -= slope * middle;
    }
    shares[k] = first;
  }
  const gamma = Array.from({ length: p }, (_, i) =>
    scaled.reduce((sum, own, k) => sum + (own[i] as number) * (y[k] as number), 0),
  );
  const coefficients = Float64Array.from({ length: p }, (_, i) =>
    i > 0
      ? (gamma[i] as number) / (scales[i - 1] as Scale).spread
      : gamma.reduce((sum, value, j) => {
          if (j === 0) return value;
          const { middle, spread } = scales[j - 1] as Scale;
          return sum - (value * middle) / spread;
        }, 0),
  );
  const fitted = Float64Array.from(rows, (row) => dot(row, gamma));
  const weigh = (value: (k: number) => number) => y.reduce((sum, _, k) => sum + (weights[k] as number) * value(k), 0);
  const sse = weigh((k) => ((y[k] as number) - (fitted[k] as number)) ** 2);
  const centre = weigh((k) => y[k] as number) / all;
  const total = weigh((k) => ((y[k] as number) - centre) ** 2);
  const degreesOfFreedom = n - p;
  const slopeVariance = (sse / degreesOfFreedom) * (inverse[1]?.[1] as number);
  const f = slopeVariance > 0 ? (gamma[1] as number) ** 2 / slopeVariance : Number.POSITIVE_INFINITY;
  return {
    coefficients,
    shares,
    fitted,
    leverages: Float64Array.from(rows, (row, k) => dot(row, scaled[k] as number[])),
    r2: total > 0 ? Math.max(0, 1 - sse / total) : 0,
    sse,
    degreesOfFreedom,
    slopeProbability: Number.isFinite(f) ? fProbability(f, 1, degreesOfFreedom) : 0,
  };
}

/** Rates or requests within 2% count as one rate: a line through their noise is meaningless. */
const leastSpread = 0.02;

type Scale = { middle: number; spread: number };

function scaleOf(column: readonly number[], weights: readonly number[], all: number): Scale {
  const weigh = (value: (x: number) => number) =>
    column.reduce((sum, x, k) => sum + (weights[k] as number) * value(x), 0);
  const middle = weigh((x) => x) / all;
  return { middle, spread: Math.sqrt(weigh((x) => (x - middle) ** 2)) };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

function crossProducts(rows: readonly number[][], weights: readonly number[]): number[][] {
  const size = rows[0]?.length ?? 0;
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (__, j) =>
      rows.reduce((sum, row, k) => sum + (weights[k] as number) * (row[i] as number) * (row[j] as number), 0),
    ),
  );
}

/** Standardised columns whose squared correlation exceeds 1 − this (a variance inflation of a thousand) are collinear. */
const collinear = 1e-3;

export interface Slope {
  value: number;
  low: number;
  high: number;
}

/** @returns undefined without a degree of freedom, or if x hardly varies */
export function slopeInterval(x: readonly number[], y: readonly number[], confidence: number): Slope | undefined {
  const fit = leastSquares(y, [x]);
  if (fit === undefined) return undefined;
  const [intercept = 0, slope = 0] = fit.coefficients;
  const missed = y.reduce((sum, value, place) => sum + (value - intercept - slope * (x[place] as number)) ** 2, 0);
  const degrees = y.length - 2;
  const ofSlope = fit.shares.subarray(y.length).reduce((sum, share) => sum + share ** 2, 0);
  const margin = studentT(confidence, degrees) * Math.sqrt((missed / degrees) * ofSlope);
  return { value: slope, low: slope - margin, high: slope + margin };
}
