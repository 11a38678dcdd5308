// How far can standing predictions of a cluster be trusted? By how often they held when something happened by itself.

export const trustLevels = ['untested', 'doubtful', 'fair', 'proven'] as const;
export type TrustLevel = (typeof trustLevels)[number];

export interface Calibration {
  graded: number;
  held: number;
}

export interface Trust extends Calibration {
  level: TrustLevel;
  /** Share that held, and the interval of 80 % around it; absent while nothing was graded. */
  share?: { value: number; low: number; high: number };
}

/** Of a normal distribution, 80 % two-sided. */
const z = 1.2816;
/** Two that held are luck as often as not. */
const leastGraded = 3;
const provenFrom = 0.8;
const fairFrom = 0.5;

/**
 * The level is that of the lower end: many that held are worth more than few.
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
