// Fits latency against load as the wait in a queue: slow growth at first, without end where the server is full.

import { leastSquares } from '../../../core/statistics/regression.ts';

export interface LatencyLaw {
  base: number;
  wait: number;
  /** Where the queue would never end, messages per second. */
  full: number;
  /** Root mean square of the logarithm of what steps left out in turn were missed by. */
  holdOutError: number;
}

/** Steps required on each side of the bend: three coefficients and two more. */
const fewestSteps = 5;
/** With less growth over the steps, the start of the queue is unknown. */
const leastGrowth = 1.3;
/** A law that misses left-out steps by more is not used beyond them. */
const mostError = 0.25;

/**
 * L = base + wait · ρ / (1 − ρ) with ρ = x / full: the wait of M/M/1 (Kleinrock, Queueing Systems I, 3.2) over a fixed service time.
 * Weights are of relative errors; `full` is the one of a grid that misses left-out steps least.
 *
 * @param points rate and seconds
 * @returns undefined where the latency hardly grew, or the law does not hold
 */
export function fitLatency(points: readonly { x: number; y: number }[]): LatencyLaw | undefined {
  if (points.length < fewestSteps) return undefined;
  const y = points.map((point) => point.y);
  const highest = Math.max(...points.map(({ x }) => x));
  const atLowest = points.reduce((least, point) => (point.x < least.x ? point : least));
  const atHighest = points.reduce((most, point) => (point.x > most.x ? point : most));
  if (atHighest.y < leastGrowth * atLowest.y) return undefined;
  let best: LatencyLaw | undefined;
  for (let step = 0; step < gridSteps; step += 1) {
    const full = highest * nearest * (furthest / nearest) ** (step / (gridSteps - 1));
    const column = points.map(({ x }) => x / (full - x));
    const squares = leastSquares(
      y,
      [column],
      y.map((value) => 1 / value ** 2),
    );
    if (squares === undefined) continue;
    const [base = 0, wait = 0] = squares.coefficients;
    if (base < 0 || wait <= 0) continue;
    const errors = y.map((value, k) => {
      const own = Math.max(1e-9, 1 - (squares.leverages[k] as number));
      const predicted = value - (value - (squares.fitted[k] as number)) / own;
      return predicted > 0 ? Math.log(value / predicted) : mostError * 4;
    });
    const holdOutError = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    if (best === undefined || holdOutError < best.holdOutError) best = { base, wait, full, holdOutError };
  }
  return best && best.holdOutError <= mostError ? best : undefined;
}

/** Of `full` over the highest step. */
const nearest = 1.02;
const furthest = 10;
const gridSteps = 60;

/** @returns the rate from which the latency is above a bound; 0 where it always is */
export function rateOfLatency({ base, wait, full }: LatencyLaw, bound: number): number {
  if (bound <= base) return 0;
  const over = (bound - base) / wait;
  return (full * over) / (1 + over);
}
