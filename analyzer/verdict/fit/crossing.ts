// Computes the rate at which a limit is met: an estimate, and an interval from two thousand draws.

import type { Limit } from '../../../core/documents/analysis.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { ranked } from '../../../core/statistics/ranked.ts';
import { seededRandom, type SeededRandom } from '../../../core/statistics/seeded-random.ts';
import { normalQuantile } from '../../../core/statistics/statistics.ts';

/** Enough for fifty draws beyond each end of a 95% interval. */
export const drawCount = 2000;

export interface Crossing {
  /** By the law itself, messages per second. */
  value: number;
  low: number;
  /** Absent where more than one draw in forty never meets the limit. */
  high?: number;
  /** Draws of the lower end, and of the upper one where that is another question. */
  draws: { low: Float64Array; high: Float64Array };
}

/** @param draws of the same runs in both, messages per second, infinite where the limit is never met */
export function crossingOf(value: number, draws: Crossing['draws'], confidence: number): Crossing {
  const tail = (1 - confidence) / 2;
  const low = Math.min(value, drawQuantile(draws.low, tail));
  const high = Math.max(value, drawQuantile(draws.high, 1 - tail));
  return { value, low, ...(Number.isFinite(high) && { high }), draws };
}

/**
 * A limit that was measured or lies between two steps, and has no law: draws of two halves of a normal, each quantile
 * once. Their order is independent of that of every other limit, since in each draw the lowest of all limits counts.
 *
 * @param limit whose limit it is; the same limit is always drawn in the same order
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

/** Fisher and Yates, in place (Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm P). */
function shuffled(draws: Float64Array, random: SeededRandom): Float64Array {
  for (let last = draws.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random.uniform() * (last + 1));
    const kept = draws[last] as number;
    draws[last] = draws[other] as number;
    draws[other] = kept;
  }
  return draws;
}

/** An achieved rate is certain: neither the estimate nor any draw lies below it. */
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

/** @returns the smallest draw that at least `share` of them do not exceed */
export function drawQuantile(draws: Float64Array, share: number): number {
  if (draws.length === 0) return Number.NaN;
  return ranked(draws.slice(), Math.max(0, Math.ceil(share * draws.length) - 1));
}
