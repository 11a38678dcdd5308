// Rates the trust in predictions of a cluster by how often earlier ones held.

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
  /** Share that held, and the interval of 80% around it; absent while nothing was graded. */
  share?: { value: number; low: number; high: number };
}

/**
 * Only a forecast has a bias: a maximum just has to hold.
 *
 * @returns actual over predicted, less 1; undefined for other grades
 */
export function biasOf({ what, bias, actual, predicted: { value } }: BiasedGrade): number | undefined {
  return what === 'forecast' && value > 0 ? (bias ?? actual / value - 1) : undefined;
}

/** @returns undefined without a graded forecast */
export function meanBias(biases: readonly (number | undefined)[]): number | undefined {
  const known = biases.flatMap((bias) => bias ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, bias) => sum + bias, 0) / known.length;
}

/** Of a normal distribution, 80% two-sided. */
const z = 1.2816;
/** Two that held are luck as often as not. */
const leastGraded = 3;
const provenFrom = 0.8;
const fairFrom = 0.5;

/**
 * The level follows the lower end of the interval: many that held count more than few.
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
