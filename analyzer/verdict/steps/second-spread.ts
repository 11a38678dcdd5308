// Measures how far single seconds exceed the mean of their step, pooled over the steps, since one step has too few for a p99.

import type { Use } from '../limits/resources/model.ts';
import { longRunVariance, mean, medianOf, normalMad, ranked } from '../../../core/statistics/statistics.ts';

/** Samples of one step, and the index of its first slot among the slots of the run. */
export interface StepSamples {
  use: NonNullable<Use>;
  firstSlot: number;
  slots: number;
  slotSeconds: number;
}

export interface SecondSpread {
  /** Mean of each step, without the seconds that were set aside. */
  means: readonly number[];
  /** Mean relative variance of the mean of a step, including autocorrelation of the seconds. */
  meanVariance: number;
  /**
   * Highest deviations of ordinary seconds in descending order, relative to the mean of their step: the candidates for
   * the p99.
   */
  highest: { deviations: Float64Array; slots: Int32Array };
  /** Seconds far above the others in descending order, and the number of all seconds. */
  far: OutlierSeconds;
  /** Number of ordinary seconds above the p99. */
  above: number;
  /** Lower bound from a normal with this spread, because the p99 of a hundred samples is as often too low as too high. */
  leastPeak: number;
  samples: number;
  /** Relative standard deviation of ordinary seconds. */
  robust: number;
  /** Outlier seconds that are excluded from the mean, and too few to belong to the p99 for certain. */
  setAside: number;
}

export interface OutlierSeconds {
  deviations: Float64Array;
  slots: Int32Array;
  seconds: number;
}

/** A second further out than this many robust standard deviations is not noise of the others. */
const farOut = 6;
/** Share of seconds above a p99. */
const passedOver = 0.01;
/** One-sided 99% quantile of a normal. */
const normalP99 = 2.326;

export function secondSpread(steps: readonly StepSamples[]): SecondSpread {
  const { values, slots, ends } = gathered(steps);
  const count = values.length;
  const firstOf = (place: number) => (place === 0 ? 0 : (ends[place - 1] as number));
  const fromMedians = new Float64Array(count);
  for (const [place, end] of ends.entries()) {
    const first = firstOf(place);
    const middle = medianOf(values.slice(first, end));
    for (let i = first; i < end; i += 1) fromMedians[i] = middle > 0 ? (values[i] as number) / middle - 1 : 0;
  }
  const scale = normalMad * medianOf(fromMedians.map(Math.abs));
  const isFar = (deviation: number) => scale > 0 && Math.abs(deviation) > farOut * scale;
  const odd = indicesOf(fromMedians, isFar);
  const most = Math.max(1, Math.floor(passedOver * count));
  const outliers = new Set(odd.length <= most && count >= fewestSamples ? odd : []);
  const byStep = steps.map((_, place) => without(outliers, values, firstOf(place), ends[place] as number));
  const means = byStep.map((kept, place) => (kept.length > 0 ? mean(kept) : (steps[place] as StepSamples).use.mean));
  const deviations = new Float64Array(count);
  for (const [place, end] of ends.entries()) {
    const kept = (byStep[place] as Float64Array).length;
    const center = means[place] as number;
    // The mean of few seconds is closer to each of them than the true mean is.
    const correction = kept > 1 ? Math.sqrt(kept / (kept - 1)) : 1;
    for (let i = firstOf(place); i < end; i += 1) {
      deviations[i] = center > 0 ? ((values[i] as number) / center - 1) * correction : 0;
    }
  }
  const robust = normalMad * medianOf(deviations.map(Math.abs));
  const farCount = count < fewestSamples ? 0 : indicesOf(deviations, (each) => each > 0 && isFar(each)).length;
  const above = Math.floor(passedOver * (count - farCount)) + 1;
  const highest = highestOf(deviations, farCount + 12 + 4 * above);
  const listed = (indices: readonly number[]) => ({
    deviations: Float64Array.from(indices, (index) => deviations[index] as number),
    slots: Int32Array.from(indices, (index) => slots[index] as number),
  });
  const leastPeak = Math.max(normalP99 * robust, ...steps.map(({ use }) => peakOfPercentile(use)));
  const variances = byStep.flatMap((kept, place) => {
    const variance = varianceOfMean(kept);
    const center = means[place] as number;
    return variance === undefined || center <= 0 ? [] : [variance / center ** 2];
  });
  return {
    means,
    meanVariance: variances.length > 0 ? mean(variances) : 0,
    highest: listed(highest.slice(farCount)),
    far: { ...listed(highest.slice(0, farCount)), seconds: count },
    above,
    leastPeak,
    samples: count,
    robust,
    setAside: outliers.size,
  };
}

/** @returns the samples of all steps in step order; `ends`: end index of each step */
function gathered(steps: readonly StepSamples[]) {
  const series = steps.map(({ use }) => use.series ?? { moments: [0], values: [use.mean] });
  const count = series.reduce((sum, { values }) => sum + values.length, 0);
  const [values, slots] = [new Float64Array(count), new Int32Array(count)];
  let at = 0;
  const ends = steps.map(({ firstSlot, slots: ofStep, slotSeconds }, place) => {
    const { moments, values: own } = series[place] as (typeof series)[number];
    values.set(own, at);
    for (let i = 0; i < own.length; i += 1) {
      slots[at + i] = firstSlot + Math.min(ofStep - 1, Math.max(0, Math.floor((moments[i] as number) / slotSeconds)));
    }
    at += own.length;
    return at;
  });
  return { values, slots, ends };
}

