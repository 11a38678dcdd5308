// Runs the cluster check that a load test records in its run.json.

import type { ClusterConfig } from '../../brokers/config.ts';
import type { ClusterInspector } from '../../brokers/driver.ts';
import type { ClusterLookup } from '../../brokers/lookup.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Clock } from '../../core/clock.ts';
import type { ClusterCheckReport } from '../../core/documents/cluster-check-report.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import type { HostProbe } from '../../hosts/probe.ts';
import { clusterCheckReport } from '../../ops/cluster-check/report.ts';
import { readRules } from '../../ops/cluster-check/rules.ts';
import { lookAtCluster } from '../cluster-check/look.ts';

/** A run is not held up by it for longer, and goes on without. */
const patienceSeconds = 30;
/** About 1 kB each: run.json stays readable. The counts include all. */
const mostFindings = 200;

export interface StampParts {
  name: string;
  config: ClusterConfig;
  inspector: ClusterInspector;
  lookup: ClusterLookup;
  /** Where the cluster was read already. */
  snapshot?: ClusterSnapshot;
  hosts: HostsConfig;
  /** Of the machines watched during the run, by name. */
  probes: ReadonlyMap<string, HostProbe>;
  clock: Clock;
  tell(words: string): void;
}

/** @returns undefined where the cluster could not be looked at in time: a run without it is as good as before */
export async function preflightStamp(
  { clock, tell, ...parts }: StampParts,
  { signal }: { signal: AbortSignal },
): Promise<ClusterCheckReport | undefined> {
  const io = { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceSeconds * 1000)]) };
  try {
    const { sight, notices } = await lookAtCluster({ ...parts, clock, mustNotLose: false }, io);
    if (sight.snapshot === undefined) return undefined;
    const report = clusterCheckReport({ sight, rules: readRules(), waivers: [], now: clock.now(), notices });
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
