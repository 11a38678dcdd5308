// Builds the progress report of one second of a run.

import type { BusyResource } from '../record/busiest-resource.ts';
import type { RunPlan } from '../plan/plan.ts';
import type { RunClock } from './run-clock.ts';
import type { RunProgress } from '../record/progress.ts';
import type { RunProgressSum } from '../record/run-progress-sum.ts';

/** The step is that of the middle of the second that is over. */
const halfSecond = 0.5;

export function progressSecond(
  {
    plan,
    sum,
    fromSeconds,
    isResumed,
    busiest,
  }: { plan: RunPlan; sum: RunProgressSum; fromSeconds: number; isResumed: boolean; busiest: BusyResource | undefined },
  clock: RunClock,
): Extract<RunProgress, { kind: 'second' }> {
  const elapsedSeconds = clock.elapsed();
  const step = sum.stepAt(Math.max(0, elapsedSeconds - halfSecond));
  const isSearch = plan.search !== undefined;
  const asked = step?.asked ?? plan.steps[0] ?? {};
  const left = fromSeconds + plan.durationSeconds - elapsedSeconds;
  return {
    kind: 'second',
    elapsedSeconds,
    ...(step !== undefined && { step: step.index + 1 }),
    ...(!isSearch && { steps: plan.steps.length }),
    ...(!isSearch && !isResumed && { leftSeconds: Math.max(0, left) }),
    interval: sum.takeInterval(asked),
    ...(plan.groups.length > 0 && { lagMessages: sum.lagMessages() }),
    ...(busiest && { busiest }),
  };
}
