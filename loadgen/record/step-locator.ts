// Assigns journal intervals to the step and attempt that contain the interval's middle.

import { defined } from '../../core/defined.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';

export interface StepOfRun {
  /** Counted from 0. */
  index: number;
  startSeconds: number;
  /** Infinity until the end is recorded. */
  endSeconds: number;
  targetTps?: number;
  lanes?: number;
}

export type IntervalLine = Extract<JournalLine, { kind: 'produced' | 'consumed' }>;

export type StepLocator = ReturnType<typeof createStepLocator>;

/** Reports are at most a second or two late, so older steps receive none. */
const keptSteps = 8;

export function createStepLocator() {
  const steps: StepOfRun[] = [];
  /** Attempt of the run, counted from 1: a resumed run repeats its open step. */
  let attempt = 1;
  let begun = 0;
  const stepAt = (moment: number) =>
    steps.findLast(({ startSeconds, endSeconds }) => startSeconds <= moment && moment < endSeconds);
  return {
    add(line: JournalLine): void {
      if (line.kind === 'resumed') {
        ({ attempt } = line);
        if (steps.at(-1)?.endSeconds === Infinity) begun = steps.pop()?.index ?? 0;
      }
      if (line.kind === 'step-ended') {
        const step = steps.find(({ index }) => index === line.step);
        if (step !== undefined) step.endSeconds = line.elapsedSeconds;
      }
      if (line.kind !== 'step-started') return;
      const { step: index, elapsedSeconds: startSeconds, targetTps, lanes } = line;
      steps.push(defined({ index, startSeconds, endSeconds: Infinity, targetTps, lanes }));
      begun = index + 1;
      if (steps.length > keptSteps) steps.shift();
    },
    attempt: (): number => attempt,
    /** Count of steps that have begun, without those dropped with their attempt. */
    begun: (): number => begun,
    /** @returns the step at a moment; undefined in the warm-up, between trials and after the last step */
    stepAt,
    /** @returns the step that contains the middle of an interval */
    stepOf: ({ elapsedSeconds, intervalSeconds }: Pick<IntervalLine, 'elapsedSeconds' | 'intervalSeconds'>) =>
      stepAt(elapsedSeconds - intervalSeconds / 2),
  };
}
