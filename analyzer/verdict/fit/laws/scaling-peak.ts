// Names the peak of a scaling law if the steps reach it and the law predicts left-out steps; otherwise the highest measured step.

import { fewestLevels, refit, type ScalingFit, type ScalingStep } from './fit-scaling.ts';
import { peakOf, throughputAt } from './scaling-law.ts';
import { seededRandom } from '../../../../core/statistics/seeded-random.ts';

export interface Range {
  low: number;
  /** Absent if the data is compatible with throughput that never falls. */
  high?: number;
}

export interface ScalingPeak {
  concurrency: number;
  /** Per second. */
  throughput: number;
  /** Interval of the throughput at the peak; `concurrency`: interval of its position. */
  interval: Range & { confidence: number; concurrency: Range };
}

export const unnamedPeakReasons = ['beyond-the-steps', 'not-validated'] as const;

/** The step of the greatest throughput, if the law has a peak that cannot be named. */
export interface LeastPeak extends ScalingStep {
  reason: (typeof unnamedPeakReasons)[number];
}

/** Least loss of throughput per worker at some step before a peak is named. */
const leastLoss = 0.05;

/**
 * Highest concurrency of a named peak, over the highest step. Beyond the steps the law only extrapolates:
 * the first twenty steps of Cisco's benchmark gave a peak 22% and the first six of the ray tracer one 23% beyond them,
 * and 13% and 53% more throughput than was measured later.
 */
const furthestPeak = 1.125;

/**
 * Share of the steps that the other steps must predict, and the largest error: the SPEC SDM91 curve is off by 14% where
 * it falls.
 */
const heldOutShare = 0.25;
const mostMissed = 0.15;

const confidence = 0.95;
/** Leaves 25 samples in the 2.5% at each end, enough for two digits. */
const samples = 1000;

/** @returns undefined if the law has no peak, or no step showed that workers slow each other down */
export function scalingPeak(fit: ScalingFit, steps: readonly ScalingStep[]): ScalingPeak | LeastPeak | undefined {
  const peak = peakOf(fit.law);
  if (peak === undefined || greatestLoss(steps) < leastLoss) return undefined;
  const most = Math.max(...steps.map(({ concurrency }) => concurrency));
  if (peak.concurrency > furthestPeak * most) return { ...highestOf(steps), reason: 'beyond-the-steps' };
  const missed = heldOutMiss(fit, steps);
  if (missed === undefined || missed > mostMissed) return { ...highestOf(steps), reason: 'not-validated' };
  const drawn = drawnPeaks(fit, steps);
  const ofThroughput = rangeOf(
    drawn.map(({ throughput }) => throughput),
    peak.throughput,
  );
  return {
    ...peak,
    interval: {
      ...widened(ofThroughput, peak.throughput, missed),
      confidence,
      concurrency: rangeOf(
        drawn.map(({ concurrency }) => concurrency),
        peak.concurrency,
      ),
    },
  };
}

const highestOf = (steps: readonly ScalingStep[]) =>
  steps.reduce((best, step) => (step.throughput > best.throughput ? step : best));

/** @returns the largest relative error at the last steps of the law fitted to the steps before; undefined if those are too few */
function heldOutMiss(fit: ScalingFit, steps: readonly ScalingStep[]): number | undefined {
  const heldOut = Math.max(1, Math.floor(heldOutShare * steps.length));
  const before = steps.slice(0, -heldOut);
  if (before.length < fewestLevels) return undefined;
  const law = refit(fit, before);
  const misses = steps
    .slice(-heldOut)
    .map(({ concurrency, throughput }) => Math.abs(throughputAt(law, concurrency) / throughput - 1));
  return Math.max(...misses);
}

/** Samples around a law assume that it is true. Its error at held-out steps is independent of theirs, so both add in squares. */
function widened({ low, high }: Range, estimate: number, missed: number): Range {
  const reach = (half: number) => Math.hypot(half, missed * estimate);
  return {
    low: Math.max(0, estimate - reach(estimate - low)),
    ...(high !== undefined && { high: estimate + reach(high - estimate) }),
  };
}

/**
 * @param steps ascending.
 * @returns the largest share of throughput per worker that a step lost relative to one with fewer workers
 */
function greatestLoss(steps: readonly ScalingStep[]): number {
  let [best, loss] = [0, 0];
  for (const { concurrency, throughput } of steps) {
    best = Math.max(best, throughput / concurrency);
    loss = Math.max(loss, 1 - throughput / concurrency / best);
  }
  return loss;
}

/**
 * Parametric bootstrap (Efron and Tibshirani 1993, 6.5): steps are redrawn around the law and refitted. The variance is
 * redrawn too, as s²·ν / χ²(ν), because it is uncertain with few steps, and a fixed variance gives intervals that are
 * too narrow.
 */
function drawnPeaks(fit: ScalingFit, steps: readonly ScalingStep[]): { concurrency: number; throughput: number }[] {
  const random = seededRandom('scaling peak');
  const { degreesOfFreedom } = fit;
  const never = { concurrency: Number.POSITIVE_INFINITY, throughput: Number.POSITIVE_INFINITY };
  const expected = steps.map(({ concurrency }) => throughputAt(fit.law, concurrency));
  const spreads = spreadsOf(expected, steps);
  return Array.from({ length: samples }, () => {
    let chiSquare = 0;
    for (let i = 0; i < degreesOfFreedom; i += 1) chiSquare += random.normal() ** 2;
    const unsure = 1 / Math.sqrt(chiSquare);
    const drawn = steps.map(({ concurrency }, i) => ({
      concurrency,
      throughput: Math.max(0, (expected[i] as number) + (spreads[i] as number) * unsure * random.normal()),
    }));
    return peakOf(refit(fit, drawn)) ?? never;
  });
}

/**
 * √(sum of squares) of the residuals for every step: constant, or proportional to throughput, whichever is
 * larger. Residuals cannot show which of the two applies: the law passes close to the highest steps, so their
 * residuals are small under either kind of noise.
 */
function spreadsOf(expected: readonly number[], steps: readonly ScalingStep[]): number[] {
  const misses = steps.map(({ throughput }, i) => throughput - (expected[i] as number));
  const same = Math.hypot(...misses);
  const share = Math.hypot(...misses.map((miss, i) => miss / (expected[i] as number)));
  return expected.map((throughput) => Math.max(same, share * throughput));
}

/** The range includes the estimate, even if all drawn laws deviate in one direction. */
function rangeOf(drawn: readonly number[], estimate: number): Range {
  const sorted = drawn.toSorted((a, b) => a - b);
  const tail = Math.floor(((1 - confidence) / 2) * sorted.length);
  const low = Math.min(estimate, sorted[tail] as number);
  const high = Math.max(estimate, sorted[sorted.length - 1 - tail] as number);
  return { low, ...(Number.isFinite(high) && { high }) };
}
