// Fits the parameters of a curve to points by Levenberg and Marquardt's method, for a few parameters with floors.

import { invertPositive } from '../../../../core/statistics/solve.ts';

export interface Curve {
  /** Value at the place of each point. */
  values(parameters: readonly number[]): number[];
  /** A row for each point: the derivatives by each parameter there. */
  slopes(parameters: readonly number[]): number[][];
  /** Least value of each parameter. */
  floors: readonly number[];
}

export interface Solution {
  parameters: readonly number[];
  /** Sum of squared residuals. */
  sse: number;
}

/** Steps that win less than this share of the sum of squares end the search. */
const tolerance = 1e-13;
/** … and so do steps that change no parameter by more than this share of it. */
const smallest = 1e-9;
const mostRounds = 200;

/**
 * Marquardt's damping by the diagonal (1963), so that the size of parameters does not matter. A parameter at its floor
 * whose slope points below it stays there; a step that would pass a floor ends on it.
 *
 * @param leastGain share of the sum of squares that a step has to gain for another to be taken
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

/** @returns the step, 0 for parameters that are held; undefined when the equations have no answer */
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
 * √ of the diagonal of s²·(JᵀJ)⁻¹, with s² = SSE / (n − p). @returns undefined where n ≤ p, or the points cannot
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
