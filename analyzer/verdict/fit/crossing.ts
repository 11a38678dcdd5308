// Computes the rate at which a limit is reached: an estimate, and an interval from two thousand draws.

import type { Limit } from '../../../core/documents/analysis.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { normalQuantile, ranked } from '../../../core/statistics/statistics.ts';
import { seededRandom, type SeededRandom } from '../../../core/statistics/seeded-random.ts';

/** Leaves fifty draws beyond each end of a 95% interval. */
export const drawCount = 2000;

export interface Crossing {
  /** Estimate from the law itself, messages per second. */
  value: number;
  low: number;
  /** Absent if more than one draw in forty never reaches the limit. */
  high?: number;
  /** Draws for the lower end, and for the upper end if it is computed differently. */
  draws: { low: Float64Array; high: Float64Array };
}

/** @param draws of the same runs in both, messages per second, infinite if the limit is never reached */
export function crossingOf(value: number, draws: Crossing['draws'], confidence: number): Crossing {
  const tail = (1 - confidence) / 2;
  const low = Math.min(value, drawQuantile(draws.low, tail));
  const high = Math.max(value, drawQuantile(draws.high, 1 - tail));
  return { value, low, ...(Number.isFinite(high) && { high }), draws };
}

/**
 * For a measured limit, or one between two steps, without a law: draws from two halves of a normal, each quantile
 * once. Their order is independent of every other limit, since the lowest limit of each draw counts.
 *
 * @param limit seeds the order, so the same limit always has the same order
 */
export function measuredCrossing(
  { value, low, high }: { value: number; low: number; high?: number },
  confidence: number,
  limit: Limit,
): Crossing {
  const tail = Math.ceil(((1 - confidence) / 2) * drawCount);
  const reach = -normalQuantile((tail - 0.5) / drawCount);
  const draws = shuffled(
    Float64Array.from({ length: drawCount }, (_, draw) => {
      const z = normalQuantile((draw + 0.5) / drawCount) / reach;
      return Math.max(0, value + z * (z < 0 ? value - low : (high ?? value) - value));
    }),
    seededRandom(`measured ${limitText(limit)}`),
  );
  return { value, low, ...(high !== undefined && { high }), draws: { low: draws, high: draws } };
}

/** Fisher–Yates shuffle, in place (Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm P). */
function shuffled(draws: Float64Array, random: SeededRandom): Float64Array {
  for (let last = draws.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random.uniform() * (last + 1));
    const kept = draws[last] as number;
    draws[last] = draws[other] as number;
    draws[other] = kept;
  }
  return draws;
}

/** An achieved rate is certain, so neither the estimate nor any draw is below it. */
export function atLeast<T extends Crossing>(crossing: T, achieved: number): T {
  const raised = (draws: Float64Array) => draws.map((draw) => Math.max(draw, achieved));
  const { value, low, high, draws } = crossing;
  return {
    ...crossing,
    value: Math.max(value, achieved),
    low: Math.max(low, achieved),
    ...(high !== undefined && { high: Math.max(high, achieved) }),
    draws: { low: raised(draws.low), high: raised(draws.high) },
  };
}

/** @returns the smallest draw that is not exceeded by at least `share` of the draws */
export function drawQuantile(draws: Float64Array, share: number): number {
  if (draws.length === 0) return Number.NaN;
  return ranked(draws.slice(), Math.max(0, Math.ceil(share * draws.length) - 1));
}
