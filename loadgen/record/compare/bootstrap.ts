// Between which bounds does the difference of two medians lie? By drawing both samples anew many times.

import { drawOf } from '../../plan/messages/draw.ts';

/** The bounds of a 95 % interval move by less than a twentieth of its width from seed to seed. */
const resamples = 2000;
/** Fixed, so that a comparison gives the same answer each time. */
const seed = 20_260_618;

export interface Difference {
  /** Median of b over median of a, minus 1. */
  ratio: number;
  low: number;
  high: number;
}

/**
 * Percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 13.3).
 *
 * @returns undefined where a sample is empty or a median of `a` is 0
 */
export function medianDifference(
  a: readonly number[],
  b: readonly number[],
  confidence: number,
): Difference | undefined {
  if (a.length === 0 || b.length === 0 || median(a) === 0) return undefined;
  const [againA, againB] = [medianOfRedrawn(a, 1), medianOfRedrawn(b, 2)];
  const ratios = Float64Array.from({ length: resamples }, () => againB() / againA() - 1)
    .filter(Number.isFinite)
    .sort();
  const at = (share: number) => ratios[Math.min(ratios.length - 1, Math.floor(share * ratios.length))] as number;
  return { ratio: median(b) / median(a) - 1, low: at((1 - confidence) / 2), high: at((1 + confidence) / 2) };
}

/** @returns a function that draws as many values anew as there are, and gives their median */
function medianOfRedrawn(values: readonly number[], purpose: number): () => number {
  const draw = drawOf(seed, purpose);
  const redrawn = new Float64Array(values.length);
  let drawn = 0;
  return () => {
    for (let i = 0; i < redrawn.length; i += 1)
      redrawn[i] = values[Math.floor(draw(drawn++) * values.length)] as number;
    return middleOf(redrawn.sort());
  };
}

export const median = (values: readonly number[]): number => middleOf(Float64Array.from(values).sort());

function middleOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
