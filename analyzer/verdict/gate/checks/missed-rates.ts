// Finds steps that missed a rate although a higher one was sustained, and whether the cluster achieved less from then on.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { StepVerdict } from '../../../../core/documents/analysis.ts';
import { consumedTps, highestSustained } from '../../limits/ceilings.ts';
import { targetTpsOf } from '../../steps/measured-step.ts';
import type { JudgedStep } from '../../steps/step-verdict.ts';
import { warned, weakened, type Check, type GateContext } from '../check.ts';

/**
 * A disturbance ends, and a later step sustains the rate. Burst credits of a disk or card, and free page cache, do not
 * come back at the same load, so without such a step the earlier ones are no evidence.
 */
export const missedRates: Check = (context) => {
  const highest = highestSustained(context.steps);
  if (highest === undefined) return [];
  const factsOf = (missed: readonly JudgedStep[]) => ({
    failed: missed.map(({ step }) => ({ targetTps: targetTpsOf(step), tps: step.tps })),
    sustainedTps: highest.step.tps,
  });
  const lasting = context.steps.filter((each) => doubtedBy(each, context).length > 0);
  const passing = context.steps.filter(
    (each) => !lasting.includes(each) && didNotHold(each.verdict) && targetTpsOf(each.step) < targetTpsOf(highest.step),
  );
  const doubted = lasting.flatMap((each) => doubtedBy(each, context));
  return [
    ...(lasting.length > 0
      ? [weakened(doubted, findingOf('not-monotonic', { ...factsOf(lasting), isLasting: true }))]
      : []),
    ...(passing.length > 0 ? [warned(findingOf('not-monotonic', factsOf(passing)))] : []),
  ];
};

/** @returns the earlier steps that sustained this rate, if later ones did not, and this one achieved clearly less */
function doubtedBy(missed: JudgedStep, { run, steps, policy }: GateContext): JudgedStep[] {
  // Files without times are in the order in which they were named.
  if (missed.verdict.kind !== 'saturated' || missed.isHeld || run.document.sources !== undefined) return [];
  const sustained = steps.filter(
    ({ verdict, step }) => verdict.kind === 'sustained' && targetTpsOf(step) >= targetTpsOf(missed.step),
  );
  const isEarlier = ({ step }: JudgedStep) => step.recorded.from < missed.step.recorded.from;
  const highestTps = Math.max(0, ...sustained.map(({ step }) => step.tps));
  // Near its limit, a cluster sustains a rate in one step and misses it by little in the next.
  const isClear = consumedTps(missed) < policy.cause.ceilingShare.value * highestTps;
  return isClear && sustained.every(isEarlier) ? sustained : [];
}

/** A step that was too short, or invalid for another reason, does not show whether the rate was sustainable. */
function didNotHold(verdict: StepVerdict): boolean {
  if (verdict.kind === 'invalid') return verdict.reason === 'unstable' || verdict.reason === 'errors';
  return verdict.kind === 'saturated';
}
