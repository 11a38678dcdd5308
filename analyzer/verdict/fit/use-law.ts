// Fits the use of a resource against load: a line, a line in messages and requests, a convex curve, or the law of cores.

import { fitCores, shareAt, workAt, type CoreContext, type CoreLaw } from './core-law.ts';
import { leastSquares, type LeastSquares } from '../../../core/statistics/regression.ts';
import { fProbability } from '../../../core/statistics/statistics.ts';

export interface Point {
  /** Messages per second. */
  x: number;
  /** Use of the resource in the unit of its capacity. */
  y: number;
  /** Produce requests per second, if known. */
  requests?: number | undefined;
}

export type UseLaw = LeastSquares & {
  points: number;
  /** Root mean square of the error of a law at left-out steps, as a ratio of its prediction. */
  holdOutError: number;
} & (
    | { model: 'line' | 'convex' }
    | {
        /** Requests are a second regressor. */
        model: 'batches';
        batching: Batching;
      }
    | {
        /** Coefficients apply to the work, in fully busy cores. */
        model: 'cores';
        k: number;
        capacity: number;
        /** Present if cores follow requests rather than messages; the slope is then per request. */
        batching?: Batching;
      }
  );

export interface FittedLaw {
  law: UseLaw;
  line: UseLaw;
  /** Laws that cannot be ruled out, a line first if there is one, and their weights, which add up to 1. */
  likely: readonly { law: UseLaw; weight: number }[];
}

/** Minimum number of steps for three coefficients, which could fit fewer steps by chance. */
const fewestForThree = 5;
/** Required ratio of the error of a richer law at left-out steps: with this many steps chance favours it half of the time. */
const clearlyBetter = (points: number) => 1 - 2.5 / points;
/** Laws with a smaller weight are dropped. */
const leastWeight = 0.02;

/**
 * Weights are the inverse of the use, as for counts: noise grows with load, and the highest steps matter most for the
 * limit.
 *
 * A law is chosen by leave-one-out error (Allen 1974, PRESS): e / (1 − leverage), as a ratio of the fitted use.
 * Requests are considered if partial F-tests (Draper and Smith, 6.2) find both significant at 5%: if batches grow with
 * load, bytes per message fall, and a line in messages alone misstates the limit. A curve is considered only if it
 * bends upwards, because contention costs more with load, but costs cannot fall forever. Cores follow the law of
 * core-law.ts instead of line and curve.
 *
 * @param cores present if the resource is cores
 * @returns undefined below three points, or with only one rate
 */
export function fitUse(points: readonly Point[], cores?: CoreContext): FittedLaw | undefined {
  const x = points.map((point) => point.x);
  const y = points.map((point) => point.y);
  const plain = leastSquares(y, [x]);
  if (plain === undefined) return undefined;
  const isPositive = plain.fitted.every((value) => value > 0);
  const weights = isPositive ? Array.from(plain.fitted, (value) => 1 / value) : undefined;
  const squares = leastSquares(y, [x], weights) ?? plain;
  const line: UseLaw = { model: 'line', ...withHoldOutError(squares, y) };
  const ofCores = cores && coresOf(points, cores);
  const rivals = [batches(points, line, weights), ofCores ? undefined : convex(points, weights)].filter(
    (law) => law !== undefined,
  );
  const best = rivals.reduce<UseLaw>(
    (chosen, rival) => (rival.holdOutError < clearlyBetter(y.length) * chosen.holdOutError ? rival : chosen),
    line,
  );
  if (ofCores && best.model === 'line') return { line, ...ofCores };
  // Use that grows with requests is no curve in messages, so a law in both does not compete with one in messages alone.
  const others = best.model === 'batches' ? [best] : [line, ...rivals.filter(({ model }) => model === 'convex')];
  return { law: best, line, likely: weighed(others, y.length) };
}

/** Cores follow messages or, if clearly better, requests: clients put more messages into a request under load. */
function coresOf(points: readonly Point[], context: CoreContext): Pick<FittedLaw, 'law' | 'likely'> | undefined {
  const byMessages = coreLaws(points, points, context);
  const known = withRequests(points);
  if (byMessages === undefined || known === undefined || !doBatchesGrow(known)) return byMessages;
  const requests = known.map((point) => ({ ...point, x: point.requests }));
  const byRequests = coreLaws(points, requests, context, batchingOf(known));
  const isRising = (byRequests?.law.coefficients[1] ?? 0) > 0;
  const limit = clearlyBetter(points.length) * byMessages.law.holdOutError;
  return byRequests && isRising && byRequests.law.holdOutError < limit ? byRequests : byMessages;
}

