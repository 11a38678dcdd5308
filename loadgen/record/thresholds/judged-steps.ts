// Selects the steps in which thresholds must hold: every one or the last; of a search that of the last passed trial.

import type { StepSummary } from '../step-summary.ts';

/**
 * @param search of a search that ended: the step of the last trial that passed, counted from 0
 * @returns the summaries with the number each step has in the run, counted from 1
 */
export function judgedSteps(
  which: 'every' | 'last',
  steps: readonly StepSummary[],
  search: { passedStep?: number | undefined } | undefined,
): { step: number; summary: StepSummary }[] {
  // A step of rate 0 is a pause or a drain: nothing is due in it.
  const numbered = steps
    .map((summary, index) => ({ step: index + 1, summary }))
    .filter(({ summary }) => summary.targetTps !== 0);
  if (search !== undefined) return numbered.filter(({ step }) => step - 1 === search.passedStep);
  return which === 'last' ? numbered.slice(-1) : numbered;
}
