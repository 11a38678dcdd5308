// Finds the limit that a run was driven into, named or not, and the highest rates that were sustained and reached.

import { atLeast, measuredCrossing, type Crossing } from '../fit/crossing.ts';
import type { Limit } from '../../../core/documents/analysis.ts';
import { configuredLimitNames } from '../../../core/resource.ts';
import type { DrivenLimit, Evidence, UnexplainedCeiling } from '../evidence.ts';
import { askedTps } from '../steps/measured-step.ts';
import { quotaCrossing } from './quota-crossing.ts';
import type { ResourceUse } from './resource-use.ts';
import { mean, meanInterval } from '../../../core/statistics/statistics.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';

/**
 * A saturated step below one that was sustained was a passing trouble, not the limit. One above it may carry less than was sustained,
 * as retries and lost batches take their part: the limit is not below what was sustained.
 * Where consumers took less than was produced, what they took is what the cluster carries: producing more only piles up.
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
    const { bottleneck } = verdict;
    if (bottleneck === undefined) continue;
    const confidence = policy.fit.confidence.value;
    const carried = meanInterval(carriedSeries(step, bottleneck), confidence);
    if (carried && carried.value > 0 && (best === undefined || carried.value > best.value)) {
      const reached =
        ofQuota(bottleneck, { steps, resources, policy }) ?? measuredCrossing(carried, confidence, bottleneck);
      best = {
        ...atLeast(reached, sustainedTps(highest)),
        limit: bottleneck,
        kind: kindOf(bottleneck, resources),
        step: judged,
      };
    }
  }
  return best;
}

/**
 * A quota holds for the mean of its window (11 s by default), so that a short step carries more at first: of a quota that is
 * known, its bytes say where it is used up.
 */
function ofQuota(limit: Limit, { steps, resources, policy }: Parameters<typeof drivenLimit>[0]): Crossing | undefined {
  const use =
    'resource' in limit
      ? resources.find((each) => each.resource === limit.resource && each.node === limit.node)
      : undefined;
  return use?.kind === 'configured' ? quotaCrossing(use, steps, 1, policy) : undefined;
}

/** What has no measured use is a queue of a broker, or a configured limit. */
function kindOf(limit: Limit, resources: readonly ResourceUse[]): DrivenLimit['kind'] {
  if (!('resource' in limit)) return 'latency';
  const own = resources.find(({ resource, node }) => resource === limit.resource && node === limit.node);
  const isConfigured = configuredLimitNames.some((name) => name === limit.resource);
  return own?.kind ?? (isConfigured ? 'configured' : 'queue');
}

/** @returns undefined where the cluster was driven into a limit that has a name, or nothing stopped it */
export function unexplainedCeiling(evidence: Parameters<typeof drivenLimit>[0]): UnexplainedCeiling | undefined {
  const highest = highestSustained(evidence.steps);
  const sustained = highest ? askedTps(highest.step) : 0;
  const steps = evidence.steps
    .filter(({ verdict, step }) => verdict.kind === 'saturated' && !verdict.bottleneck && askedTps(step) > sustained)
    .toSorted((a, b) => askedTps(a.step) - askedTps(b.step));
  if (steps.length === 0 || drivenLimit(evidence)) return undefined;
  return { tps: Math.max(...steps.map(({ step }) => step.tps)), steps };
}

export function highestSustained(steps: readonly JudgedStep[]): JudgedStep | undefined {
  return steps
    .filter(({ verdict }) => verdict.kind === 'sustained')
    .reduce<JudgedStep | undefined>(
      (best, judged) => (best && best.step.tps >= judged.step.tps ? best : judged),
      undefined,
    );
}

/** Messages of the step before, sent late, raise what a step achieved above its target: the target was sustained. */
export function sustainedTps(judged: JudgedStep | undefined): number {
  if (judged === undefined) return 0;
  const { tps, recorded } = judged.step;
  return Math.min(tps, recorded.targetTps ?? tps);
}

/** The highest rate that was sustained, or carried when the cluster was full: up to it nothing is extrapolated. */
export function reachedTps(evidence: Parameters<typeof drivenLimit>[0]): number {
  return Math.max(sustainedTps(highestSustained(evidence.steps)), drivenLimit(evidence)?.value ?? 0);
}

/** Fewer samples have no interval. */
const fewestSamples = 4;

/**
 * From one arrival to the last: who is behind fetches megabytes at once, seconds apart, and a window cut anywhere else would count
 * a lump too many or too few. A group that is the limit took less than the others. Otherwise they share what is full, and one may
 * get more of it by chance, so it is their mean.
 */
function carriedSeries(step: JudgedStep['step'], bottleneck: Limit): readonly number[] {
  const { rates } = step;
  const groups = step.groups.filter(({ group }) => !('group' in bottleneck) || group === bottleneck.group);
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
