// Rates the confidence in predictions of a cluster by how often earlier ones held.

import type { Grade } from './documents/history-entry.ts';

const trustLevels = ['untested', 'doubtful', 'fair', 'proven'] as const;
export type TrustLevel = (typeof trustLevels)[number];

type BiasedGrade = Pick<Grade, 'what' | 'bias' | 'actual' | 'predicted'>;

interface Calibration {
  graded: number;
  held: number;
}

interface Trust extends Calibration {
  level: TrustLevel;
  /** Share of predictions that held, with its 80% interval; absent before the first grade. */
  share?: { value: number; low: number; high: number };
}

/**
 * Only a forecast has a bias; a maximum is only a bound.
 *
 * @returns actual over predicted, minus 1; undefined for other grades
 */
export function biasOf({ what, bias, actual, predicted: { value } }: BiasedGrade): number | undefined {
  return what === 'forecast' && value > 0 ? (bias ?? actual / value - 1) : undefined;
}

/** @returns undefined without a graded forecast */
export function meanBias(biases: readonly (number | undefined)[]): number | undefined {
  const known = biases.flatMap((bias) => bias ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, bias) => sum + bias, 0) / known.length;
}

/** Two-sided 80% quantile of the normal distribution. */
const z = 1.2816;
/** Fewer prove nothing: two of two hold by luck as often as not. */
const leastGraded = 3;
const provenFrom = 0.8;
const fairFrom = 0.5;

/**
 * The level follows the lower bound of the interval, so many held predictions count more than few.
 * Interval: Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
 */
export function trustOf({ graded, held }: Calibration): Trust {
  if (graded === 0) return { graded, held, level: 'untested' };
  const share = held / graded;
  const middle = (share + z ** 2 / (2 * graded)) / (1 + z ** 2 / graded);
  const half = (z / (1 + z ** 2 / graded)) * Math.sqrt((share * (1 - share)) / graded + z ** 2 / (4 * graded ** 2));
  const low = Math.max(0, middle - half);
  const level =
    graded < leastGraded ? 'untested' : low >= provenFrom ? 'proven' : low >= fairFrom ? 'fair' : 'doubtful';
  return { graded, held, level, share: { value: share, low, high: Math.min(1, middle + half) } };
}
