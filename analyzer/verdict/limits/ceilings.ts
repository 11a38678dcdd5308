// Finds the limits: where each resource and SLO limits the cluster, and what the run reached.

import { isDeepStrictEqual } from 'node:util';
import type { Limit } from '../../../core/documents/analysis.ts';
import type { Cited, Policy } from '../../../core/policy/policy.ts';
import { isConfigured, type Constraint } from '../../../core/resource.ts';
import { mean, meanInterval } from '../../../core/statistics/statistics.ts';
import type { Ceiling, ExplainedCeiling, Evidence, UnexplainedCeiling } from '../evidence.ts';
import { atLeast, measuredCrossing, type Crossing } from '../fit/crossing.ts';
import type { FittedResource } from '../fit/resource-fit.ts';
import { targetTpsOf } from '../steps/measured-step.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';
import { quotaCrossing } from './quota-crossing.ts';
import { generatorNode, isSaturatedCard, limitOf, peakShare, type ResourceUse } from './resource-use.ts';

export function safeCeilings(evidence: Evidence): Ceiling[] {
  const explained = explainedCeiling(evidence);
  const ofResources = brokersOf(evidence.resources).flatMap((resource): Ceiling[] => {
    const crossing = resource.safe ?? ceilingBetweenSteps(resource, evidence, explained);
    return crossing ? [{ ...crossing, limit: limitOf(resource), kind: resource.kind }] : [];
  });
  const ofSlos = evidence.slos.flatMap(({ limit, crossing }): Ceiling[] =>
    crossing ? [{ ...crossing, limit, kind: 'latency' }] : [],
  );
  return [...ofResources, ...ofSlos, ...ofGroups(evidence, explained, ofSlos), ...ofUnmeasured(explained, evidence)];
}

/** Omits the estimate for a group whose limit was measured. */
function ofGroups(
  { groupLimits }: Evidence,
  explained: ExplainedCeiling | undefined,
  known: readonly Ceiling[] = [],
): Ceiling[] {
  const measured = [...(explained ? [explained] : []), ...known];
  return groupLimits.filter(({ limit }) => !measured.some((each) => isSameLimit(each.limit, limit)));
}

/** Limits without a measured use: the throughput at which the step saturated is the capacity. */
function ofUnmeasured(explained: ExplainedCeiling | undefined, { resources, policy }: Evidence): Ceiling[] {
  if (explained === undefined || !('resource' in explained.limit)) return [];
  const { limit, kind } = explained;
  if (resources.some((use) => isFull(use, explained) && use.uses.some((each) => each !== undefined))) return [];
  const share = safeShareOf(explained.limit, { resources, policy }).value;
  const { value, low, high } = explained;
  const scaled = { value: share * value, low: share * low, ...(high !== undefined && { high: share * high }) };
  return [{ ...measuredCrossing(scaled, policy.fit.confidence.value, limit), limit, kind }];
}

/**
 * Returns the share that the policy allows: of the capacity, or if the use was not measured, of the throughput at the
 * limit. The policy for a heap applies to live data after collections, not to throughput; collectors use CPU, so the
 * policy for CPU replaces it.
 */
export function safeShareOf(
  { resource, node }: { resource: Constraint; node: string },
  { resources, policy }: { resources: readonly ResourceUse[]; policy: Policy },
): Cited {
  const isMeasured = resources.some(
    (use) => use.resource === resource && use.node === node && use.uses.some((each) => each !== undefined),
  );
  return policy.limits[resource === 'heap' && !isMeasured ? 'cpu' : resource];
}