function indicesOf(values: Float64Array, isWanted: (value: number) => boolean): number[] {
  const indices: number[] = [];
  for (let i = 0; i < values.length; i += 1) if (isWanted(values[i] as number)) indices.push(i);
  return indices;
}

function without(outliers: ReadonlySet<number>, values: Float64Array, first: number, end: number): Float64Array {
  const all = values.subarray(first, end);
  return outliers.size === 0 ? all : all.filter((_, index) => !outliers.has(first + index));
}

/** @returns indices of the highest values in descending order, the first of equal values first */
function highestOf(values: Float64Array, count: number): number[] {
  const wanted = Math.min(count, values.length);
  if (wanted === 0) return [];
  const least = ranked(values.slice(), values.length - wanted);
  const higher = indicesOf(values, (value) => value > least);
  const equal = indicesOf(values, (value) => value === least).slice(0, wanted - higher.length);
  return [...higher, ...equal].toSorted((a, b) => (values[b] as number) - (values[a] as number));
}

/** Used if only a mean and a p99 are known. */
function peakOfPercentile({ series, mean: center, p99 }: StepSamples['use']): number {
  return series === undefined && center > 0 ? p99 / center - 1 : 0;
}

/** With fewer samples, outliers are not detected. */
const fewestSamples = 30;

/** Outlier seconds of one kind of resource on all nodes, because one node has too few for a share of 1%. */
export function pooledOutliers(all: readonly OutlierSeconds[]): OutlierSeconds {
  const seconds = all
    .flatMap(({ deviations, slots }) =>
      Array.from(deviations, (deviation, i) => ({ deviation, slot: slots[i] as number })),
    )
    .toSorted((a, b) => b.deviation - a.deviation);
  return {
    deviations: Float64Array.from(seconds, ({ deviation }) => deviation),
    slots: Int32Array.from(seconds, ({ slot }) => slot),
    seconds: all.reduce((sum, each) => sum + each.seconds, 0),
  };
}

/**
 * @param share of outlier seconds
 * @param higher number of ranks by which the p99 may be higher
 * @returns the p99 of all seconds, if outliers are more than 1% of them
 */
export function outlierPeak({ deviations }: OutlierSeconds, share: number, higher = 0): number | undefined {
  if (deviations.length === 0 || share <= passedOver) return undefined;
  return deviations[Math.max(0, Math.floor((passedOver / share) * deviations.length) - higher)];
}

/** Uses the outlier sizes of the node, if it has any. */
export function outliersOf({ far }: SecondSpread, all: OutlierSeconds): OutlierSeconds {
  return far.deviations.length > 0 ? far : all;
}

/** @returns the p99 of the seconds over the mean of their step, minus one */
export function peakOf(spread: SecondSpread, all: OutlierSeconds): number {
  const { highest, above, leastPeak, far } = spread;
  const ordinary = Math.max(leastPeak, highest.deviations[Math.min(above, highest.deviations.length) - 1] ?? 0);
  const share = (far.deviations.length / far.seconds + all.deviations.length / all.seconds) / 2;
  return Math.max(ordinary, outlierPeak(outliersOf(spread, all), share) ?? 0);
}

/** @returns an upper bound of the p99, as a ratio of the mean of a step */
export function surePeakOf(spread: SecondSpread, all: OutlierSeconds): number {
  const { highest, above, leastPeak, samples, far } = spread;
  const atMostAbove = Math.max(0, Math.floor(above - 1 - 2 * Math.sqrt(above)));
  // The rank of a p99 varies by the root of the number of values above it, and a spread by one over the root of twice its samples.
  const ordinary = Math.max(
    leastPeak * (1 + 2 / Math.sqrt(2 * Math.max(1, samples))),
    highest.deviations[atMostAbove] ?? 0,
  );
  const share = Math.max(...[far, all].map((each) => outlierShare(each.deviations.length, each.seconds, 2)));
  return Math.max(ordinary, outlierPeak(outliersOf(spread, all), share, 1) ?? 0);
}

/**
 * The square root of a count has a standard deviation of one half for any count (Anscombe 1948).
 * @param normal standard deviates
 */
export function outlierShare(count: number, seconds: number, normal: number): number {
  return Math.max(0, Math.sqrt(count + 3 / 8) + normal / 2) ** 2 / seconds;
}

/** Bartlett-weighted long-run variance (Newey and West 1987) over n. @returns undefined below four samples */
function varianceOfMean(values: Float64Array): number | undefined {
  const n = values.length;
  if (n < 4) return undefined;
  const { own, variance } = longRunVariance(values);
  // Negative autocorrelation of few seconds does not make their mean more certain than independent seconds would.
  return Math.max(own, variance) / (n - 1);
}
