// Computes the probability that a forecast load exceeds a measured limit.

import jstat from 'jstat';
import type { Interval } from '../../../core/documents/analysis.ts';
import type { RecordedForecast } from '../../../core/documents/history-entry.ts';
import { normalQuantile } from '../../../core/statistics/statistics.ts';

export interface ExpectedLoad {
  atMs: number;
  mid: number;
  /** 10% and 90% quantiles. */
  low: number;
  high: number;
}

export interface RateLimit {
  mid: number;
  /** Standard deviation on each side; 0 for a figure without an interval. */
  below: number;
  above: number;
}

/** For a two-sided interval. Without an upper end, the estimate is assumed to be in the middle. */
export function limitWithin({ low, high, confidence }: Interval, estimateTps: number): RateLimit {
  const reach = normalQuantile((1 + confidence) / 2);
  const side = (width: number) => Math.max(0, width) / reach;
  return {
    mid: estimateTps,
    below: side(estimateTps - low),
    above: side((high ?? 2 * estimateTps - low) - estimateTps),
  };
}

export const exactLimit = (tps: number): RateLimit => ({ mid: tps, below: 0, above: 0 });

/** @returns loads in order of time; a point without a band gets the relative band of the peak, or else the widest of any point */
export function expectedLoads({ peak, points }: Pick<RecordedForecast, 'points' | 'peak'>): ExpectedLoad[] {
  const banded = peak.high === undefined ? points : [peak];
  const known = banded.filter(({ tps }) => tps > 0);
  const down = Math.min(1, ...known.map(({ tps, low = tps }) => low / tps));
  const up = Math.max(1, ...known.map(({ tps, high = tps }) => high / tps));
  return points
    .map(({ at: moment, tps, low, high }) => ({
      atMs: Date.parse(moment),
      mid: tps,
      low: low ?? tps * down,
      high: high ?? tps * up,
    }))
    .toSorted((a, b) => a.atMs - b.atMs);
}

/** Distance of the 10% and 90% quantiles of a normal distribution, in standard deviations. */
export const bandReach = normalQuantile(0.9);

/** Each side of the band and of the limit has its own width; load and limit are independent. */
export function chanceAbove({ low, mid, high }: ExpectedLoad, scale: number, limit: RateLimit): number {
  const load = mid * scale;
  const [width, ofLimit] = limit.mid > load ? [high - mid, limit.below] : [mid - low, limit.above];
  const deviation = Math.hypot((Math.max(0, width) * scale) / bandReach, ofLimit);
  if (deviation === 0) return load > limit.mid ? 1 : 0;
  return jstat.jStat.normal.cdf((load - limit.mid) / deviation, 0, 1);
}

/** Highest probability of any of the loads. */
export const highestChance = (loads: readonly ExpectedLoad[], scale: number, limit: RateLimit): number =>
  Math.max(...loads.map((load) => chanceAbove(load, scale, limit)));
