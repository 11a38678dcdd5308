// Between which rates does a limit lie? An estimate, and where two thousand draws put it.

import { ranked } from './ranked.ts';
import { normalQuantile } from './statistics.ts';

/** As many as make the ends of a 95 % interval stand on fifty draws each. */
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

/** A limit that was not met on a law but measured, or enclosed: draws of two halves of a normal, in a fixed order. */
export function measuredCrossing(
  { value, low, high }: { value: number; low: number; high?: number },
  confidence: number,
): Crossing {
  const tail = Math.ceil(((1 - confidence) / 2) * drawCount);
  const reach = -normalQuantile((tail - 0.5) / drawCount);
  const draws = Float64Array.from({ length: drawCount }, (_, draw) => {
    const z = normalQuantile((((draw * stride) % drawCount) + 0.5) / drawCount) / reach;
    return Math.max(0, value + z * (z < 0 ? value - low : (high ?? value) - value));
  });
  return { value, low, ...(high !== undefined && { high }), draws: { low: draws, high: draws } };
}

/** Has no divisor with the number of draws: each share of them comes once, in no order. */
const stride = 1237;

/** @returns the smallest draw that at least `share` of them do not exceed */
export function drawQuantile(draws: Float64Array, share: number): number {
  if (draws.length === 0) return Number.NaN;
  return ranked(draws.slice(), Math.max(0, Math.ceil(share * draws.length) - 1));
}
