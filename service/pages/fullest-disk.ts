// Finds the fullest disk of a cluster in recorded readings, and when it will reach its policy limit at the trend of a day.

import type { Policy } from '../../core/policy/policy.ts';
import { readingsLevels } from '../../core/readings-range.ts';
import { trendOf } from '../../core/statistics/trend.ts';
import type { FullestDisk } from '../../dashboards/web/cluster/cluster-view.ts';
import type { Point } from '../readings/ring.ts';
import type { Kept } from './readings-lines.ts';
import { defined } from '../../core/defined.ts';

/** An older value is not current. */
const lastsMs = 30 * 60_000;
/** A shorter trend may come from a single segment or deletion. */
const leastTrendSeconds = 3600;
/** The trend of a day cannot predict more than a month. */
const longestSeconds = 30 * 86_400;
/** Points are averaged over half hours: 48 of a day. */
const thinning = 6;

/** @returns undefined if the use of no disk is known */
export function fullestDisk(kept: Kept, { limits }: Pick<Policy, 'limits'>, nowMs: number): FullestDisk | undefined {
  const disks = (kept?.names('broker') ?? []).flatMap((broker) => {
    const points = kept?.points({ of: 'broker', name: broker, figure: 'diskSpaceRatio' }, '24h', nowMs) ?? [];
    const last = points.at(-1);
    return last === undefined || nowMs - last.atMs > lastsMs ? [] : [{ broker, points, ratio: last.mean }];
  });
  const [fullest] = disks.toSorted((one, other) => other.ratio - one.ratio);
  if (fullest === undefined) return undefined;
  const { broker, ratio, points } = fullest;
  const limitRatio = limits['disk-space'].value;
  const trend = trendOfDay(points);
  const secondsTo = (level: number) => {
    if (trend === undefined || trend.perSecond <= 0 || level <= ratio) return undefined;
    const seconds = (level - ratio) / trend.perSecond;
    return seconds > longestSeconds ? undefined : Math.round(seconds);
  };
  return defined({
    broker,
    ratio,
    limitRatio,
    overSeconds: trend?.overSeconds,
    secondsToLimit: secondsTo(limitRatio),
    secondsToFull: secondsTo(1),
  });
}

function trendOfDay(points: readonly Point[]): { perSecond: number; overSeconds: number } | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const overSeconds = (last.atMs - first.atMs) / 1000;
  if (overSeconds < leastTrendSeconds) return undefined;
  const slots = Map.groupBy(points, ({ atMs }) => Math.floor(atMs / (thinning * readingsLevels['24h'].slotMs)));
  const means = Array.from(slots.values(), (each) => each.reduce((sum, { mean }) => sum + mean, 0) / each.length);
  // Short series are not thinned, because a trend needs five values.
  const values = means.length < 10 ? points.map(({ mean }) => mean) : means;
  const trend = trendOf(values);
  return trend && { perSecond: (trend.slope * (values.length - 1)) / overSeconds, overSeconds };
}
