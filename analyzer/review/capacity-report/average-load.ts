// Computes the average load of the domains on a cluster over the retention time.

import { highestMean } from '../../../core/statistics/statistics.ts';
import type { GoCase } from './go-case.ts';
import { isPlannedForLess, peakOfDomain, plannedClusters, pointsKept } from './peaks.ts';
import type { ReportInputs } from './report-inputs.ts';

interface StoredDomain {
  name: string;
  /** Disk space of one of its messages over that of a tested message. */
  diskShare: number;
}

/** @returns `averageTps`: sum over domains with a known average, in messages of the tested size and retention */
export function averageLoad(
  domains: readonly StoredDomain[],
  retentionSeconds: number,
  inputs: ReportInputs,
): Pick<GoCase, 'averageTps' | 'withoutAverage'> {
  const averages = domains.map(({ name }) => averageOf(name, retentionSeconds, inputs));
  const known = domains.flatMap(({ diskShare }, index) => {
    const tps = averages[index];
    return tps === undefined ? [] : [diskShare * tps];
  });
  return {
    ...(known.length > 0 && { averageTps: known.reduce((sum, tps) => sum + tps, 0) }),
    withoutAverage: domains.filter((_, index) => averages[index] === undefined).map(({ name }) => name),
  };
}

/** From a plan for the peak; otherwise from the busiest window of the forecast, whose points are maxima of their steps. */
function averageOf(domain: string, retentionSeconds: number, inputs: ReportInputs): number | undefined {
  const clusters = plannedClusters(domain, inputs.plan).map((each) => ({
    ...each,
    domains: each.domains.filter(({ name }) => name === domain),
  }));
  const shares = clusters.flatMap(({ domains }) => domains);
  const keptSeconds = Math.max(retentionSeconds, ...shares.map((share) => share.retentionSeconds));
  // A longer retention than the verdict assumes takes as much disk as a higher average.
  const longer = keptSeconds / retentionSeconds;
  const forecast = inputs.forecasts.find((each) => each.domain === domain)?.forecast;
  const kept = forecast === undefined ? [] : pointsKept(forecast, keptSeconds, inputs);
  // Messages of an earlier, larger promotion may still be stored.
  const highs = kept.map(({ value, high = value }) => high);
  const mostTps = Math.max(peakOfDomain(domain, inputs)?.high ?? Infinity, ...highs);
  const statedTps = shares.reduce((sum, { averageTps }) => sum + averageTps, 0);
  const planned = longer * Math.min(statedTps, mostTps);
  if (shares.length > 0 && !isPlannedForLess(clusters, inputs)) return planned;
  const stepMs = forecast?.span?.stepMs;
  const values = kept.map(({ value }) => value);
  if (stepMs === undefined || values.length === 0) return shares.length > 0 ? planned : undefined;
  const steps = Math.max(1, Math.round((1000 * keptSeconds) / stepMs));
  return Math.max(planned, longer * highestMean(values, steps));
}
