// Fits the parameters of a curve to points by the Levenberg–Marquardt method, for a few parameters with lower bounds.

import { invertPositive } from '../../../../core/statistics/solve.ts';

export interface Curve {
  /** Values at the points. */
  values(parameters: readonly number[]): number[];
  /** One row per point: the derivatives by each parameter. */
  slopes(parameters: readonly number[]): number[][];
  /** Lower bound of each parameter. */
  floors: readonly number[];
}

export interface Solution {
  parameters: readonly number[];
  /** Sum of squared residuals. */
  sse: number;
}

/** The search ends after a step that reduces the sum of squares by less than this share. */
const tolerance = 1e-13;
/** The search also ends after a step that changes no parameter by more than this share. */
const smallest = 1e-9;
const mostRounds = 200;

/**
 * Damps by the diagonal (Marquardt 1963), so that the size of parameters does not matter. A parameter at its bound
 * whose slope points below it is held there; a step that would cross a bound ends on it.
 *
 * @param leastGain share of the sum of squares by which a step must reduce it for the search to continue
 */
export function fitCurve(
  curve: Curve,
  targets: readonly number[],
  start: readonly number[],
  leastGain = tolerance,
): Solution {
  const { floors } = curve;
  let parameters = start.map((value, i) => Math.max(value, floors[i] as number));
  let residuals = residualsOf(curve, targets, parameters);
  let sse = squares(residuals);
  let damping = 1e-3;
  for (let round = 0; round < mostRounds && sse > 0; round += 1) {
    const { hessian, gradient } = normalEquations(curve.slopes(parameters), residuals);
    const free = parameters.flatMap((value, i) =>
      value > (floors[i] as number) || (gradient[i] as number) > 0 ? [i] : [],
    );
    let won = 0;
    for (; damping < 1e12; damping *= 4) {
      const step = dampedStep(hessian, gradient, free, damping);
      if (step === undefined) continue;
      if (step.every((change, i) => Math.abs(change) <= smallest * Math.abs(parameters[i] as number))) break;
      const next = parameters.map((value, i) => Math.max(floors[i] as number, value + (step[i] as number)));
      const nextResiduals = residualsOf(curve, targets, next);
      const nextSse = squares(nextResiduals);
      if (!(nextSse < sse)) continue;
      won = (sse - nextSse) / sse;
      [parameters, residuals, sse] = [next, nextResiduals, nextSse];
      damping = Math.max(damping / 8, 1e-12);
      break;
    }
    if (won < leastGain) break;
  }
  return { parameters, sse };
}

function residualsOf(curve: Curve, targets: readonly number[], parameters: readonly number[]): number[] {
  const values = curve.values(parameters);
  return targets.map((target, i) => target - (values[i] as number));
}

function squares(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

function normalEquations(slopes: readonly number[][], residuals: readonly number[]) {
  const size = slopes[0]?.length ?? 0;
  const hessian = Array.from({ length: size }, () => Array.from({ length: size }, () => 0));
  const gradient = Array.from({ length: size }, () => 0);
  for (const [k, row] of slopes.entries()) {
    for (let i = 0; i < size; i += 1) {
      const slope = row[i] as number;
      gradient[i] = (gradient[i] as number) + slope * (residuals[k] as number);
      const line = hessian[i] as number[];
      for (let j = 0; j < size; j += 1) line[j] = (line[j] as number) + slope * (row[j] as number);
    }
  }
  return { hessian, gradient };
}

/** @returns the step, 0 for held parameters; undefined if the equations have no solution */
function dampedStep(
  hessian: readonly (readonly number[])[],
  gradient: readonly number[],
  free: readonly number[],
  damping: number,
): number[] | undefined {
  const matrix = free.map((i) =>
    free
      .map((j) => (hessian[i] as number[])[j] as number)
      .map((value, k) => (free[k] === i ? value * (1 + damping) : value)),
  );
  const inverse = invertPositive(matrix);
  if (inverse === undefined) return undefined;
  const step = gradient.map(() => 0);
  for (const [row, i] of free.entries()) {
    step[i] = (inverse[row] as number[]).reduce(
      (sum, value, column) => sum + value * (gradient[free[column] as number] as number),
      0,
    );
  }
  return step;
}

/**
 * √ of the diagonal of s²·(JᵀJ)⁻¹, with s² = SSE / (n − p). @returns undefined if n ≤ p, or the points cannot
 * separate the parameters
 */
export function standardErrors(curve: Curve, { parameters, sse }: Solution): number[] | undefined {
  const slopes = curve.slopes(parameters);
  const degrees = slopes.length - parameters.length;
  const inverse = invertPositive(
    normalEquations(
      slopes,
      slopes.map(() => 0),
    ).hessian,
  );
  if (degrees <= 0 || inverse === undefined) return undefined;
  return inverse.map((row, i) => Math.sqrt((Math.max(0, row[i] as number) * sse) / degrees));
}
