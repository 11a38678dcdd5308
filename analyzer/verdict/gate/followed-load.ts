// Correlates the activity of a host with the load, and finds the clock offset with the highest correlation.

import { isDeepStrictEqual } from 'node:util';
import { overlap } from '../../evidence/holes.ts';
import type { HostSeries, LoadTestRun, Span } from '../../evidence/load-test-run.ts';
import { mean } from '../../../core/statistics/statistics.ts';
import { usualLength } from '../steps/settled-window.ts';

/** A larger offset means another time zone or day, which the import refuses. */
const widestSeconds = 600;
/** Least standard deviation over the mean: a constant load has no shape to match. */
const leastShape = 0.2;

/** Least loss of correlation that shows bytes below zero without load: a staircase of ten steps that is late by one loses it. */
const leastBelowZero = 0.01;
/** Most bytes per message while a late load has not arrived, over those of the run; a first step without consumers has more. */
const mostIdle = 0.1;

/** @returns undefined if the load has no shape or the host no counters */
export function followedLoad(run: LoadTestRun, host: HostSeries) {
  const hasNetwork = host.intervals.find(({ network }) => network !== undefined) !== undefined;
  const busy = host.intervals.flatMap(({ from, to, network, cpu }) => {
    const moved = network?.reduce((sum, link) => sum + link.inBytesPerSecond + link.outBytesPerSecond, 0);
    const value = moved ?? cpu?.busyCores;
    return value === undefined ? [] : [{ from, to, value }];
  });
  const load = sentLoadOf(run);
  if (busy.length < 20 || load.lines.length < 20) return undefined;
  const sampleSeconds = Math.max(1, Math.ceil(usualLength(busy) - 0.5), Math.ceil(load.usualLength - 0.5));
  const read = spanOf(busy);
  const first = Math.floor(Math.min(load.span.from, read.from) / sampleSeconds);
  const last = Math.ceil(Math.max(load.span.to, read.to) / sampleSeconds);
  if (last - first > 100_000) return undefined;
  const bins = { first, count: last - first, sampleSeconds };
  const x = load.into(bins);
  const y = meanInto(busy, bins);
  const known = y.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0);
  if (known < 20 || x.shape < leastShape) return undefined;
  // At least half of the run must still overlap.
  const widest = Math.min(Math.floor(widestSeconds / sampleSeconds), Math.floor(known / 2));
  const now = correlation(x.values, y, 0);
  // Bytes are linear in messages, and not below zero without any: then rates belong to the bytes of another step.
  const isBelowZero = hasNetwork && now.r > now.fromZero + leastBelowZero;
  const correlated = isBelowZero ? 'fromZero' : 'r';
  return {
    /** Correlation with the recorded timestamps. */
    now: now[correlated],
    sampleSeconds,
    /** Tries every offset. */
    search() {
      let best = { lag: 0, r: 0, score: Number.NEGATIVE_INFINITY };
      for (let lag = -widest; lag <= widest; lag += 1) {
        const { isIdle, seen, [correlated]: r } = correlation(x.values, y, lag);
        // A staircase of equal steps looks the same when shifted by one step, so the overlap weights the score.
        const score = isBelowZero ? r : r * (seen / x.sum);
        if (score > best.score + 1e-9 && (!isBelowZero || isIdle)) best = { lag, r, score };
      }
      /** `offsetSeconds`: the host's timestamps minus those of the load, at the highest correlation. */
      return { best: best.r, offsetSeconds: best.lag * sampleSeconds };
    },
  };
}

interface Load {
  lines: readonly Valued[];
  span: Span;
  usualLength: number;
  /** Resampled load; the result for the last bins is cached, since most hosts have the same interval. */
  into(bins: Bins): Binned;
}

type Binned = ReturnType<typeof binnedOf>;

/** One load for all hosts of a run. */
const loads = new WeakMap<LoadTestRun, Load>();

