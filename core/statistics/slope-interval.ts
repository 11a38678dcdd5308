// Fits a line and computes its slope with an interval.

import { leastSquares } from './regression.ts';
import { studentT } from './statistics.ts';

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
