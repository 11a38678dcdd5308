// Computes how fast the produced rate of a cluster rises or falls, from its recorded readings.

import { trendOf } from '../../core/statistics/trend.ts';
import { readingsLevels } from '../../core/readings-range.ts';
import type { ReadingsReader } from './readings-reader.ts';
import type { Point } from './ring.ts';

export interface RateTrend {
  /** Messages per second that the rate gains per second; negative where it falls. */
  tpsPerSecond: number;
  /** What it was computed from. */
  overSeconds: number;
}

const { slotMs } = readingsLevels['6h'];
/** Long enough to be no burst, short enough to be now. */
const mostMinutes = 30;
const fewestMinutes = 10;
/** Neighbouring minutes are alike: a trend of chance is more frequent than its probability says. */
const mostProbability = 0.01;
/** Of the rate; a smaller change over the whole time matters to nobody. */
const leastChange = 0.05;

/** @returns undefined where less than ten minutes are known without a gap, or the rate neither rises nor falls */
export function rateTrend(readings: ReadingsReader, cluster: string, nowMs: number): RateTrend | undefined {
  const kept = readings.of(cluster);
  const points = kept?.points({ of: 'cluster', name: '', figure: 'produceTps' }, '6h', nowMs, mostMinutes) ?? [];
  return trendIn(points, nowMs);
}

/** @param points of minutes, oldest first */
export function trendIn(points: readonly Point[], nowMs: number): RateTrend | undefined {
  const values = withoutGap(points, nowMs).map(({ mean }) => mean);
  if (values.length < fewestMinutes) return undefined;
  const trend = trendOf(values);
  const last = values.at(-1) ?? 0;
  if (trend === undefined || trend.probability > mostProbability) return undefined;
  if (Math.abs(trend.slope) * values.length < leastChange * last) return undefined;
  const seconds = slotMs / 1000;
  return { tpsPerSecond: trend.slope / seconds, overSeconds: values.length * seconds };
}

/** The last minutes up to now, back to the first that is missing; the minute of now is not over. */
function withoutGap(points: readonly Point[], nowMs: number): readonly Point[] {
  const past = points.filter(({ atMs }) => atMs + slotMs <= nowMs);
  const last = past.at(-1);
  if (last === undefined || nowMs - last.atMs > 3 * slotMs) return [];
  const gap = past.findLastIndex(({ atMs }, index) => index > 0 && atMs - (past[index - 1]?.atMs ?? 0) > slotMs);
  return past.slice(Math.max(0, gap));
}
