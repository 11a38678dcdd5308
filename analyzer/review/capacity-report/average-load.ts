// Computes the average load of the domains on a cluster over the time that messages are kept.

import type { ClusterPlan } from '../../../core/documents/cluster-plan.ts';
import { isPlannedForLess, plannedClusters } from './peaks.ts';
import type { ReportInputs } from './report-inputs.ts';

interface AverageLoad {
  /** Of all domains whose average is known. */
  averageTps?: number;
  withoutAverage: string[];
}

export function averageLoad(domains: readonly string[], retentionSeconds: number, inputs: ReportInputs): AverageLoad {
  const averages = domains.map((domain) => averageOf(domain, retentionSeconds, inputs));
  const known = averages.filter((tps) => tps !== undefined);
  return {
    ...(known.length > 0 && { averageTps: known.reduce((sum, tps) => sum + tps, 0) }),
    withoutAverage: domains.filter((_, index) => averages[index] === undefined),
  };
}

/** Of a plan for the peak; else of the busiest window of the forecast, whose points are the maxima of their steps. */
function averageOf(domain: string, retentionSeconds: number, inputs: ReportInputs): number | undefined {
  const clusters = plannedClusters(domain, inputs.plan).map((each) => ({
    ...each,
    domains: each.domains.filter(({ name }) => name === domain),
  }));
  const shares = clusters.flatMap(({ domains }) => domains);
  const planned = shares.reduce((sum, share) => sum + plannedAverage(share, retentionSeconds), 0);
  if (shares.length > 0 && !isPlannedForLess(clusters, inputs)) return planned;
  const { span, points = [] } = inputs.forecasts.find((each) => each.domain === domain)?.forecast ?? {};
  if (span?.stepMs === undefined || points.length === 0) return shares.length > 0 ? planned : undefined;
  const steps = Math.max(1, Math.round((1000 * retentionSeconds) / span.stepMs));
  const values = points.map(({ value }) => value);
  return Math.max(planned, highestMean(values, Math.min(steps, points.length)));
}

/** A plan averages over its own retention. In a shorter one, the promotion is a larger part. */
function plannedAverage(
  { averageTps, usualTps, promotionDayTps, retentionSeconds: plannedSeconds }: ClusterPlan['domains'][number],
  retentionSeconds: number,
): number {
  if (plannedSeconds <= retentionSeconds) return averageTps;
  const shorter = usualTps + ((averageTps - usualTps) * plannedSeconds) / retentionSeconds;
  return Math.max(averageTps, Math.min(promotionDayTps, shorter));
}

/** @param width of the window, at most the number of values */
function highestMean(values: readonly number[], width: number): number {
  let sum = values.slice(0, width).reduce((total, value) => total + value, 0);
  let highest = sum;
  for (const [index, value] of values.slice(width).entries()) {
    sum += value - (values[index] ?? 0);
    highest = Math.max(highest, sum);
  }
  return highest / width;
}
