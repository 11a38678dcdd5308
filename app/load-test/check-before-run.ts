// Runs every check of a load test before it sends, with one inspector that is closed afterwards.

import { driverOf } from '../../brokers/registry.ts';
import type { ClusterCheckReport } from '../../core/documents/cluster-check-report.ts';
import { settingsOnce } from '../observe/read-once.ts';
import { prepareLoad, type PrepareParts } from './prepare-load.ts';
import { clusterCheckReport } from '../../ops/cluster-check/report.ts';
import { readRules } from '../../ops/cluster-check/rules.ts';
import { lookAtCluster, type LookParts } from '../cluster-check/look.ts';

/** @returns no cluster check for a resumed run, whose bundle contains it. @throws AppError of `prepareLoad` */
export async function checkBeforeRun(
  parts: Omit<PrepareParts, 'lookup'>,
  { isResumed }: { isResumed: boolean },
  io: { signal: AbortSignal },
) {
  const { plan, config, cluster, inspector, probes, clock, onNotice: tell } = parts;
  const { name } = plan.cluster;
  await using opened = await driverOf(cluster).lookUp(name, cluster, io);
  const lookup = settingsOnce(opened);
  const { snapshot, machines, ...prepared } = await prepareLoad({ ...parts, lookup }, io);
  const { hosts } = config;
  const known = { inspector, lookup, ...(snapshot && { snapshot }), machines };
  const check = { name, config: cluster, ...known, hosts, probes, clock, tell };
  const preflight = isResumed ? undefined : await clusterCheckStamp(check, io);
  return { ...prepared, ...(preflight && { preflight }) };
}

/** Longest delay of a run by the check; it then continues without it. */
const patienceSeconds = 30;
/** Limits the size of run.json at about 1 kB each. The counts include all. */
const mostFindings = 200;

/** @returns undefined if the cluster could not be read in time, which does not affect the run */
export async function clusterCheckStamp(
  { clock, tell, ...parts }: Omit<LookParts, 'mustNotLose'> & { tell(text: string): void },
  { signal }: { signal: AbortSignal },
): Promise<ClusterCheckReport | undefined> {
  const io = { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceSeconds * 1000)]) };
  try {
    const { checked, notices } = await lookAtCluster({ ...parts, clock, mustNotLose: false }, io);
    if (checked.snapshot === undefined) return undefined;
    const report = clusterCheckReport({ checked, rules: readRules(), waivers: [], now: clock.now(), notices });
    const { critical, warning } = report.counts;
    if (critical + warning > 0) {
      tell(
        `cluster check: ${critical} critical, ${warning} warnings; \`plimsoll cluster check --cluster ${parts.name}\` shows them`,
      );
    }
    return { ...report, findings: report.findings.slice(0, mostFindings) };
  } catch (cause) {
    signal.throwIfAborted();
    if (!io.signal.aborted) throw cause;
    tell(`cluster check: no result within ${patienceSeconds} s; the run continues without it`);
    return undefined;
  }
}