/** A resource saturates at or above the sustained rate, even if its line predicts a lower one. */
export function saturationCeilings(evidence: Evidence): Ceiling[] {
  const { resources, steps, policy } = evidence;
  const explained = explainedCeiling(evidence);
  const ofResources = brokersOf(resources).flatMap((use): Ceiling[] => {
    const { resource, node, kind } = use;
    const limit = { resource, node };
    // A sustained rate with a full card is no evidence of a higher limit, because a follower may have unnoticed lag.
    const achieved = sustainedTps(highestSustained(steps.filter((_, index) => !isSaturatedCard(use, index))));
    const saturation = use.saturation ?? (isFull(use, explained) ? explained : fullCrossing(use, steps, policy));
    return saturation ? [{ ...atLeast(saturation, achieved), limit, kind }] : [];
  });
  const sustained = sustainedTps(highestSustained(steps));
  const ofOthers = ofGroups(evidence, explained).map((each) => ({
    ...each,
    ...atLeast(each, sustained),
  }));
  return [...ofResources, ...ofOthers];
}

/**
 * Returns the saturation of a card without a law, from steps that were sustained with a full card, as with unnoticed
 * lag of a follower.
 */
function fullCrossing(use: FittedResource, steps: readonly JudgedStep[], policy: Policy): Crossing | undefined {
  const rates = steps
    .flatMap((judged, index) =>
      judged.verdict.kind === 'sustained' && isSaturatedCard(use, index) ? [sustainedTps(judged)] : [],
    )
    .toSorted((a, b) => a - b);
  const [value] = rates;
  if (value === undefined) return undefined;
  const range = { value, low: value, high: rates.at(-1) ?? value };
  return measuredCrossing(range, policy.fit.confidence.value, limitOf(use));
}

export const isSameLimit = (a: Limit, b: Limit): boolean => isDeepStrictEqual(a, b);

export function isWithinReach(
  { value, kind }: Pick<Ceiling, 'value' | 'kind'>,
  reached: number,
  { extrapolation }: Policy,
): boolean {
  return value <= extrapolation[kind].value * reached;
}

export function brokersOf(resources: readonly FittedResource[]): FittedResource[] {
  return resources.filter(({ node }) => node !== generatorNode);
}

/** A step, or the rate at which the resource saturated. */
interface StepPeak {
  tps: number;
  low: number;
  high?: number | undefined;
  /** The p99 of its seconds, and an upper bound of that p99. */
  peak: number;
  surePeak?: number | undefined;
}

/**
 * For a resource that exceeded its limit or was saturated, and has no line or a wrong one: the ceiling is between the
 * highest step within the limit and the next point beyond, estimated by interpolation between their peaks. The low
 * end is that step, which was measured.
 */
function ceilingBetweenSteps(
  resource: FittedResource,
  { steps, policy }: Evidence,
  explained: ExplainedCeiling | undefined,
): Crossing | undefined {
  const full = isFull(resource, explained) ? explained : undefined;
  if (resource.isShared && full === undefined) return undefined;
  const limit = resource.policyLimit * resource.capacity.value;
  const sustained = steps.flatMap(({ step: { tps }, verdict }, index): StepPeak[] => {
    const use = resource.uses[index];
    if (use === undefined || verdict.kind !== 'sustained') return [];
    return [{ tps, low: tps, high: tps, peak: use.p99, surePeak: resource.surePeaks?.[index] }];
  });
  const held = sustained.filter(({ peak }) => peak <= limit);
  const last = held.toSorted((a, b) => b.tps - a.tps)[0];
  // A use above the limit at a lower rate than a step within it was temporary, not caused by the load.
  const passed = lowest(sustained.filter(({ peak, tps }) => peak > limit && tps > (last?.tps ?? 0)));
  const beyond = lowest([
    ...(passed ? [passed] : []),
    ...(full ? [{ tps: full.value, low: full.low, high: full.high, peak: peakOf(resource, steps, full) }] : []),
  ]);
  if (beyond === undefined) return undefined;
  const high = beyond.high === undefined ? {} : { high: beyond.high };
  const confidence = policy.fit.confidence.value;
  const own = limitOf(resource);
  if (last === undefined) return measuredCrossing({ value: 0, low: 0, ...high }, confidence, own);
  const part = beyond.peak > last.peak ? Math.min(1, (limit - last.peak) / (beyond.peak - last.peak)) : 1;
  const value = beyond.tps > last.tps ? last.tps + part * (beyond.tps - last.tps) : beyond.tps;
  const sure = resource.kind === 'network' ? surelyWithinTps(last, beyond, limit) : last.tps;
  return measuredCrossing({ value, low: Math.min(value, sure, beyond.low), ...high }, confidence, own);
}

