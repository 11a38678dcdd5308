// Fits latency against load as queueing delay: slow growth at first, unbounded growth towards saturation.

import { leastSquares } from '../../../core/statistics/regression.ts';

export interface LatencyLaw {
  base: number;
  wait: number;
  /** Rate at which the queue grows without bound, messages per second. */
  full: number;
  /** Root mean square of the log errors at left-out steps. */
  holdOutError: number;
}

/** Minimum number of steps: three coefficients and two more. */
const fewestSteps = 5;
/** With less growth over the steps, it is unknown where queueing starts. */
const leastGrowth = 1.3;
/** Largest error at left-out steps with which a law is used beyond the steps. */
const mostError = 0.25;

/**
 * L = base + wait · ρ / (1 − ρ) with ρ = x / full: the wait of M/M/1 (Kleinrock, Queueing Systems I, 3.2) over a fixed service time.
 * Weights minimise relative errors; `full` is the value of a grid with the smallest error at left-out steps.
 *
 * @param points rate and seconds
 * @returns undefined if the latency hardly grew, or the law does not fit
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

/** Range of the grid: `full` over the highest step. */
const nearest = 1.02;
const furthest = 10;
const gridSteps = 60;

/** @returns the rate from which the latency exceeds a bound; 0 if it always does */
export function rateOfLatency({ base, wait, full }: LatencyLaw, bound: number): number {
  if (bound <= base) return 0;
  const over = (bound - base) / wait;
  return (full * over) / (1 + over);
}
