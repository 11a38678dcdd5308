// What can the consumer groups of a cluster take, and what has each taken?

import type { GroupCapacity } from '../../core/analysis.ts';
import type { LoadTestRun } from '../load-test-run.ts';
import type { Policy } from '../policy/policy.ts';
import type { SourceTelemetry } from '../sources/source-telemetry.ts';
import { groupCapacity } from './group-capacity.ts';
import { loadTestGroups, productionGroups } from './group-histories.ts';
import { groupCeilings, type GroupCeiling } from './group-limit.ts';

export interface Groups {
  capacities: GroupCapacity[];
  ceilings: readonly GroupCeiling[];
}

export function groupsOf(telemetry: Pick<SourceTelemetry, 'lag' | 'commits' | 'traffic'>, policy: Policy): Groups {
  const histories = productionGroups(telemetry);
  const capacities = histories.map((history) => groupCapacity(history, policy.fit.confidence.value));
  const seconds = telemetry.traffic.reduce((sum, { from, to }) => sum + to - from, 0);
  const messages = telemetry.traffic.reduce(
    (sum, { from, to, messagesPerSecond }) => sum + (to - from) * messagesPerSecond,
    0,
  );
  return { capacities, ceilings: groupCeilings(capacities, histories, messages / seconds) };
}

/** @returns what each group of a load test showed; nothing where none consumed */
export function loadTestCapacities(run: LoadTestRun, policy: Policy): GroupCapacity[] {
  return loadTestGroups(run).map((history) => groupCapacity(history, policy.fit.confidence.value));
}
