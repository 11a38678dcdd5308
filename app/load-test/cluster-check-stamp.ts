// Runs the cluster check that a load test records in its run.json.

import type { ClusterCheckReport } from '../../core/documents/cluster-check-report.ts';
import { clusterCheckReport } from '../../ops/cluster-check/report.ts';
import { readRules } from '../../ops/cluster-check/rules.ts';
import { lookAtCluster, type LookParts } from '../cluster-check/look.ts';

/** Maximum delay of a run; it then continues without the check. */
const patienceSeconds = 30;
/** About 1 kB each: run.json stays readable. The counts include all. */
const mostFindings = 200;

interface StampParts extends Omit<LookParts, 'mustNotLose'> {
  tell(text: string): void;
}

/** @returns undefined where the cluster could not be looked at in time: a run without it is as good as before */
export async function clusterCheckStamp(
  { clock, tell, ...parts }: StampParts,
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
