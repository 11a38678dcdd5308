// How far has the run come? Sorts what threads report into steps, and keeps the totals.

import type { JournalLine } from '../core/run-bundle.ts';
import type { BusyResource } from './busiest-resource.ts';
import type { RunPlan } from './plan.ts';
import type { RunProgress } from './progress.ts';
import { createStepSum, type StepSummary } from './step-summary.ts';

export interface RunProgressSum {
  add(line: JournalLine): void;
  setBusiest(busiest: BusyResource | undefined): void;
  progress(elapsedSeconds: number): RunProgress;
  /** @param index counted from 0 */
  step(index: number): StepSummary;
  /** Those that have begun. */
  steps(): StepSummary[];
  /** Acknowledged and not yet consumed, of the slowest group; 0 without groups. */
  lagMessages(): number;
}

export function createRunProgressSum({ warmUpSeconds, steps, topic: { groups } }: RunPlan): RunProgressSum {
  const starts = steps.map((_, index) =>
    steps.slice(0, index).reduce((start, { durationSeconds }) => start + durationSeconds, warmUpSeconds),
  );
  const end = (starts.at(-1) ?? 0) + (steps.at(-1)?.durationSeconds ?? 0);
  const sums = steps.map(({ targetTps }) => createStepSum(targetTps ?? 0));
  const consumed = new Map(groups.map((group) => [group, 0]));
  let acknowledged = 0;
  let begun = 0;
  let busiest: BusyResource | undefined;
  let interval = createStepSum(0);

  /** -1 in the warm-up; what is answered after the last step belongs to none. */
  const stepAt = (moment: number) => (moment >= end ? undefined : starts.findLastIndex((start) => start <= moment));
  const lagMessages = () => (consumed.size === 0 ? 0 : Math.max(0, acknowledged - Math.min(...consumed.values())));

  return {
    add(line) {
      if (line.kind !== 'produced' && line.kind !== 'consumed') return;
      if (line.kind === 'produced') acknowledged += line.acknowledged;
      else consumed.set(line.group, (consumed.get(line.group) ?? 0) + line.messages);
      const step = stepAt(line.elapsedSeconds - line.intervalSeconds / 2);
      interval.add(line);
      if (step === undefined || step < 0) return;
      begun = Math.max(begun, step + 1);
      sums[step]?.add(line);
    },
    setBusiest(given) {
      busiest = given ?? busiest;
    },
    progress(elapsedSeconds) {
      const step = stepAt(Math.min(Math.max(0, elapsedSeconds - 0.5), end - 1e-3)) ?? -1;
      const targetTps = (steps[step] ?? steps[0])?.targetTps ?? 0;
      const last = interval;
      interval = createStepSum(targetTps);
      return {
        kind: 'second',
        elapsedSeconds,
        ...(step >= 0 && { step: step + 1 }),
        steps: steps.length,
        interval: { ...last.summary(), targetTps },
        ...(groups.length > 0 && { lagMessages: lagMessages() }),
        ...(busiest && { busiest }),
      };
    },
    step: (index) => sums[index]?.summary() ?? createStepSum(0).summary(),
    steps: () => sums.slice(0, begun).map((sum) => sum.summary()),
    lagMessages,
  };
}
