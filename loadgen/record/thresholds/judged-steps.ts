// Selects the steps in which thresholds must hold: every one or the last; of a search the last passed trial.

import type { SearchCertificate } from '../../../core/documents/search-certificate.ts';
import type { StepSummary } from '../step-summary.ts';

/** @returns the summaries with the number each step has in the run, counted from 1 */
export function judgedSteps(
  which: 'every' | 'last',
  steps: readonly StepSummary[],
  certificate: SearchCertificate | undefined,
): { step: number; summary: StepSummary }[] {
  // A step of rate 0 is a pause or a drain: nothing is due in it.
  const numbered = steps
    .map((summary, index) => ({ step: index + 1, summary }))
    .filter(({ summary }) => summary.targetTps !== 0);
  if (certificate !== undefined) {
    const passed = certificate.trials.findLastIndex(({ outcome }) => outcome.kind === 'passed');
    return numbered.filter(({ step }) => step === passed + 1);
  }
  return which === 'last' ? numbered.slice(-1) : numbered;
}
