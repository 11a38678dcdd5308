// Reports facts about a planned cluster that its numbers do not show.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { ClusterPlan } from '../../../core/documents/cluster-plan.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { hasFailover, type ClusterRequest } from './request.ts';
import type { Surroundings, Trial } from './trial.ts';

export function planFindings(
  { domains, zones }: ClusterRequest,
  built: Trial,
  promise: ClusterPlan['promise'],
  surroundings: Surroundings,
): Finding[] {
  const { build, capacity, masters } = built;
  const findings: Finding[] = [...capacity.warnings];
  const { copies, memory } = traitsOf(build.broker);
  const { residentShare } = memory;
  const hasGroups = copies === 'own-group';
  if (residentShare !== undefined && build.replicas > 1) {
    findings.push(slavesServeNoTail(built, surroundings, residentShare));
  }
  if (hasGroups && hasFailover(build)) findings.push(underElection(built, promise));
  if (hasGroups && masters === 1) findings.push(findingOf('one-group', { hasFailover: hasFailover(build) }));
  const global = domains.find(({ demand }) => demand.order === 'global');
  if (global !== undefined) findings.push(findingOf('global-order', { domain: global.name }));
  if (zones === 2) findings.push(findingOf('two-zones', {}));
  const [afterLossTps, peakTps] = [promise.afterLossTps.mid, promise.peakTps.mid];
  if (afterLossTps < peakTps) findings.push(findingOf('least-regret-below-peak', { afterLossTps, peakTps }));
  return findings;
}

/** A master serves recent messages itself and redirects consumers to its slave only if their lag exceeds its memory estimate. */
function slavesServeNoTail(
  { load, masters, clusters, shape }: Trial,
  { samples }: Surroundings,
  residentShare: number,
): Finding {
  const written = (load.rate['disk-io'].base[samples.count] as number) / clusters / masters;
  return findingOf('slaves-serve-no-tail', { seconds: (residentShare * shape.memoryBytes) / written, residentShare });
}

function underElection({ masters }: Trial, promise: ClusterPlan['promise']): Finding {
  const mostTps = masters < 2 ? 0 : (promise.saturationTps * (masters - 1)) / masters;
  return findingOf('while-a-leader-is-elected', { masters, mostTps });
}
