// Builds the judge of limits that a search calls after each trial, from the plan of the run and the policy.

import { createLimitJudge } from '../../analyzer/verdict/limits/trial-limit.ts';
import type { ConfiguredLimits } from '../../core/documents/evidence/configured-limits.ts';
import type { LimitJudge } from '../../core/limit-judge.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';

/** @returns undefined for a run that is no search: the analysis judges its steps */
export function limitJudgeOf(
  { id, cluster, search, messageBytes }: RunPlan,
  policy: Policy,
  configuredLimits?: ConfiguredLimits,
): LimitJudge | undefined {
  if (search === undefined) return undefined;
  return createLimitJudge(
    {
      id,
      cluster: cluster.name,
      broker: cluster.broker,
      workload: { messageBytes: Math.round(messageBytes) },
      ...(configuredLimits && { configuredLimits }),
    },
    policy,
  );
}
