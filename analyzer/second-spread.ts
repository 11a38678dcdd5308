// How far do single seconds stand above the mean of their step? Pooled over the steps, since one step has too few for a p99.

import type { Use } from './models/model.ts';
import { mean } from './statistics.ts';

/** Samples of one step and where its slots begin among those of the run. */
export interface StepSamples {
  use: NonNullable<Use>;
  firstSlot: number;
  slots: number;
  slotSeconds: number;
}

export interface SecondSpread {
  /** Of each step, without the seconds that were set aside. */
  means: readonly number[];
  /** Mean relative variance of the mean of a step, with the correlation of seconds that follow each other. */
  meanVariance: number;
  /** Of ordinary seconds, highest deviations first, as ratios of the mean of their step: those that may hold the p99. */
  highest: { deviations: Float64Array; slots: Int32Array };
  /** Of seconds that stand far above the others, highest first, and how many there are of all kinds. */
  far: FarSeconds;
  /** So many of them lie above the p99. */
  above: number;
  /** Never less than a normal of this spread would have: a p99 of a hundred samples is as often too low as too high. */
  leastPeak: number;
  samples: number;
  /** Standard deviation of ordinary seconds, as a ratio. */
  robust: number;
  /** Seconds so far out that they are no part of a mean, and too few to be sure part of the p99. */
  setAside: number;
}

export interface FarSeconds {
  deviations: Float64Array;
  slots: Int32Array;
  seconds: number;
}

/** A second further out than this many robust standard deviations is no noise of the others. */
const farOut = 6;
/** As many seconds as a p99 passes over. */
const passedOver = 0.01;
/** Of a normal, one-sided. */
const normalP99 = 2.326;
/** Standard deviations in a median of absolute deviations of a normal. */
const normalMad = 1.4826;

export function secondSpread(steps: readonly StepSamples[]): SecondSpread {
  const raw = steps.flatMap((step, place) => {
    const { moments, values } = step.use.series ?? { moments: [0], values: [step.use.mean] };
    const middle = median(values);
    return values.map((value, index) => ({
      place,
      value,
      slot:
        step.firstSlot +
        Math.min(step.slots - 1, Math.max(0, Math.floor((moments[index] as number) / step.slotSeconds))),
      deviation: middle > 0 ? value / middle - 1 : 0,
    }));
  });
  const scale = normalMad * median(raw.map(({ deviation }) => Math.abs(deviation)));
  const most = Math.max(1, Math.floor(passedOver * raw.length));
  const isFar = ({ deviation }: { deviation: number }) => scale > 0 && Math.abs(deviation) > farOut * scale;
  const odd = raw.filter(isFar).toSorted((a, b) => Math.abs(b.deviation) - Math.abs(a.deviation));
  const lonely = new Set(odd.length <= most && raw.length >= fewestSamples ? odd : []);
  const kept = raw.filter((sample) => !lonely.has(sample));
  const byStep = steps.map((_, place) => kept.filter((sample) => sample.place === place).map(({ value }) => value));
  const means = byStep.map((values, place) =>
    values.length > 0 ? mean(values) : (steps[place] as StepSamples).use.mean,
  );
  const deviations = raw.map(({ place, value, slot }) => {
    const count = byStep[place]?.length ?? 1;
    const center = means[place] as number;
    // The mean of few seconds lies nearer to each of them than the true one does.
    const correction = count > 1 ? Math.sqrt(count / (count - 1)) : 1;
    return { slot, deviation: center > 0 ? (value / center - 1) * correction : 0 };
  });
  const robust = normalMad * median(deviations.map(({ deviation }) => Math.abs(deviation)));
  const descending = deviations.toSorted((a, b) => b.deviation - a.deviation);
  const far = raw.length >= fewestSamples ? descending.filter((each) => each.deviation > 0 && isFar(each)) : [];
  const ordinary = descending.slice(far.length);
  const above = Math.floor(passedOver * ordinary.length) + 1;
  const highest = ordinary.slice(0, 12 + 4 * above);
  const leastPeak = Math.max(normalP99 * robust, ...steps.map(({ use }) => toldPeak(use)));
  const variances = byStep.flatMap((values, place) => {
    const variance = varianceOfMean(values);
    const center = means[place] as number;
    return variance === undefined || center <= 0 ? [] : [variance / center ** 2];
  });
  return {
    means,
    meanVariance: variances.length > 0 ? mean(variances) : 0,
    highest: listed(highest),
    far: { ...listed(far), seconds: deviations.length },
    above,
    leastPeak,
    samples: deviations.length,
    robust,
    setAside: lonely.size,
  };
}

