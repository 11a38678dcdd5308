// Computes from recorded readings how fast the rate of a cluster rises or falls, and which groups fall behind.

import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import { trendOf } from '../../core/statistics/trend.ts';
import { readingsLevels } from '../../core/readings-range.ts';
import type { ReadingsReader } from './readings-reader.ts';
import type { Point } from './ring.ts';

export type RateTrend = Omit<NonNullable<ClusterStatus['trend']>, 'secondsToLimit'>;

const { slotMs } = readingsLevels['6h'];
/** Long enough to be no burst, short enough to be now. */
const mostMinutes = 30;
const fewestMinutes = 10;
/** Neighbouring minutes are alike: a trend of chance is more frequent than its probability says. */
const mostProbability = 0.01;
/** Of the last value; a smaller change over the whole time does not matter. */
const leastChange = 0.05;

type LaggingGroup = NonNullable<ClusterStatus['laggingGroups']>[number];

export interface ClusterTrends {
  /** Of the produced rate; absent where it neither rises nor falls. */
  trend?: RateTrend;
  /** Absent where no lag grows. */
  laggingGroups?: readonly LaggingGroup[];
}

/** A shorter lag is that of a batch. */
const leastLagSeconds = 60;
const mostLagging = 3;

/** @returns the trends of a cluster, computed once a minute, as its readings are kept by minutes */
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
    // The minutes before are no part of its growth.
    const minutes = Math.max(1, (nowMs - sinceMs) / slotMs);
    return [{ group, lagSeconds, lagSecondsPerMinute: lagSeconds / minutes, since: new Date(sinceMs).toISOString() }];
  });
  const worst = lagging.toSorted((one, other) => other.lagSeconds - one.lagSeconds).slice(0, mostLagging);
  return {
    ...(trend && { trend: { tpsPerSecond: trend.perSecond, overSeconds: trend.overSeconds } }),
    ...(worst.length > 0 && { laggingGroups: worst }),
  };
}

/** @returns the last minute in which the group was not behind */
const lastCaughtUp = (points: readonly Point[]): number | undefined =>
  points.findLast(({ mean }) => mean < leastLagSeconds)?.atMs;

/** @returns undefined where less than ten minutes are known without a gap, or the values neither rise nor fall */
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

/** The last minutes up to now, back to the first that is missing; the minute of now is not over. */
function withoutGap(points: readonly Point[], nowMs: number): readonly Point[] {
  const past = points.filter(({ atMs }) => atMs + slotMs <= nowMs);
  const last = past.at(-1);
  if (last === undefined || nowMs - last.atMs > 3 * slotMs) return [];
  const gap = past.findLastIndex(({ atMs }, index) => index > 0 && atMs - (past[index - 1]?.atMs ?? 0) > slotMs);
  return past.slice(Math.max(0, gap));
}
