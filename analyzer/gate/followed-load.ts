// How closely does what a host did follow the load, and how much later by its stamps? Correlation over samples of equal length.

import type { HostSeries, LoadTestRun, Span } from '../load-test-run.ts';
import { mean } from '../statistics.ts';

export interface Followed {
  /** By the stamps as they are. */
  now: number;
  best: number;
  /** The host's stamps less those of the load, where both agree best. */
  offsetSeconds: number;
  sampleSeconds: number;
}

/** Farther apart, a clock is of another zone or day, which import refuses. */
const widestSeconds = 600;
/** Of the standard deviation over the mean: a load that stands still has no shape to find again. */
const leastShape = 0.2;

/** @returns undefined where the load has no shape or the host no counters */
export function followedLoad(run: LoadTestRun, host: HostSeries): Followed | undefined {
  const busy = host.intervals.flatMap(({ from, to, network, cpu }) => {
    const moved = network?.reduce((sum, link) => sum + link.inBytesPerSecond + link.outBytesPerSecond, 0);
    const value = moved ?? cpu?.busyCores;
    return value === undefined ? [] : [{ from, to, value }];
  });
  const load = loadOf(run);
  if (busy.length < 20 || load.lines.length < 20) return undefined;
  const sampleSeconds = Math.max(1, Math.ceil(usualLength(busy) - 0.5), Math.ceil(load.usualLength - 0.5));
  const read = spanOf(busy);
  const first = Math.floor(Math.min(load.span.from, read.from) / sampleSeconds);
  const last = Math.ceil(Math.max(load.span.to, read.to) / sampleSeconds);
  if (last - first > 100_000) return undefined;
  const span = { first, count: last - first, sampleSeconds };
  const [x, y] = [summedInto(load.lines, span), meanInto(busy, span)];
  const known = y.filter((value) => value !== undefined);
  const level = mean(x);
  if (known.length < 20 || Math.sqrt(mean(x.map((value) => (value - level) ** 2))) < leastShape * level)
    return undefined;
  // Half of the run must still lie on the other.
  const widest = Math.min(Math.floor(widestSeconds / sampleSeconds), Math.floor(known.length / 2));
  let best = { lag: 0, r: 0, score: Number.NEGATIVE_INFINITY };
  for (let lag = -widest; lag <= widest; lag += 1) {
    const r = correlation(x, y, lag);
    // Stairs of equal steps look the same a step later: the more of the load was seen, the better.
    const score = r * coveredShare(x, y, lag);
    if (score > best.score + 1e-9) best = { lag, r, score };
  }
  return { now: correlation(x, y, 0), best: best.r, offsetSeconds: best.lag * sampleSeconds, sampleSeconds };
}

interface Load {
  lines: readonly Valued[];
  span: Span;
  usualLength: number;
}

/** The same for every host of a run. */
const loads = new WeakMap<LoadTestRun, Load>();

function loadOf(run: LoadTestRun): Load {
  const known = loads.get(run);
  if (known !== undefined) return known;
  const lines = run.produced.map(({ from, to, acknowledged }) => ({ from, to, value: acknowledged / (to - from) }));
  const load = { lines, span: spanOf(lines), usualLength: usualLength(lines) };
  loads.set(run, load);
  return load;
}

/** A long run has more lines than a call takes arguments. */
function spanOf(lines: readonly Span[]): Span {
  const span = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
  for (const { from, to } of lines) {
    span.from = Math.min(span.from, from);
    span.to = Math.max(span.to, to);
  }
  return span;
}

function usualLength(lines: readonly Span[]): number {
  const lengths = lines.map(({ from, to }) => to - from).toSorted((a, b) => a - b);
  return lengths[Math.floor(lengths.length / 2)] ?? 1;
}

interface Bins {
  first: number;
  count: number;
  sampleSeconds: number;
}

type Valued = Span & { value: number };

function placesOf({ from, to }: Span, { first, count, sampleSeconds }: Bins): [place: number, share: number][] {
  const places: [number, number][] = [];
  const begins = Math.max(0, Math.floor(from / sampleSeconds) - first);
  for (let place = begins; place < count && (first + place) * sampleSeconds < to; place += 1) {
    const start = (first + place) * sampleSeconds;
    const covered = Math.min(to, start + sampleSeconds) - Math.max(from, start);
    if (covered > 0) places.push([place, covered / sampleSeconds]);
  }
  return places;
}

/** Workers add up; a moment nobody sent in is one of no load. */
function summedInto(lines: readonly Valued[], bins: Bins): number[] {
  const sums = Array.from({ length: bins.count }, () => 0);
  for (const line of lines)
    for (const [place, share] of placesOf(line, bins)) sums[place] = (sums[place] as number) + line.value * share;
  return sums;
}

/** A moment that was not read is unknown. */
function meanInto(lines: readonly Valued[], bins: Bins): (number | undefined)[] {
  const weights = Array.from({ length: bins.count }, () => 0);
  const sums = Array.from({ length: bins.count }, () => 0);
  for (const line of lines) {
    for (const [place, share] of placesOf(line, bins)) {
      sums[place] = (sums[place] as number) + line.value * share;
      weights[place] = (weights[place] as number) + share;
    }
  }
  return sums.map((sum, place) => ((weights[place] as number) > 0.5 ? sum / (weights[place] as number) : undefined));
}

/** Of the load, what the host was read at so many samples later. */
function coveredShare(x: readonly number[], y: readonly (number | undefined)[], lag: number): number {
  let [seen, all] = [0, 0];
  for (let place = 0; place < x.length; place += 1) {
    const value = x[place] as number;
    all += value;
    if (y[place + lag] !== undefined) seen += value;
  }
  return seen / all;
}

/** Pearson's, of the load at each moment and the host so many samples later. */
function correlation(x: readonly number[], y: readonly (number | undefined)[], lag: number): number {
  let [n, sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0, 0];
  for (let place = 0; place < x.length; place += 1) {
    const b = y[place + lag];
    if (b === undefined) continue;
    const a = x[place] as number;
    n += 1;
    sx += a;
    sy += b;
    sxx += a * a;
    syy += b * b;
    sxy += a * b;
  }
  const scale = Math.sqrt(Math.max(0, sxx - (sx * sx) / n) * Math.max(0, syy - (sy * sy) / n));
  return n < 10 || !(scale > 0) ? 0 : (sxy - (sx * sy) / n) / scale;
}