/** Where only a mean and a p99 are known. */
function toldPeak({ series, mean: center, p99 }: StepSamples['use']): number {
  return series === undefined && center > 0 ? p99 / center - 1 : 0;
}

/** Under so many samples nothing is far out. */
const fewestSamples = 30;

function listed(seconds: readonly { deviation: number; slot: number }[]) {
  return {
    deviations: Float64Array.from(seconds, ({ deviation }) => deviation),
    slots: Int32Array.from(seconds, ({ slot }) => slot),
  };
}

/** Far seconds of one kind of resource on all nodes: one node alone has few to tell a hundredth from less. */
export function pooledFar(all: readonly FarSeconds[]): FarSeconds {
  const seconds = all.flatMap(({ deviations, slots }) =>
    Array.from(deviations, (deviation, i) => ({ deviation, slot: slots[i] as number })),
  );
  return {
    ...listed(seconds.toSorted((a, b) => b.deviation - a.deviation)),
    seconds: all.reduce((sum, each) => sum + each.seconds, 0),
  };
}

/**
 * @param share of seconds that are far out
 * @param higher how many ranks up the p99 may as well lie
 * @returns the p99 of all seconds where they fill more than it passes over
 */
export function farPeak({ deviations }: FarSeconds, share: number, higher = 0): number | undefined {
  if (deviations.length === 0 || share <= passedOver) return undefined;
  return deviations[Math.max(0, Math.floor((passedOver / share) * deviations.length) - higher)];
}

/** Sizes are a node's own, where it has any. */
export function farOf({ far }: SecondSpread, all: FarSeconds): FarSeconds {
  return far.deviations.length > 0 ? far : all;
}

/** @returns the p99 of the seconds over the mean of their step, less one */
export function peakOf(spread: SecondSpread, all: FarSeconds): number {
  const { highest, above, leastPeak, far } = spread;
  const ordinary = Math.max(leastPeak, highest.deviations[Math.min(above, highest.deviations.length) - 1] ?? 0);
  const share = (far.deviations.length / far.seconds + all.deviations.length / all.seconds) / 2;
  return Math.max(ordinary, farPeak(farOf(spread, all), share) ?? 0);
}

/** @returns what the p99 is surely not above, as a ratio of the mean of a step */
export function surePeakOf(spread: SecondSpread, all: FarSeconds): number {
  const { highest, above, leastPeak, samples, far } = spread;
  const atMostAbove = Math.max(0, Math.floor(above - 1 - 2 * Math.sqrt(above)));
  // Ranks of a p99 scatter by the root of how many lie above it, and a spread by one over that of twice its samples.
  const ordinary = Math.max(
    leastPeak * (1 + 2 / Math.sqrt(2 * Math.max(1, samples))),
    highest.deviations[atMostAbove] ?? 0,
  );
  const share = Math.max(...[far, all].map((each) => farShare(each.deviations.length, each.seconds, 2)));
  return Math.max(ordinary, farPeak(farOf(spread, all), share, 1) ?? 0);
}

/** Of counts: their root scatters by one half, however many they are (Anscombe 1948). @param normal how far out */
export function farShare(count: number, seconds: number, normal: number): number {
  return Math.max(0, Math.sqrt(count + 3 / 8) + normal / 2) ** 2 / seconds;
}

/** Bartlett-weighted long-run variance (Newey and West 1987) over n. @returns undefined below four samples */
function varianceOfMean(values: readonly number[]): number | undefined {
  const n = values.length;
  if (n < 4) return undefined;
  const center = mean(values);
  const lags = Math.floor(Math.sqrt(n));
  let variance = 0;
  let own = 0;
  for (let lag = 0; lag <= lags; lag += 1) {
    let covariance = 0;
    for (let i = lag; i < n; i += 1) {
      covariance += ((values[i] as number) - center) * ((values[i - lag] as number) - center);
    }
    if (lag === 0) own = covariance / n;
    variance += (covariance / n) * (lag === 0 ? 1 : 2 * (1 - lag / (lags + 1)));
  }
  // Seconds that take turns do not make a mean of few of them surer than independent ones would.
  return Math.max(own, variance) / (n - 1);
}

function median(values: readonly number[]): number {
  // A typed array sorts numbers as numbers, and much faster.
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