function sentLoadOf(run: LoadTestRun): Load {
  const known = loads.get(run);
  if (known !== undefined) return known;
  const lines = run.produced.map(({ from, to, acknowledged }) => ({ from, to, value: acknowledged / (to - from) }));
  let last: { bins: Bins; binned: Binned } | undefined;
  const load: Load = {
    lines,
    span: spanOf(lines),
    usualLength: usualLength(lines),
    into(bins) {
      if (last === undefined || !isDeepStrictEqual(last.bins, bins)) last = { bins, binned: binnedOf(lines, bins) };
      return last.binned;
    },
  };
  loads.set(run, load);
  return load;
}

/** @returns `shape`: standard deviation over mean */
function binnedOf(lines: readonly Valued[], bins: Bins) {
  const values = summedInto(lines, bins);
  const level = mean(values);
  const spread = Math.sqrt(mean(values.map((value) => (value - level) ** 2)));
  return { values, sum: values.reduce((sum, value) => sum + value, 0), shape: spread / level };
}

/** A loop, because a long run has more lines than a call accepts arguments. */
function spanOf(lines: readonly Span[]): Span {
  const span = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  for (const { from, to } of lines) {
    span.from = Math.min(span.from, from);
    span.to = Math.max(span.to, to);
  }
  return span;
}

type Bins = Record<'first' | 'count' | 'sampleSeconds', number>;

type Valued = Span & { value: number };

/** A value is weighted by the share of a bin that its span covers; rates of workers add up, and no sends count as no load. */
function summedInto(
  lines: readonly Valued[],
  { first, count, sampleSeconds }: Bins,
  valueOf = ({ value }: Valued) => value,
): Float64Array {
  const sums = new Float64Array(count);
  for (const line of lines) {
    const begins = Math.max(0, Math.floor(line.from / sampleSeconds) - first);
    for (let place = begins; place < count && (first + place) * sampleSeconds < line.to; place += 1) {
      const start = (first + place) * sampleSeconds;
      const covered = overlap(line, { from: start, to: start + sampleSeconds });
      if (covered > 0) sums[place] = (sums[place] as number) + valueOf(line) * (covered / sampleSeconds);
    }
  }
  return sums;
}

/** A bin without readings is unknown: NaN. */
function meanInto(lines: readonly Valued[], bins: Bins): Float64Array {
  const sums = summedInto(lines, bins);
  const weights = summedInto(lines, bins, () => 1);
  return sums.map((sum, place) => ((weights[place] as number) > 0.5 ? sum / (weights[place] as number) : Number.NaN));
}

/**
 * Pearson's correlation of the load in each bin and the host this many bins later. Outside of its record the load is zero,
 * else other traffic in the last step would look like an offset.
 *
 * @returns `fromZero`: with at least zero bytes without load. `seen`: load in bins with readings. `isIdle`: whether the host
 * has few bytes in bins of the load whose readings lie outside of it
 */
function correlation(x: Float64Array, y: Float64Array, lag: number) {
  // Separate variables, because sums in an array are six times as slow.
  let n = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let syy = 0;
  let sxy = 0;
  let sent = 0;
  let outsideSent = 0;
  let outsideBytes = 0;
  for (let place = 0; place < y.length; place += 1) {
    const b = y[place] as number;
    if (Number.isNaN(b)) continue;
    const a = x[place - lag] ?? 0;
    n += 1;
    sx += a;
    sy += b;
    sxx += a * a;
    syy += b * b;
    sxy += a * b;
    const recorded = x[place] as number;
    sent += recorded;
    if (a > 0 || recorded === 0) continue;
    outsideSent += recorded;
    outsideBytes += b;
  }
  const all = syy - (sy * sy) / n;
  const scale = Math.sqrt(Math.max(0, sxx - (sx * sx) / n) * Math.max(0, all));
  const r = n < 10 || !(scale > 0) ? 0 : (sxy - (sx * sy) / n) / scale;
  const isBelowZero = r > 0 && sy * sxx < sx * sxy;
  return {
    r,
    seen: sx,
    fromZero: isBelowZero ? Math.sqrt(Math.max(0, 1 - (syy - (sxy * sxy) / sxx) / all)) : r,
    isIdle: outsideBytes * sent <= mostIdle * sy * outsideSent,
  };
}
