// Names the peak of a scaling law where the steps reach it and the law predicts steps that were left out; else what was reached.

import { fewestLevels, refit, type ScalingFit, type ScalingStep } from './fit-scaling.ts';
import { peakOf, throughputAt } from './scaling-law.ts';
import { seededRandom } from '../../../../core/statistics/seeded-random.ts';

export interface Range {
  low: number;
  /** Absent where the data allow that throughput never falls. */
  high?: number;
}

export interface ScalingPeak {
  concurrency: number;
  /** Per second. */
  throughput: number;
  /** Of the throughput there; `concurrency` of where it is. */
  interval: Range & { confidence: number; concurrency: Range };
}

export const unnamedPeakReasons = ['beyond-the-steps', 'not-validated'] as const;

/** The step of the greatest throughput, where the law has a peak that is not named. */
export interface LeastPeak extends ScalingStep {
  reason: (typeof unnamedPeakReasons)[number];
}

/** Throughput per worker has to fall so far at some step before a peak is named. */
const leastLoss = 0.05;

/**
 * No peak is named further beyond the last step, over the highest concurrency. Beyond it the law is only extrapolated:
 * the first twenty steps of Cisco's benchmark gave a peak 22% and the first six of the ray tracer one 23% beyond them,
 * and 13% and 53% more throughput than was measured later.
 */
const furthestPeak = 1.125;

/** Steps that the rest has to predict, and how far off it may be: the SPEC SDM91 curve is 14 % off where it falls. */
const heldOutShare = 0.25;
const mostMissed = 0.15;

const confidence = 0.95;
/** Of the 2.5 % at each end, 25 remain: enough for two digits. */
const samples = 1000;

/** @returns undefined where the law has no peak, or no step showed that workers cost one another */
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

/** @returns the largest miss of the last steps by the same law through those before, as a ratio; undefined with too few of these */
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

/** Draws around a law take it for the true one. Its error on held-out steps is independent of theirs, and adds in squares. */
function widened({ low, high }: Range, estimate: number, missed: number): Range {
  const reach = (half: number) => Math.hypot(half, missed * estimate);
  return {
    low: Math.max(0, estimate - reach(estimate - low)),
    ...(high !== undefined && { high: estimate + reach(high - estimate) }),
  };
}

/** @param steps ascending. @returns the largest share of throughput per worker that a step lost to one with fewer workers */
function greatestLoss(steps: readonly ScalingStep[]): number {
  let [best, loss] = [0, 0];
  for (const { concurrency, throughput } of steps) {
    best = Math.max(best, throughput / concurrency);
    loss = Math.max(loss, 1 - throughput / concurrency / best);
  }
  return loss;
}

/**
 * Parametric bootstrap (Efron and Tibshirani 1993, 6.5): steps are redrawn around the law and fitted again. The
 * variance is drawn, too, as s²·ν / χ²(ν): with few steps it is uncertain, and a fixed one gives intervals that are too
 * narrow.
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
 * √(sum of squares) of the residuals for every step: the same for all, or proportional to throughput, whichever is
 * larger. Residuals cannot show which of the two it is: the law goes nearly through the highest steps, so their
 * residuals are small under either kind of noise.
 */
function spreadsOf(expected: readonly number[], steps: readonly ScalingStep[]): number[] {
  const misses = steps.map(({ throughput }, i) => throughput - (expected[i] as number));
  const same = Math.hypot(...misses);
  const share = Math.hypot(...misses.map((miss, i) => miss / (expected[i] as number)));
  return expected.map((throughput) => Math.max(same, share * throughput));
}

/** The estimate is always within: drawn laws may all bend one way. */
function rangeOf(drawn: readonly number[], estimate: number): Range {
  const sorted = drawn.toSorted((a, b) => a - b);
  const tail = Math.floor(((1 - confidence) / 2) * sorted.length);
  const low = Math.min(estimate, sorted[tail] as number);
  const high = Math.max(estimate, sorted[sorted.length - 1 - tail] as number);
  return { low, ...(Number.isFinite(high) && { high }) };
}