function coreLaws(
  points: readonly Point[],
  load: readonly Point[],
  context: CoreContext,
  batching?: Batching,
): Pick<FittedLaw, 'law' | 'likely'> | undefined {
  const fitted = fitCores(load, context);
  if (fitted === undefined) return undefined;
  const y = points.map((point) => point.y);
  const { capacity } = context;
  const lawOf = (law: CoreLaw): UseLaw => ({
    model: 'cores',
    ...withHoldOutError(law, y),
    capacity,
    ...(batching && { batching }),
  });
  const weight = 1 / fitted.likely.length;
  return { law: lawOf(fitted.law), likely: fitted.likely.map((law) => ({ law: lawOf(law), weight })) };
}

/** @returns undefined if a step lacks requests, or if steps are too few for a second regressor */
function withRequests(points: readonly Point[]): (Point & { requests: number })[] | undefined {
  const known = points.flatMap((point) =>
    point.requests === undefined ? [] : [{ ...point, requests: point.requests }],
  );
  return known.length < points.length || points.length < fewestForThree ? undefined : known;
}

/** If batches do not grow, requests add no information to messages. */
const doBatchesGrow = (points: readonly { x: number; requests: number }[]): boolean => {
  const sizes = points.flatMap(({ x, requests }) => (requests > 0 ? [x / requests] : []));
  return Math.max(...sizes) > leastBatchGrowth * Math.min(...sizes);
};
const leastBatchGrowth = 1.25;

function batches(points: readonly Point[], line: UseLaw, weights: readonly number[] | undefined): UseLaw | undefined {
  const known = withRequests(points);
  if (known === undefined) return undefined;
  const y = points.map((point) => point.y);
  const columns = [known.map(({ x }) => x), known.map(({ requests }) => requests)];
  const squares = leastSquares(y, columns, weights);
  if (squares === undefined) return undefined;
  const [, perMessage = 0, perRequest = 0] = squares.coefficients;
  const explained = ((line.sse - squares.sse) / squares.sse) * squares.degreesOfFreedom;
  // If both are correlated, messages may look irrelevant beside requests although only load changed the use.
  const areBothReal =
    perMessage > 0 &&
    perRequest > 0 &&
    squares.slopeProbability < 0.05 &&
    fProbability(explained, 1, squares.degreesOfFreedom) < 0.05;
  if (!areBothReal) return undefined;
  return { model: 'batches', ...withHoldOutError(squares, y), batching: batchingOf(known) };
}

function convex(points: readonly Point[], weights: readonly number[] | undefined): UseLaw | undefined {
  if (points.length < fewestForThree) return undefined;
  const y = points.map((point) => point.y);
  const columns = [points.map(({ x }) => x), points.map(({ x }) => x * x)];
  const squares = leastSquares(y, columns, weights);
  if (squares === undefined) return undefined;
  const [, perMessage = 0, perSquare = 0] = squares.coefficients;
  if (!(perMessage >= 0) || !(perSquare > 0)) return undefined;
  return { model: 'convex', ...withHoldOutError(squares, y) };
}

function withHoldOutError<Law extends LeastSquares>(law: Law, y: readonly number[]) {
  const { fitted, leverages } = law;
  const squares = y.map((value, k) => {
    const own = Math.max(1e-9, 1 - (leverages[k] as number));
    const scale = Math.abs(fitted[k] as number);
    return scale > 0 ? ((value - (fitted[k] as number)) / own / scale) ** 2 : 0;
  });
  const holdOutError = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
  return { ...law, points: y.length, holdOutError };
}

/** Weights are likelihoods of normal errors of each law's error size: proportional to error to the power of −n. */
function weighed(laws: readonly UseLaw[], n: number): FittedLaw['likely'] {
  const least = 1e-9;
  const smallest = Math.min(...laws.map(({ holdOutError: error }) => Math.max(least, error)));
  const raw = laws.map(({ holdOutError: error }) => (smallest / Math.max(least, error)) ** n);
  const sum = raw.reduce((total, each) => total + each, 0);
  const kept = raw.map((each) => (each / sum >= leastWeight ? each : 0));
  const keptSum = kept.reduce((total, each) => total + each, 0);
  return laws.map((law, i) => ({ law, weight: (kept[i] as number) / keptSum }));
}

