// Was the cluster driven into its limit, and how far was it driven at all? The highest steps that held and that did not.

import { atLeast, measuredCrossing } from './crossing.ts';
import type { DrivenLimit, Evidence } from './evidence.ts';
import { askedTps } from './measured-step.ts';
import type { ResourceUse } from './resource-use.ts';
import { mean, meanInterval } from './statistics.ts';
import type { JudgedStep } from './step-verdict.ts';

/**
 * A saturated step below one that was sustained was a passing trouble, not the limit. One above it may carry less than was sustained,
 * as retries and lost batches take their part: the limit is not below what was sustained.
 * Where consumers took less than was produced, what they took is what the cluster carries: producing more only piles up. Groups
 * share what is full, and one may get more of it by chance, so it is the mean over groups that could have gone on.
 */
export function drivenLimit({
  steps,
  resources,
  policy,
}: Pick<Evidence, 'steps' | 'policy'> & { resources: readonly ResourceUse[] }): DrivenLimit | undefined {
  const highest = highestSustained(steps);
  let best: DrivenLimit | undefined;
  for (const judged of steps) {
    const { step, verdict } = judged;
    if (verdict.kind !== 'saturated' || askedTps(step) <= (highest ? askedTps(highest.step) : 0)) continue;
    const confidence = policy.fit.confidence.value;
    const carried = meanInterval(carriedSeries(step), confidence);
    const { bottleneck } = verdict;
    const kind = resources.find(
      ({ resource, node }) => resource === bottleneck.resource && node === bottleneck.node,
    )?.kind;
    if (carried && carried.value > 0 && kind && (best === undefined || carried.value > best.value))
      best = {
        ...atLeast(measuredCrossing(carried, confidence, bottleneck), highest?.step.tps ?? 0),
        limit: bottleneck,
        kind,
        step: judged,
      };
  }
  return best;
}

export function highestSustained(steps: readonly JudgedStep[]): JudgedStep | undefined {
  return steps
    .filter(({ verdict }) => verdict.kind === 'sustained')
    .reduce<JudgedStep | undefined>(
      (best, judged) => (best && best.step.tps >= judged.step.tps ? best : judged),
      undefined,
    );
}

/** The highest rate that was sustained, or carried when the cluster was full: up to it nothing is extrapolated. */
export function reachedTps(evidence: Parameters<typeof drivenLimit>[0]): number {
  return Math.max(highestSustained(evidence.steps)?.step.tps ?? 0, drivenLimit(evidence)?.value ?? 0);
}

/** Fewer samples have no interval. */
const fewestSamples = 4;

/**
 * From one arrival to the last: who is behind fetches megabytes at once, seconds apart, and a window cut anywhere else would count
 * a lump too many or too few.
 */
function carriedSeries({ rates, groups }: JudgedStep['step']): readonly number[] {
  if (groups.length === 0) return rates;
  const seconds = Math.min(...groups.map(({ consumedSeries }) => consumedSeries.length));
  const consumed = Array.from({ length: seconds }, (_, second) =>
    mean(groups.map(({ consumedSeries }) => consumedSeries[second] ?? 0)),
  );
  const isArrival = (messages: number) => messages > 0;
  const arrived = consumed.slice(consumed.findIndex(isArrival) + 1, consumed.findLastIndex(isArrival) + 1);
  const taken = arrived.length < fewestSamples ? consumed : arrived;
  return mean(taken) < mean(rates) ? taken : rates;
}
