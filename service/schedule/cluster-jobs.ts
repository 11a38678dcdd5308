// Lists the scheduled jobs of one cluster.

import type { ObservedCluster } from '../clusters/observed-cluster.ts';
import type { SourceLoad } from '../clusters/source-load.ts';
import { analysisJob, costCheckJob, forecastJob, isForecastable, loadJob, readingJob } from './jobs.ts';
import type { Job } from './schedule.ts';

export function jobsOf(
  observed: ObservedCluster,
  loads: ReadonlyMap<string, SourceLoad>,
  parts: Parameters<typeof analysisJob>[1],
): Job[] {
  const { served } = observed;
  const { source } = served;
  const load = loads.get(served.name);
  return [
    readingJob(observed, parts),
    ...(load === undefined ? [] : [loadJob(served.name, load)]),
    ...(source === undefined ? [] : productionJobs({ ...served, source }, parts)),
    ...(isForecastable(served) ? [forecastJob(served, parts)] : []),
  ];
}

function productionJobs(...[served, parts]: Parameters<typeof analysisJob>): Job[] {
  const analysis = analysisJob(served, parts);
  return [analysis, costCheckJob(served, analysis, parts)];
}