/**
 * Message size is the same at both rates, so the use of a card is linear between them; the low end uses the upper
 * bounds of the peaks.
 */
function surelyWithinTps(last: StepPeak, beyond: StepPeak, limit: number): number {
  const { surePeak = limit } = last;
  const beyondPeak = Math.max(beyond.surePeak ?? 0, (beyond.peak * surePeak) / last.peak);
  if (surePeak >= limit || beyond.low <= last.tps || beyondPeak <= surePeak) return last.tps;
  return last.tps + Math.min(1, (limit - surePeak) / (beyondPeak - surePeak)) * (beyond.low - last.tps);
}

function lowest<T extends { tps: number }>(points: readonly T[]): T | undefined {
  return points.toSorted((a, b) => a.tps - b.tps)[0];
}

export const isOf = (limit: Limit, { resource, node }: Pick<ResourceUse, 'resource' | 'node'>): boolean =>
  'resource' in limit && limit.resource === resource && limit.node === node;

export const isFull = (use: Pick<ResourceUse, 'resource' | 'node'>, explained: ExplainedCeiling | undefined): boolean =>
  explained !== undefined && isOf(explained.limit, use);

function peakOf({ uses, capacity }: FittedResource, steps: readonly JudgedStep[], { step }: ExplainedCeiling): number {
  return uses[steps.indexOf(step)]?.p99 ?? capacity.value;
}

/** Cores shared with other work count only if they follow the load of the cluster or were saturated. */
export function isJudgedResource(resource: FittedResource, explained: ExplainedCeiling | undefined): boolean {
  const { node, isShared, safe } = resource;
  return node !== generatorNode && (!isShared || safe !== undefined || isFull(resource, explained));
}

/**
 * Other work on cores that the generator shares is no limit of the brokers, but a rate that was sustained with more of
 * it than the policy allows is no proof.
 */
export const isBusyByOthers = ({ ofOthers, policyLimit, capacity }: ResourceUse, step: number): boolean =>
  (ofOthers?.[step] ?? 0) > policyLimit * capacity.value;

/** A step without a sample is unknown, and so not within the limit; a resource without any sample is no evidence for any step. */
export function isWithinLimit(
  resource: FittedResource,
  step: number,
  explained: ExplainedCeiling | undefined,
): boolean {
  if (!isJudgedResource(resource, explained)) return true;
  const peak = peakShare(resource, step);
  return peak === undefined ? resource.uses.every((each) => each === undefined) : peak <= resource.policyLimit;
}

export const isProven: typeof isWithinLimit = (resource, step, explained) =>
  !isBusyByOthers(resource, step) && isWithinLimit(resource, step, explained);

/**
 * A saturated step below a sustained one was a temporary problem, not the limit. A step above it may achieve less than
 * was sustained, because of retries and lost batches, but the limit is not below the sustained rate. If consumers read
 * less than was produced, or followers copied less, their rate is the throughput of the cluster: producing more only
 * adds lag.
 */
