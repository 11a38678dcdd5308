// Bounds the difference of two medians by resampling both many times (bootstrap).

import { median, medianOf } from './statistics.ts';
import { seededRandom } from './seeded-random.ts';

/** With so many, the bounds of a 95% interval move by less than a twentieth of its width between seeds. */
const resamples = 2000;

interface Difference {
  /** Median of b over median of a, minus 1. */
  ratio: number;
  low: number;
  high: number;
}

/**
 * Percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 13.3).
 *
 * @returns undefined if a sample is empty or the median of `a` is 0
 */
export function medianDifference(
  a: readonly number[],
  b: readonly number[],
  confidence: number,
): Difference | undefined {
  if (a.length === 0 || b.length === 0 || median(a) === 0) return undefined;
  const [againA, againB] = [medianOfRedrawn(a, 'a'), medianOfRedrawn(b, 'b')];
  const ratios = Float64Array.from({ length: resamples }, () => againB() / againA() - 1)
    .filter(Number.isFinite)
    .sort();
  const at = (share: number) => ratios[Math.min(ratios.length - 1, Math.floor(share * ratios.length))] as number;
  return { ratio: median(b) / median(a) - 1, low: at((1 - confidence) / 2), high: at((1 + confidence) / 2) };
}

/** @param name seeds the draws, so that a comparison is repeatable */
function medianOfRedrawn(values: readonly number[], name: string): () => number {
  const random = seededRandom(name);
  const redrawn = new Float64Array(values.length);
  return () => {
    for (let i = 0; i < redrawn.length; i += 1) {
      redrawn[i] = values[Math.floor(random.uniform() * values.length)] as number;
    }
    return medianOf(redrawn);
  };
}
