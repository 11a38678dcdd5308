// Computes the use of a resource in a step: its mean over the window, the p99 of its samples, and the samples.

import type { BrokerFigures } from '../../../../core/documents/evidence/broker-figures.ts';
import type { BrokerInterval, HostInterval, Span } from '../../../evidence/load-test-run.ts';
import { largest, mean, quantile } from '../../../../core/statistics/statistics.ts';
import type { NodeSeries, ObservedStep, Use } from './model.ts';

/** If less than this share of a window was read, the use is unknown, because the rest may differ. */
const leastCover = 0.5;

/** @param value of one interval, absent if it was not read */
export function useOf(
  { step: { window }, intervals }: ObservedStep,
  value: (interval: HostInterval) => number | undefined,
): Use {
  return useIn(window, intervals, value);
}

/** Like `useOf` for a broker figure, over the broker intervals within the window. */
export function useOfBroker(
  { step: { window } }: Pick<ObservedStep, 'step'>,
  { broker }: NodeSeries,
  figure: keyof BrokerFigures,
): Use {
  return useIn(window, wholeWithin(broker ?? [], window), (interval) => interval[figure]);
}

/** Scales the use above idle by the factor: mean, p99 and every sample. */
export function scaledUse(use: Use, factor: number, idle = 0): Use {
  if (use === undefined || factor === 1) return use;
  const by = (value: number) => Math.max(0, idle + (value - idle) * factor);
  const { series } = use;
  return {
    ...use,
    mean: by(use.mean),
    p99: by(use.p99),
    ...(series && { series: { ...series, values: series.values.map(by) } }),
  };
}

/** @returns only the mean, weighted by time; undefined if no interval has the value */
export function meanOf(
  { intervals }: ObservedStep,
  value: (interval: HostInterval) => number | undefined,
): number | undefined {
  const { sum, seconds } = weighted(intervals, value);
  return seconds > 0 ? sum / seconds : undefined;
}

/** Like `useOf`, but returns only the mean, because samples and their p99 take most of the time. */
export function meanUseOf(
  { step: { window }, intervals }: ObservedStep,
  value: (interval: HostInterval) => number | undefined,
): number | undefined {
  const { sum, seconds } = weighted(intervals, value);
  return isCovered(window, seconds) ? sum / seconds : undefined;
}

function weighted(intervals: readonly HostInterval[], value: (interval: HostInterval) => number | undefined) {
  let [sum, seconds] = [0, 0];
  for (const interval of intervals) {
    const sample = value(interval);
    if (sample === undefined) continue;
    sum += sample * (interval.to - interval.from);
    seconds += interval.to - interval.from;
  }
  return { sum, seconds };
}

const isCovered = ({ from, to }: Span, seconds: number) => seconds > 0 && seconds >= leastCover * (to - from);

/** @returns the unweighted mean of a broker's samples; undefined without samples */
export function meanOfSamples(intervals: readonly BrokerInterval[], figure: keyof BrokerFigures): number | undefined {
  const values = intervals.flatMap((interval) => interval[figure] ?? []);
  return values.length === 0 ? undefined : mean(values);
}

/** @returns the greatest value within the window of the step; undefined without values */
export function mostOfBroker(
  { step: { window } }: Pick<ObservedStep, 'step'>,
  { broker }: NodeSeries,
  figure: keyof BrokerFigures,
): number | undefined {
  return largest(wholeWithin(broker ?? [], window).flatMap((interval) => interval[figure] ?? []));
}

/** Uses whole intervals only: half a second of the next step would become the highest sample of this one. */
export function wholeWithin<T>(intervals: { filter(isKept: (span: Span) => boolean): T[] }, { from, to }: Span): T[] {
  const tick = 0.02;
  const isWhole = (interval: Span) => interval.from >= from - tick && interval.to <= to + tick;
  if (!Array.isArray(intervals) || !isInOrder(intervals)) return intervals.filter(isWhole);
  const near = intervals.slice(firstFrom(intervals, from - tick), firstFrom(intervals, to + tick) + 1);
  return near.filter(isWhole);
}

const knownOrder = new WeakMap<readonly Span[], boolean>();

/** Checks once whether intervals are sorted by start, because a month has thousands of windows and intervals. */
function isInOrder(intervals: readonly Span[]): boolean {
  const known = knownOrder.get(intervals);
  if (known !== undefined) return known;
  const isSorted = intervals.every(({ from }, index) => index === 0 || intervals[index - 1]!.from <= from);
  knownOrder.set(intervals, isSorted);
  return isSorted;
}

/** @returns index of the first interval that begins at that second or later */
function firstFrom(intervals: readonly Span[], second: number): number {
  let [low, high] = [0, intervals.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (intervals[middle]!.from < second) low = middle + 1;
    else high = middle;
  }
  return low;
}

function useIn<T extends Span>(window: Span, intervals: readonly T[], value: (interval: T) => number | undefined): Use {
  const samples: number[] = [];
  const unread: T[] = [];
  let sum = 0;
  let seconds = 0;
  for (const interval of intervals) {
    const sample = value(interval);
    if (sample === undefined) {
      unread.push(interval);
      continue;
    }
    samples.push(sample);
    sum += sample * (interval.to - interval.from);
    seconds += interval.to - interval.from;
  }
  if (!isCovered(window, seconds)) return undefined;
  const left = new Set(unread);
  return {
    mean: sum / seconds,
    p99: quantile(samples, 0.99),
    samples: samples.length,
    series: {
      moments:
        left.size === 0
          ? momentsIn(window, intervals)
          : momentsOf(
              window,
              intervals.filter((each) => !left.has(each)),
            ),
      // `slice` drops unused capacity, because a long run has thousands of series.
      values: samples.slice(),
    },
  };
}

const momentsOf = (window: Span, intervals: readonly Span[]): readonly number[] =>
  intervals.map(({ from, to }) => (from + to) / 2 - window.from);

/** For whole steps: every resource of a host has the same moments. */
const sharedMoments = new WeakMap<readonly Span[], { window: Span; moments: readonly number[] }>();

function momentsIn(window: Span, intervals: readonly Span[]): readonly number[] {
  const known = sharedMoments.get(intervals);
  if (known?.window === window) return known.moments;
  const moments = momentsOf(window, intervals);
  sharedMoments.set(intervals, { window, moments });
  return moments;
}
