// At which load does a resource reach a limit? Least squares of its use against the rate, read backwards with prediction limits.

import { fProbability, studentT } from './statistics.ts';

export interface Point {
  /** Messages per second. */
  x: number;
  /** Use of the resource in the unit of its capacity. */
  y: number;
  /** Produce requests per second, where known. */
  requests?: number | undefined;
}

export interface Fit {
  intercept: number;
  slopePerMessage: number;
  /** Present when requests explain significantly more than messages alone. */
  slopePerRequest?: number;
  r2: number;
  points: number;
  degreesOfFreedom: number;
  /** Two-sided probability of such a slope if load did not matter. */
  slopeProbability: number;
  /** Expected use at a rate. */
  at(x: number): number;
  /** Half the width of the two-sided prediction interval of one more step at a rate. */
  halfWidth(x: number, confidence: number): number;
}

/**
 * Ordinary least squares y = b0 + b1·x (+ b2·q), with s² = SSE / (n − p) and the prediction limits of a further step at x0
 *
 *   ŷ(x0) ± t(n − p) · s · √(1 + x0ᵀ (XᵀX)⁻¹ x0)         (Draper and Smith, Applied Regression Analysis, 3rd ed., 1.4 and 5.1)
 *
 * The intercept stays: heartbeats, scrapes and idle threads cost at zero load, and a line forced through the origin would call
 * them the cost of a message. Requests q enter when partial F-tests (the same, 6.2) find both at 5 %: where batches grow with
 * load, bytes per message fall, and a line in messages alone misstates the limit.
 *
 * @returns undefined below three points, or when all were driven at one rate
 */
export function fitLine(points: readonly Point[]): Fit | undefined {
  const simple = leastSquares(points, []);
  if (simple === undefined || points.some(({ requests }) => requests === undefined) || points.length < 5)
    return simple?.fit;
  const batching = batchingOf(points);
  const double = leastSquares(points, [batching]);
  if (double === undefined || !((double.fit.slopePerRequest ?? 0) > 0) || !(double.fit.slopePerMessage > 0))
    return simple.fit;
  const explained = ((simple.sse - double.sse) / double.sse) * double.fit.degreesOfFreedom;
  // Where both share what they explain, messages may look idle beside requests though load is all that moved the resource.
  const isBothReal =
    fProbability(explained, 1, double.fit.degreesOfFreedom) < 0.05 && double.fit.slopeProbability < 0.05;
  return isBothReal ? double.fit : simple.fit;
}

type Batching = { of(point: Point): number; at(x: number): number };

/**
 * Requests at a rate that was not driven: messages per request grow no further than the largest seen, and within the steps run
 * along the line between neighbours. Cautious: were batches to grow on, a message would cost less than said.
 */
function batchingOf(points: readonly Point[]): Batching {
  const sorted = points.map(({ x, requests = 0 }) => ({ x, requests })).sort((a, b) => a.x - b.x);
  const first = sorted[0] as { x: number; requests: number };
  const last = sorted.at(-1) as { x: number; requests: number };
  const largest = Math.max(...sorted.map(({ x, requests }) => (requests > 0 ? x / requests : 0)));
  return {
    of: ({ requests = 0 }) => requests,
    at(x) {
      if (x <= first.x) return first.requests * (first.x > 0 ? x / first.x : 1);
      const above = sorted.findIndex((point) => point.x >= x);
      if (above < 0) return last.requests + (x - last.x) / largest;
      const [left, right] = [sorted[above - 1], sorted[above]] as [typeof first, typeof first];
      return left.requests + ((right.requests - left.requests) * (x - left.x)) / (right.x - left.x);
    },
  };
}

function leastSquares(points: readonly Point[], others: readonly Batching[]): { fit: Fit; sse: number } | undefined {
  const n = points.length;
  const p = 2 + others.length;
  if (n < p + 1) return undefined;
  // Columns are centred and scaled, so that rates of 1e5 and intercepts of 1 keep their digits.
  const columns = [points.map(({ x }) => x), ...others.map((other) => points.map((point) => other.of(point)))];
  const scales = columns.map(scaleOf);
  if (scales.some(({ spread, middle }) => !(spread > leastSpread * Math.abs(middle)))) return undefined;
  const rows = points.map((_, row) => [
    1,
    ...columns.map((column, i) => standard(column[row] as number, scales[i] as Scale)),
  ]);
  const inverse = invertSymmetric(crossProducts(rows), n);
  if (inverse === undefined) return undefined;
  const y = points.map((point) => point.y);
  const moments = Array.from({ length: p }, (_, i) =>
    rows.reduce((sum, row, k) => sum + (row[i] as number) * (y[k] as number), 0),
  );
  const beta = inverse.map((line) => dot(line, moments));
  const sse = rows.reduce((sum, row, k) => sum + ((y[k] as number) - dot(row, beta)) ** 2, 0);
  const centre = y.reduce((sum, value) => sum + value, 0) / n;
  const total = y.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const degreesOfFreedom = n - p;
  const variance = sse / degreesOfFreedom;
  const regressors = (x: number) => [
    1,
    ...[x, ...others.map((other) => other.at(x))].map((value, i) => standard(value, scales[i] as Scale)),
  ];
  const slopes = beta.slice(1).map((value, i) => value / (scales[i] as Scale).spread);
  const slopeVariance = variance * cell(inverse, 1, 1);
  const f = slopeVariance > 0 ? (beta[1] as number) ** 2 / slopeVariance : Number.POSITIVE_INFINITY;
  return {
    sse,
    fit: {
      intercept: (beta[0] as number) - slopes.reduce((sum, slope, i) => sum + slope * (scales[i] as Scale).middle, 0),
      slopePerMessage: slopes[0] as number,
      ...(slopes[1] !== undefined && { slopePerRequest: slopes[1] }),
      r2: total > 0 ? Math.max(0, 1 - sse / total) : 0,
      points: n,
      degreesOfFreedom,
      slopeProbability: Number.isFinite(f) ? fProbability(f, 1, degreesOfFreedom) : 0,
      at: (x) => dot(regressors(x), beta),
      halfWidth(x, confidence) {
        const row = regressors(x);
        const leverage = dot(
          row,
          inverse.map((line) => dot(line, row)),
        );
        return studentT(confidence, degreesOfFreedom) * Math.sqrt(variance * (1 + Math.max(0, leverage)));
      },
    },
  };
}

