// Finds steps that missed a rate although a higher one was sustained, and whether the cluster achieved less from then on.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { StepVerdict } from '../../../../core/documents/analysis.ts';
import { quantile } from '../../../../core/statistics/statistics.ts';
import { consumedTps, highestSustained } from '../../limits/ceilings.ts';
import { targetTpsOf } from '../../steps/measured-step.ts';
import type { JudgedStep } from '../../steps/step-verdict.ts';
import { warned, weakened, type Check, type GateContext } from '../check.ts';

/**
 * A disturbance ends: in the step, or a later step sustains the rate. Burst credits of a disk or card, and free page
 * cache, do not come back at the same load, so otherwise the earlier steps are no evidence.
 */
export const missedRates: Check = (context) => {
  const highest = highestSustained(context.steps);
  if (highest === undefined) return [];
  const factsOf = (missed: readonly JudgedStep[]) => ({
    failed: missed.map(({ step }) => ({ targetTps: targetTpsOf(step), tps: step.tps })),
    sustainedTps: highest.step.tps,
  });
  const doubts = new Map(context.steps.map((each) => [each, doubtedBy(each, context)]));
  const lasting = context.steps.filter((each) => doubts.get(each)?.length);
  const passing = context.steps.filter(
    (each) => !lasting.includes(each) && didNotHold(each.verdict) && targetTpsOf(each.step) < targetTpsOf(highest.step),
  );
  return [
    ...(lasting.length > 0
      ? [weakened([...doubts.values()].flat(), findingOf('not-monotonic', { ...factsOf(lasting), isLasting: true }))]
      : []),
    ...(passing.length > 0 ? [warned(findingOf('not-monotonic', factsOf(passing)))] : []),
  ];
};

/** @returns the earlier steps that sustained this rate, if later ones did not, and this one achieved clearly less */
function doubtedBy(missed: JudgedStep, { run, steps, policy }: GateContext): JudgedStep[] {
  const { verdict, step, isHeld, laggingGroups } = missed;
  // Files without times are in the order in which they were named.
  if (verdict.kind !== 'saturated' || isHeld || run.document.sources !== undefined) return [];
  // The soaks of a search bound its result: they usually fail at a rate that a short trial sustained, and then pass below.
  if (run.certificate?.search === 'find-safe' && run.certificate.lowerBound !== undefined) return [];
  const targetTps = targetTpsOf(step);
  const sustained = steps.filter((each) => each.verdict.kind === 'sustained' && targetTpsOf(each.step) >= targetTps);
  const highestTps = Math.max(0, ...sustained.map((each) => each.step.tps));
  // Near its limit, a cluster sustains a rate in one step and misses it by little in the next.
  const isClear = consumedTps(missed) < policy.cause.ceilingShare.value * highestTps;
  const atEnd = step.rates.slice(Math.floor(step.rates.length / 2));
  const achieves = (share: number, least: number) => quantile(atEnd, 1 - share) >= least * targetTps;
  // A disk or card without credits, and producers that wait for dirty pages, stop and go.
  const isSteady = achieves(0.75, policy.cause.ceilingShare.value);
  const isOver = laggingGroups.length === 0 && isSteady && achieves(0.5, policy.step.achievedShare.value);
  const isEarlier = (each: JudgedStep) => each.step.recorded.from < step.recorded.from;
  return isClear && !isOver && sustained.every(isEarlier) ? sustained : [];
}

/** A step that was too short, or invalid for another reason, does not show whether the rate was sustainable. */
function didNotHold(verdict: StepVerdict): boolean {
  if (verdict.kind === 'invalid') return verdict.reason === 'unstable' || verdict.reason === 'errors';
  return verdict.kind === 'saturated';
}
