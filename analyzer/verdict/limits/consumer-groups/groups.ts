// Computes the capacity of each consumer group of a load test or of production.

import type { GroupCapacity } from '../../../../core/documents/analysis.ts';
import type { LoadTestRun } from '../../../evidence/load-test-run.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import type { SourceTelemetry } from '../../../evidence/sources/source-telemetry.ts';
import { groupCapacity } from './capacity.ts';
import type { GroupHistory } from './episodes.ts';
import { loadTestGroups, productionGroups } from './histories.ts';
import { groupCeilings, withShares, type GroupCeiling } from './ceiling.ts';

export interface Groups {
  capacities: GroupCapacity[];
  ceilings: readonly GroupCeiling[];
}

export function groupsOf(telemetry: Pick<SourceTelemetry, 'lag' | 'commits' | 'traffic'>, policy: Policy): Groups {
  const seconds = telemetry.traffic.reduce((sum, { from, to }) => sum + to - from, 0);
  const messages = telemetry.traffic.reduce(
    (sum, { from, to, messagesPerSecond }) => sum + (to - from) * messagesPerSecond,
    0,
  );
  return groupsIn(productionGroups(telemetry), messages / seconds, policy);
}

/**
 * Only for a run in which consumers were paused and caught up: elsewhere a group has lag because the cluster was
 * saturated, and its rate is then the limit of the cluster and not its own.
 */
export function loadTestGroupsOf(run: LoadTestRun, policy: Policy): Groups {
  if (!run.steps.some(({ hasBacklog }) => hasBacklog)) return { capacities: [], ceilings: [] };
  const histories = loadTestGroups(run);
  const acknowledged = run.produced.reduce((sum, line) => sum + line.acknowledged, 0);
  const seconds = Math.max(0, ...histories.flatMap(({ commits }) => commits.at(-1)?.to ?? []));
  return groupsIn(histories, acknowledged / seconds, policy);
}

function groupsIn(histories: readonly GroupHistory[], produced: number, policy: Policy): Groups {
  const all = histories.map((history) => groupCapacity(history, policy.fit.confidence.value));
  const capacities = withShares(all, histories, produced);
  return { capacities, ceilings: groupCeilings(capacities) };
}