/** Rates, or requests, that stay within 2 % are one rate: a line through their noise says nothing. */
const leastSpread = 0.02;

type Scale = { middle: number; spread: number };

function scaleOf(column: readonly number[]): Scale {
  const middle = column.reduce((sum, value) => sum + value, 0) / column.length;
  return { middle, spread: Math.sqrt(column.reduce((sum, value) => sum + (value - middle) ** 2, 0) / column.length) };
}

function standard(value: number, { middle, spread }: Scale): number {
  return (value - middle) / spread;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

function cell(matrix: readonly (readonly number[])[], row: number, column: number): number {
  return matrix[row]?.[column] as number;
}

function crossProducts(rows: readonly number[][]): number[][] {
  const size = rows[0]?.length ?? 0;
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (__, j) =>
      rows.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), 0),
    ),
  );
}

/** Standardised columns whose squared correlation passes 1 − this (a variance inflation of a thousand) cannot be told apart. */
const collinear = 1e-3;

/** Gauss-Jordan with pivots. @returns undefined when columns are collinear */
function invertSymmetric(matrix: readonly number[][], points: number): number[][] | undefined {
  const size = matrix.length;
  const work = matrix.map((row, i) => [...row, ...Array.from({ length: size }, (_, j) => (i === j ? 1 : 0))]);
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1) {
      if (Math.abs(cell(work, row, column)) > Math.abs(cell(work, pivot, column))) pivot = row;
    }
    const head = cell(work, pivot, column);
    if (Math.abs(head) < collinear * points) return undefined;
    [work[column], work[pivot]] = [work[pivot] as number[], work[column] as number[]];
    const leading = (work[column] as number[]).map((value) => value / head);
    work[column] = leading;
    for (let row = 0; row < size; row += 1) {
      if (row === column) continue;
      const factor = cell(work, row, column);
      work[row] = (work[row] as number[]).map((value, j) => value - factor * (leading[j] as number));
    }
  }
  return work.map((row) => row.slice(size));
}

export interface Crossing {
  /** Where the line itself reaches the limit. */
  value: number;
  /** Largest rate whose upper prediction limit stays within it; 0 when none does. */
  low: number;
  /** Where the lower prediction limit reaches it; absent when it never does. */
  high?: number;
}

/**
 * The rate at which a fit reaches a threshold, by bisection on the line and on its prediction limits.
 *
 * The upper limit is convex in x and the lower one concave, so to the right of its lowest point the upper one crosses once.
 *
 * @param threshold in the unit of the fit's y
 * @param furthest largest rate looked at, messages per second
 */
export function invert(fit: Fit, threshold: number, confidence: number, furthest: number): Crossing | undefined {
  const value = firstAbove(fit.at, threshold, 0, furthest);
  if (value === undefined) return undefined;
  const upper = (x: number) => fit.at(x) + fit.halfWidth(x, confidence);
  const lower = (x: number) => fit.at(x) - fit.halfWidth(x, confidence);
  const lowest = lowestPoint(upper, 0, value);
  const low = upper(lowest) > threshold ? 0 : (firstAbove(upper, threshold, lowest, value) ?? value);
  const high = firstAbove(lower, threshold, value, furthest);
  return { value, low, ...(high !== undefined && { high }) };
}

/** @returns the smallest x from which `f` exceeds the threshold, for an f that crosses once; undefined when it stays below */
function firstAbove(f: (x: number) => number, threshold: number, from: number, to: number): number | undefined {
  if (f(from) >= threshold) return from;
  if (f(to) < threshold) return undefined;
  let [below, above] = [from, to];
  for (let round = 0; round < 100 && above - below > 1e-12 * to; round += 1) {
    const middle = (below + above) / 2;
    if (f(middle) < threshold) below = middle;
    else above = middle;
  }
  return below;
}

/** Ternary search for the minimum of a convex function. */
function lowestPoint(f: (x: number) => number, from: number, to: number): number {
  let [left, right] = [from, to];
  for (let round = 0; round < 100; round += 1) {
    const third = (right - left) / 3;
    if (f(left + third) <= f(right - third)) right -= third;
    else left += third;
  }
  return (left + right) / 2;
}
