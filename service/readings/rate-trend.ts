// Computes from recorded readings how fast the rate of a cluster rises or falls, and which groups have growing lag.

import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import { trendOf } from '../../core/statistics/trend.ts';
import { readingsLevels } from '../../core/readings-range.ts';
import type { ReadingsReader } from './readings-reader.ts';
import type { Point } from './ring.ts';

export type RateTrend = Omit<NonNullable<ClusterStatus['trend']>, 'secondsToLimit'>;

const { slotMs } = readingsLevels['6h'];
/** Long enough to exclude bursts, short enough to be current. */
const mostMinutes = 30;
const fewestMinutes = 10;
/** Low, because neighbouring minutes are correlated, so random trends are more frequent than this probability states. */
const mostProbability = 0.01;
/** Share of the last value; a smaller change over the whole time is ignored. */
const leastChange = 0.05;

type LaggingGroup = NonNullable<ClusterStatus['laggingGroups']>[number];

export interface ClusterTrends {
  /** Trend of the produced rate; absent if it neither rises nor falls. */
  trend?: RateTrend;
  /** Absent if no lag grows. */
  laggingGroups?: readonly LaggingGroup[];
}

/** A shorter lag can come from batching. */
const leastLagSeconds = 60;
const mostLagging = 3;

/** @returns the trends of a cluster, computed once a minute, because its readings are stored by minute */
export function createTrends(readings: Pick<ReadingsReader, 'of'>): (cluster: string, nowMs: number) => ClusterTrends {
  const made = new Map<string, { minute: number; trends: ClusterTrends }>();
  return (cluster, nowMs) => {
    const minute = Math.floor(nowMs / slotMs);
    const known = made.get(cluster);
    if (known?.minute === minute) return known.trends;
    const trends = trendsOf(readings, cluster, nowMs);
    made.set(cluster, { minute, trends });
    return trends;
  };
}

function trendsOf(readings: Pick<ReadingsReader, 'of'>, cluster: string, nowMs: number): ClusterTrends {
  const kept = readings.of(cluster);
  if (kept === undefined) return {};
  const rates = kept.points({ of: 'cluster', name: '', figure: 'produceTps' }, '6h', nowMs, mostMinutes);
  const trend = trendIn(rates, nowMs);
  const lagging = kept.names('group').flatMap((group): LaggingGroup[] => {
    const points = (minutes: number) =>
      kept.points({ of: 'group', name: group, figure: 'lagSeconds' }, '6h', nowMs, minutes);
    const lagSeconds = points(2).at(-1)?.mean ?? 0;
    if (lagSeconds < leastLagSeconds) return [];
    const growth = trendIn(points(mostMinutes), nowMs)?.perSecond ?? 0;
    if (growth <= 0) return [];
    const sinceMs = lastCaughtUp(kept.points({ of: 'group', name: group, figure: 'lagSeconds' }, '6h', nowMs));
    if (sinceMs === undefined) return [{ group, lagSeconds, lagSecondsPerMinute: growth * 60 }];
    // Minutes before the lag began do not count for its growth.
    const minutes = Math.max(1, (nowMs - sinceMs) / slotMs);
    return [{ group, lagSeconds, lagSecondsPerMinute: lagSeconds / minutes, since: new Date(sinceMs).toISOString() }];
  });
  const worst = lagging.toSorted((one, other) => other.lagSeconds - one.lagSeconds).slice(0, mostLagging);
  return {
    ...(trend && { trend: { tpsPerSecond: trend.perSecond, overSeconds: trend.overSeconds } }),
    ...(worst.length > 0 && { laggingGroups: worst }),
  };
}

/** @returns the last minute in which the group had no lag */
const lastCaughtUp = (points: readonly Point[]): number | undefined =>
  points.findLast(({ mean }) => mean < leastLagSeconds)?.atMs;

/** @returns undefined if less than ten minutes without a gap are known, or the values neither rise nor fall */
export function trendIn(
  points: readonly Point[],
  nowMs: number,
): { perSecond: number; overSeconds: number } | undefined {
  const values = withoutGap(points, nowMs).map(({ mean }) => mean);
  if (values.length < fewestMinutes) return undefined;
  const trend = trendOf(values);
  const last = values.at(-1) ?? 0;
  if (trend === undefined || trend.probability > mostProbability) return undefined;
  if (Math.abs(trend.slope) * values.length < leastChange * last) return undefined;
  const seconds = slotMs / 1000;
  return { perSecond: trend.slope / seconds, overSeconds: values.length * seconds };
}

/** Returns the latest minutes without a gap; the current minute is excluded, because it is incomplete. */
function withoutGap(points: readonly Point[], nowMs: number): readonly Point[] {
  const past = points.filter(({ atMs }) => atMs + slotMs <= nowMs);
  const last = past.at(-1);
  if (last === undefined || nowMs - last.atMs > 3 * slotMs) return [];
  const gap = past.findLastIndex(({ atMs }, index) => index > 0 && atMs - (past[index - 1]?.atMs ?? 0) > slotMs);
  return past.slice(Math.max(0, gap));
}
