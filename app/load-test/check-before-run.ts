// Makes every check of a load test before it sends, over one lookup of the cluster that is closed afterwards.

import { driverOf } from '../../brokers/registry.ts';
import type { ClusterCheckReport } from '../../core/documents/cluster-check-report.ts';
import { settingsOnce } from '../observe/read-once.ts';
import { clusterCheckStamp } from './cluster-check-stamp.ts';
import { prepareLoad, type PreparedLoad, type PrepareParts } from './prepare-load.ts';

interface CheckedRun extends Omit<PreparedLoad, 'snapshot' | 'machines'> {
  /** Absent for a resumed run, which has it from its bundle. */
  preflight?: ClusterCheckReport;
}

/** @throws AppError of `prepareLoad` */
export async function checkBeforeRun(
  parts: Omit<PrepareParts, 'lookup'>,
  { isResumed }: { isResumed: boolean },
  io: { signal: AbortSignal },
): Promise<CheckedRun> {
  const { plan, config, cluster, inspector, probes, clock, onNotice: tell } = parts;
  const { name } = plan.cluster;
  await using opened = await driverOf(cluster).lookUp(name, cluster, io);
  const lookup = settingsOnce(opened);
  const { snapshot, machines, ...prepared } = await prepareLoad({ ...parts, lookup }, io);
  if (isResumed) return prepared;
  const { hosts } = config;
  const known = { inspector, lookup, ...(snapshot && { snapshot }), machines };
  const preflight = await clusterCheckStamp({ name, config: cluster, ...known, hosts, probes, clock, tell }, io);
  return { ...prepared, ...(preflight && { preflight }) };
}