export function explainedCeiling({
  steps,
  resources,
  policy,
}: Pick<Evidence, 'steps' | 'policy'> & { resources: readonly ResourceUse[] }): ExplainedCeiling | undefined {
  const highest = highestSustained(steps);
  const confidence = policy.fit.confidence.value;
  let best: ExplainedCeiling | undefined;
  let bestAchieved = 0;
  for (const judged of steps.toSorted((a, b) => targetTpsOf(a.step) - targetTpsOf(b.step))) {
    const { step, verdict } = judged;
    if (verdict.kind !== 'saturated' || targetTpsOf(step) <= (highest ? targetTpsOf(highest.step) : 0)) continue;
    const { bottleneck } = verdict;
    if (bottleneck === undefined) continue;
    const achieved = meanInterval(achievedSeries(judged, bottleneck), confidence);
    // The first step past the limit is nearest to it; among similar steps, the highest rate would be the luckiest.
    if (achieved && achieved.value > 0 && (best === undefined || achieved.low > bestAchieved)) {
      bestAchieved = achieved.value;
      const { value, low, high } = achieved;
      const range = { value, low, ...(!judged.isHeld && { high }) };
      const reached =
        ofQuota(bottleneck, { steps, resources, policy }) ?? measuredCrossing(range, confidence, bottleneck);
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
 * A quota applies to the mean of its window (11 s by default), so a short step achieves more at first. If the quota is
 * known, the rate is computed from its bytes per message.
 */
function ofQuota(
  limit: Limit,
  { steps, resources, policy }: Parameters<typeof explainedCeiling>[0],
): Crossing | undefined {
  const use = resources.find((each) => isOf(limit, each));
  return use?.kind === 'configured' ? quotaCrossing(use, steps, 1, policy) : undefined;
}

/** A limit without a measured use is a queue of a broker, or a configured limit. */
function kindOf(limit: Limit, resources: readonly ResourceUse[]): ExplainedCeiling['kind'] {
  if (!('resource' in limit)) return 'latency';
  const own = resources.find((each) => isOf(limit, each));
  return own?.kind ?? (isConfigured(limit.resource) ? 'configured' : 'queue');
}

/** @returns undefined if the cluster reached a named limit, or no limit */
export function unexplainedCeiling(evidence: Parameters<typeof explainedCeiling>[0]): UnexplainedCeiling | undefined {
  const highest = highestSustained(evidence.steps);
  const sustained = highest ? targetTpsOf(highest.step) : 0;
  const steps = evidence.steps
    .filter(({ verdict, step }) => verdict.kind === 'saturated' && !verdict.bottleneck && targetTpsOf(step) > sustained)
    .toSorted((a, b) => targetTpsOf(a.step) - targetTpsOf(b.step));
  if (steps.length === 0 || explainedCeiling(evidence)) return undefined;
  // A step in which a broker failed may have a lower throughput than the cluster sustained.
  return { tps: Math.max(sustainedTps(highest), ...steps.map(consumedTps)), steps };
}

/** If groups have lag in a step, the throughput of the cluster is only their read rate. */
export function consumedTps({ step: { tps, groups }, laggingGroups }: JudgedStep): number {
  return Math.min(tps, ...groups.flatMap((each) => (laggingGroups.includes(each.group) ? [each.tps] : [])));
}

export function highestSustained(steps: readonly JudgedStep[]): JudgedStep | undefined {
  const sustained = steps.filter(({ verdict }) => verdict.kind === 'sustained');
  return sustained.toSorted((a, b) => b.step.tps - a.step.tps)[0];
}

/** Late messages of the previous step can raise the achieved rate above the target; only the target was sustained. */
export function sustainedTps(judged: JudgedStep | undefined): number {
  if (judged === undefined) return 0;
  const { tps, recorded } = judged.step;
  return Math.min(tps, recorded.targetTps ?? tps);
}

/** The highest rate that was sustained, or achieved at saturation; only higher rates are extrapolated. */
export function reachedTps(evidence: Parameters<typeof explainedCeiling>[0]): number {
  return Math.max(sustainedTps(highestSustained(evidence.steps)), explainedCeiling(evidence)?.value ?? 0);
}

/** Minimum number of samples for an interval. */
const fewestSamples = 4;

/**
 * Measures from one arrival to the last: a consumer with lag fetches megabytes at once, seconds apart, and any other
 * window would count a burst too many or too few. If a group is the bottleneck, only that group counts. Otherwise
 * groups share the saturated resource, and one may get more of it by chance, so their mean counts.
 */
function achievedSeries({ step, copyLag }: JudgedStep, bottleneck: Limit): readonly number[] {
  const rates = step.rates.map((rate) => rate * (copyLag?.copiedShare ?? 1));
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