/** @returns the law in the form of an analysis */
export function fitOf(law: UseLaw) {
  const { coefficients, r2, points, model, holdOutError: error } = law;
  const [intercept = 0, slopePerMessage = 0] = coefficients;
  if (law.model !== 'cores') return { intercept, slopePerMessage, r2, points, model, holdOutError: error };
  const { k: idleSurcharge, batching } = law;
  const slope = slopePerMessage * (batching?.perMessageBeyond ?? 1);
  return { intercept, slopePerMessage: slope, r2, points, model, holdOutError: error, idleSurcharge };
}

export function useAt(law: UseLaw, x: number): number {
  const [intercept = 0, slope = 0, third = 0] = law.coefficients;
  if (law.model === 'cores') {
    const work = intercept + slope * (law.batching ? requestsAt(law.batching, x) : x);
    return law.capacity * shareAt(work / law.capacity, law.k);
  }
  const straight = intercept + slope * x;
  if (law.model === 'line') return straight;
  return straight + third * (law.model === 'batches' ? requestsAt(law.batching, x) : x * x);
}

/**
 * The smallest rate from which the use exceeds a limit.
 *
 * @returns 0 if the idle use exceeds it; infinity if no rate does
 */
export function rateAt(law: UseLaw, limit: number, coefficients = law.coefficients): number {
  const intercept = coefficients[0] as number;
  const perMessage = coefficients[1] as number;
  if (law.model === 'cores') {
    const work = law.capacity * workAt(limit / law.capacity, law.k);
    if (law.batching && intercept < work) return rateOfBatches(law.batching, work, intercept, 0, perMessage);
    return intercept >= work ? 0 : perMessage > 0 ? (work - intercept) / perMessage : Number.POSITIVE_INFINITY;
  }
  const third = law.model === 'line' ? 0 : (coefficients[2] as number);
  if (intercept >= limit) return 0;
  if (law.model === 'batches') return rateOfBatches(law.batching, limit, intercept, perMessage, third);
  if (law.model === 'convex' && third > 0) {
    // This form of the root keeps its precision if the curve hardly bends.
    return (2 * (limit - intercept)) / (perMessage + Math.sqrt(perMessage ** 2 + 4 * third * (limit - intercept)));
  }
  return perMessage > 0 ? (limit - intercept) / perMessage : Number.POSITIVE_INFINITY;
}

function rateOfBatches(
  { rates, requests, perMessageBeyond }: Batching,
  limit: number,
  b0: number,
  b1: number,
  b2: number,
) {
  let x = 0;
  let use = b0;
  for (let k = 1; k < rates.length; k += 1) {
    const next = rates[k] as number;
    const above = b0 + b1 * next + b2 * (requests[k] as number);
    if (above >= limit) return above > use ? x + ((next - x) * (limit - use)) / (above - use) : x;
    x = next;
    use = above;
  }
  const slope = b1 + b2 * perMessageBeyond;
  return slope > 0 ? x + (limit - use) / slope : Number.POSITIVE_INFINITY;
}

/** Requests per second as a function of messages per second: linear between the steps, and a straight line beyond the last. */
interface Batching {
  /** Rates of the steps, ascending, and the requests at each rate; both start at 0. */
  rates: Float64Array;
  requests: Float64Array;
  /** Further requests per further message beyond the last rate. */
  perMessageBeyond: number;
}

/**
 * Caps messages per request at the largest observed value. Conservative: if batches grew further, a message would
 * cost less than predicted.
 */
function batchingOf(points: readonly { x: number; requests: number }[]): Batching {
  const sorted = points.toSorted((a, b) => a.x - b.x);
  const largest = Math.max(...sorted.map(({ x, requests }) => (requests > 0 ? x / requests : 0)));
  return {
    rates: Float64Array.from([0, ...sorted.map(({ x }) => x)]),
    requests: Float64Array.from([0, ...sorted.map(({ requests }) => requests)]),
    perMessageBeyond: 1 / largest,
  };
}

function requestsAt({ rates, requests, perMessageBeyond }: Batching, x: number): number {
  const last = rates.length - 1;
  if (x >= (rates[last] as number))
    return (requests[last] as number) + (x - (rates[last] as number)) * perMessageBeyond;
  let above = 1;
  while ((rates[above] as number) < x) above += 1;
  const [left, right] = [rates[above - 1] as number, rates[above] as number];
  const [low, high] = [requests[above - 1] as number, requests[above] as number];
  return right > left ? low + ((high - low) * (x - left)) / (right - left) : high;
}
