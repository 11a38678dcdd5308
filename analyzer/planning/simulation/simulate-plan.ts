// Simulates a plan's clusters, one day per scenario, and compares the results with the plan.

import type { ClusterPlan } from '../../../core/documents/cluster-plan.ts';
import type { SizingPolicy } from '../sizing/sizing-policy.ts';
import { dayVerdict } from './day-verdict.ts';
import type { ScenarioName } from '../../../core/documents/simulation.ts';
import { disturbancesOf, type ScenarioTimes } from './outage.ts';
import { plannedCluster, type SimulationChoices } from './planned-cluster.ts';
import { simulateDay } from './simulate-day.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

export type ScenarioDay = ReturnType<typeof simulateScenario>;

interface DayRequest {
  scenario: ScenarioName;
  choices: SimulationChoices;
  timesOf(load: { curve: Float64Array; machines: number }): ScenarioTimes;
}

/** @returns `promise`: promises to compare the day with @throws AppError usage for a scenario that the cluster does not have */
export function simulateScenario(plan: ClusterPlan, policy: SizingPolicy, request: DayRequest) {
  const { scenario, choices } = request;
  const cluster = plannedCluster(plan, policy, choices);
  const times = request.timesOf({ curve: loadOfDay(cluster, scenario), machines: cluster.machines.length });
  const disturbances = disturbancesOf(scenario, cluster, times);
  const day = simulateDay(cluster, disturbances);
  const leaders = new Set(cluster.sets.map(({ copies }) => copies[0]));
  // Leaders that fail together are elected together.
  const elections = new Set(disturbances.outages.filter(({ machine }) => leaders.has(machine)).map(({ from }) => from))
    .size;
  const verdict = dayVerdict(plan, scenario, cluster, day, elections);
  return { promise: plan.promise, cluster, scenario, times, disturbances, day, verdict };
}

/** A slow group needs a load that groups read. */
function loadOfDay({ streams }: SimulatedCluster, scenario: ScenarioName): Float64Array {
  const load = new Float64Array(streams[0]?.rates.length ?? 0);
  for (const { rates } of streams.filter(({ groups }) => scenario !== 'slow-group' || groups.length > 0))
    for (const [minute, rate] of rates.entries()) load[minute] = (load[minute] ?? 0) + rate;
  return load;
}
