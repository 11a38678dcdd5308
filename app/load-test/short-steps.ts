// States before a load test whether its steps are too short for a verdict.

import { leastStepSeconds, type Policy } from '../../core/policy/policy.ts';
import { durationText, exactDurationText } from '../../core/text/duration-text.ts';
import { answerSecondsOf } from '../../loadgen/execute/answer-timeout.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';

/** @returns an empty list if no step has a rate, or if one is long enough for a verdict and all are for the transactions */
export function shortStepTexts({ steps, workload }: Pick<RunPlan, 'steps' | 'workload'>, policy: Policy): string[] {
  const sending = steps.filter(({ targetTps = 0 }) => targetTps > 0).map(({ durationSeconds }) => durationSeconds);
  if (sending.length === 0) return [];
  const [shortest, longest] = [Math.min(...sending), Math.max(...sending)];
  const least = leastStepSeconds(policy);
  if (longest < least) {
    const enough = exactDurationText(least);
    return [`steps of ${exactDurationText(longest)} are too short for a verdict: give ${enough} or more`];
  }
  const { leftToCheck = 0, duration = 0 } = workload.transactions ?? {};
  const late = leftToCheck > 0 ? answerSecondsOf(workload) : duration;
  const open = leftToCheck > 0 ? leftToCheck * late : duration;
  const enough = Math.ceil(open / (1 - policy.step.achievedShare.value));
  if (shortest >= enough) return [];
  return [
    `steps of ${exactDurationText(shortest)} are too short for these transactions: sends are acknowledged up to ${durationText(late)} later, so the verdict may name a limit that does not exist; give ${exactDurationText(enough)} or more`,
  ];
}
