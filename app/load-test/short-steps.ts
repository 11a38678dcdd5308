// States before a load test whether its steps are too short for a verdict.

import { leastStepSeconds, type Policy } from '../../core/policy/policy.ts';
import { exactDurationText } from '../../core/text/duration-text.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';

/** @returns nothing where at least one step is long enough, or no step has a rate */
export function shortStepTexts({ steps }: Pick<RunPlan, 'steps'>, policy: Policy): string[] {
  const sending = steps.filter(({ targetTps = 0 }) => targetTps > 0);
  const longest = Math.max(...sending.map(({ durationSeconds }) => durationSeconds));
  const least = leastStepSeconds(policy);
  if (sending.length === 0 || longest >= least) return [];
  const enough = exactDurationText(least);
  return [`steps of ${exactDurationText(longest)} are too short for a verdict: give ${enough} or more`];
}
