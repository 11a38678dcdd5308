// How much can the cluster safely carry, where is it full, and what stops it? The first of all resources to reach its limit.

import type { Limit, SafeMaxTps, SaturationTps } from '../core/analysis.ts';
import type { LoadTestRun } from './load-test-run.ts';
import type { Policy } from './policy/policy.ts';
import { crossingOf, drawCount, drawQuantile, measuredCrossing, type Crossing } from './crossing.ts';
import type { FittedResource } from './resource-fit.ts';
import { askedTps } from './measured-step.ts';
import { limitText } from './quantity-text.ts';
import { generatorNode, type ResourceUse, type UnknownUse } from './resource-use.ts';
import type { SloLimit } from './slo-limit.ts';
import { mean, meanInterval } from './statistics.ts';
import type { JudgedStep } from './step-verdict.ts';

export interface Ceiling extends Crossing {
  limit: Limit;
  kind: FittedResource['kind'] | 'latency';
}

export interface Evidence {
  steps: readonly JudgedStep[];
  resources: readonly FittedResource[];
  slos: readonly SloLimit[];
  unknown: readonly UnknownUse[];
  status: LoadTestRun['status'];
  policy: Policy;
}

/** The first of all ceilings, and the interval of the first of all of each draw. */
export interface Binding extends Ceiling {
  /** How often each came first, the most probable first. */
  shares: readonly { limit: Ceiling['limit']; probability: number }[];
}

export function safeCeilings(evidence: Evidence): Ceiling[] {
  const driven = drivenLimit(evidence);
  const ofResources = brokersOf(evidence.resources).flatMap((resource): Ceiling[] => {
    const crossing = resource.safe ?? ceilingBetweenSteps(resource, evidence, driven);
    return crossing
      ? [{ ...crossing, limit: { resource: resource.resource, node: resource.node }, kind: resource.kind }]
      : [];
  });
  const ofSlos = evidence.slos.flatMap(({ limit, crossing }): Ceiling[] =>
    crossing ? [{ ...crossing, limit, kind: 'latency' }] : [],
  );
  return [...ofResources, ...ofSlos];
}

export function saturationCeilings({ resources }: Evidence): Ceiling[] {
  return brokersOf(resources).flatMap(({ saturation, resource, node, kind }) =>
    saturation ? [{ ...saturation, limit: { resource, node }, kind }] : [],
  );
}

/** The step that was driven into the limit, and what it carried there. */
export interface DrivenLimit extends Ceiling {
  limit: Extract<Limit, { resource: unknown }>;
  kind: FittedResource['kind'];
  step: JudgedStep;
}

/**
 * A saturated step below one that was sustained was a passing trouble, not the limit.
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
      best = { ...measuredCrossing(carried, confidence), limit: bottleneck, kind, step: judged };
  }
  return best;
}

export function safeMaxOf(evidence: Evidence): SafeMaxTps {
  const { steps, policy } = evidence;
  const highest = highestSustained(steps);
  const driven = drivenLimit(evidence);
  const crossing = safeBinding(evidence);
  const within = highestSustained(steps.filter((_, index) => isWithinPolicy(evidence, index, driven)));
  const surely = highestSustained(steps.filter((_, index) => isWithinPolicy(evidence, index, driven, isSurelyWithin)));
  const binding = crossing && raiseTo(crossing, surely?.step.tps ?? 0);
  if (
    binding &&
    binding.value > 0 &&
    highest &&
    isWithinReach({ ...binding, value: binding.low }, reachedTps(evidence), policy)
  ) {
    const held = longestHeld(evidence, driven);
    if (held === undefined || held < policy.confirmedShare.value * binding.low)
      return { kind: 'predicted', ...answer(binding, policy) };
    return { kind: 'confirmed', ...answer({ ...binding, low: Math.min(binding.low, held) }, policy) };
  }
  if (within && driven === undefined) return { kind: 'at-least', tps: within.step.tps, reason: openEnd(evidence) };
  return { kind: 'unknown', missing: missingOf(evidence, 'a sustained step within the policy limits') };
}

/** Where the first limit of the policy is met, however far that lies. */
export function safeBinding(evidence: Evidence): Binding | undefined {
  const driven = drivenLimit(evidence);
  const ceilings = safeCeilings(evidence);
  const first = bindingOf(ceilings, evidence.policy);
  // A line that promises more than the cluster carried when it was full is wrong.
  return first && driven && driven.value < first.value ? bindingOf([...ceilings, driven], evidence.policy) : first;
}

/** What was carried surely within the policy was measured: a line through few steps, unsure of itself, does not take it back. */
function raiseTo(binding: Binding, carried: number): Binding {
  return { ...binding, low: Math.max(binding.low, Math.min(binding.value, carried)) };
}

/** @returns the highest rate held within the policy for the confirmation time */
function longestHeld(evidence: Evidence, driven: DrivenLimit | undefined): number | undefined {
  const { steps, policy } = evidence;
  const held = steps.filter(
    ({ verdict, step: { recorded } }, index) =>
      verdict.kind === 'sustained' &&
      recorded.to - recorded.from >= policy.confirmationSeconds.value &&
      isWithinPolicy(evidence, index, driven),
  );
  return highestSustained(held)?.step.tps;
}

export function saturationOf(evidence: Evidence): SaturationTps {
  const { steps, policy } = evidence;
  const driven = drivenLimit(evidence);
  if (driven) return { kind: 'confirmed', ...answer(driven, policy) };
  const highest = highestSustained(steps);
  if (highest === undefined)
    return { kind: 'unknown', missing: missingOf(evidence, 'a step that was sustained or saturated') };
  const binding = bindingOf(saturationCeilings(evidence), policy);
  if (binding && isWithinReach(binding, highest.step.tps, policy)) {
    return { kind: 'predicted', ...answer(binding, policy), extrapolationFactor: binding.value / highest.step.tps };
  }
  return { kind: 'at-least', tps: highest.step.tps, reason: openEnd(evidence) };
}

export function highestSustained(steps: readonly JudgedStep[]): JudgedStep | undefined {
  return steps
    .filter(({ verdict }) => verdict.kind === 'sustained')
    .reduce<JudgedStep | undefined>(
      (best, judged) => (best && best.step.tps >= judged.step.tps ? best : judged),
      undefined,
    );
}

/**
 * In each draw the first of all ceilings comes first. A minimum of several estimates lies below the least of what they estimate, and
 * one of draws of them once more: the upper end takes both back, the lower one, which is the answer, keeps them.
 */
export function bindingOf(ceilings: readonly Ceiling[], policy: Policy): Binding | undefined {
  const first = ceilings.reduce<Ceiling | undefined>(
    (best, each) => (best && best.value <= each.value ? best : each),
    undefined,
  );
  if (first === undefined) return undefined;
  if (ceilings.length === 1) return { ...first, shares: [{ limit: first.limit, probability: 1 }] };
  const draws = { low: new Float64Array(drawCount), high: new Float64Array(drawCount) };
  const firsts = new Map(ceilings.map((each) => [each, 0]));
  for (let draw = 0; draw < drawCount; draw += 1) {
    let least = first;
    let high = Number.POSITIVE_INFINITY;
    for (const ceiling of ceilings) {
      if ((ceiling.draws.low[draw] as number) < (least.draws.low[draw] as number)) least = ceiling;
      high = Math.min(high, ceiling.draws.high[draw] as number);
    }
    draws.low[draw] = least.draws.low[draw] as number;
    draws.high[draw] = high;
    firsts.set(least, (firsts.get(least) ?? 0) + 1);
  }
  // How much lower the first of all lies than the one that is first by its law.
  const bias = Math.max(0, drawQuantile(first.draws.low, 0.5) - drawQuantile(draws.low, 0.5));
  const crossing = crossingOf(first.value, draws, policy.fit.confidence.value);
  const shares = [...firsts]
    .map(([{ limit }, count]) => ({ limit, probability: count / drawCount }))
    .filter(({ probability }) => probability > 0)
    .toSorted((a, b) => b.probability - a.probability || (limitText(a.limit) < limitText(b.limit) ? -1 : 1));
  return {
    ...crossing,
    ...(crossing.high !== undefined && { high: crossing.high + 2 * bias }),
    limit: first.limit,
    kind: first.kind,
    shares,
  };
}

/** The highest rate that was sustained, or carried when the cluster was full: up to it nothing is extrapolated. */
export function reachedTps(evidence: Parameters<typeof drivenLimit>[0]): number {
  return Math.max(highestSustained(evidence.steps)?.step.tps ?? 0, drivenLimit(evidence)?.value ?? 0);
}

export function isWithinReach(
  { value, kind }: Pick<Binding, 'value' | 'kind'>,
  reached: number,
  { extrapolation }: Policy,
): boolean {
  return value <= extrapolation[kind].value * reached;
}

function answer({ value, low, high, limit }: Ceiling, { fit }: Policy) {
  const interval = { low, ...(high !== undefined && { high }), confidence: fit.confidence.value };
  return { tps: low, estimateTps: value, interval, limitedBy: limit };
}

function brokersOf(resources: readonly FittedResource[]): FittedResource[] {
  return resources.filter(({ node }) => node !== generatorNode);
}

/**
 * A resource without a line that passed its limit, or was driven full, all the same: the ceiling lies between the highest step
 * within the limit, which was measured and so is the low end, and what lies beyond; the estimate on the line between their peaks.
 */
function ceilingBetweenSteps(
  resource: FittedResource,
  { steps, policy }: Evidence,
  driven: DrivenLimit | undefined,
): Crossing | undefined {
  const full = isFull(resource, driven) ? driven : undefined;
  if (resource.isShared && full === undefined) return undefined;
  const limit = resource.policyLimit * resource.capacity.value;
  const sustained = steps.flatMap(({ step: { tps }, verdict }, index) => {
    const use = resource.uses[index];
    return use && verdict.kind === 'sustained' ? [{ tps, low: tps, high: tps, peak: use.p99 }] : [];
  });
  const passed = lowest(sustained.filter(({ peak }) => peak > limit));
  const held = sustained.filter(({ tps, peak }) => peak <= limit && tps < (passed?.tps ?? Number.POSITIVE_INFINITY));
  const beyond = lowest([
    ...(passed ? [passed] : []),
    ...(full ? [{ tps: full.value, low: full.low, high: full.high, peak: peakOf(resource, steps, full) }] : []),
  ]);
  if (beyond === undefined) return undefined;
  const last = held.toSorted((a, b) => b.tps - a.tps)[0];
  const high = beyond.high === undefined ? {} : { high: beyond.high };
  const confidence = policy.fit.confidence.value;
  if (last === undefined) return measuredCrossing({ value: 0, low: 0, ...high }, confidence);
  const part = beyond.peak > last.peak ? Math.min(1, (limit - last.peak) / (beyond.peak - last.peak)) : 1;
  const value = beyond.tps > last.tps ? last.tps + part * (beyond.tps - last.tps) : beyond.tps;
  return measuredCrossing({ value, low: Math.min(last.tps, beyond.low), ...high }, confidence);
}

function lowest<T extends { tps: number }>(points: readonly T[]): T | undefined {
  return points.toSorted((a, b) => a.tps - b.tps)[0];
}

function isFull({ resource, node }: FittedResource, driven: DrivenLimit | undefined): boolean {
  return driven !== undefined && driven.limit.resource === resource && driven.limit.node === node;
}

function peakOf({ uses, capacity }: FittedResource, steps: readonly JudgedStep[], { step }: DrivenLimit): number {
  return uses[steps.indexOf(step)]?.p99 ?? capacity.value;
}

function isWithinPolicy(
  { resources, slos }: Evidence,
  step: number,
  driven: DrivenLimit | undefined,
  isWithin = isWithinLimit,
): boolean {
  return (
    brokersOf(resources).every((resource) => isWithin(resource, step, driven)) &&
    slos.every(({ isKept }) => isKept[step] !== false)
  );
}

/** The p99 of few seconds is as often too low as too high. */
function isSurelyWithin(resource: FittedResource, step: number, driven: DrivenLimit | undefined): boolean {
  const { surePeaks, capacity, policyLimit } = resource;
  const peak = isJudgedResource(resource, driven) ? (surePeaks?.[step] ?? 0) : 0;
  return peak <= policyLimit * capacity.value && isWithinLimit(resource, step, driven);
}

/** Cores that others work on, too, tell of the cluster only where they follow its load or were driven full. */
export function isJudgedResource(resource: FittedResource, driven: DrivenLimit | undefined): boolean {
  const { node, isShared, safe } = resource;
  return node !== generatorNode && (!isShared || safe !== undefined || isFull(resource, driven));
}

/** A step without a sample is not known to be within; what the page cache hides has a finding of its own. */
function isWithinLimit(resource: FittedResource, step: number, driven: DrivenLimit | undefined): boolean {
  const { uses, capacity, policyLimit, kind } = resource;
  if (!isJudgedResource(resource, driven)) return true;
  const use = uses[step];
  return use === undefined ? kind === 'disk' : use.p99 <= policyLimit * capacity.value;
}

function openEnd({ steps, status }: Evidence): 'no-limit-reached' | 'generator-limited' | 'aborted' {
  const sustained = highestSustained(steps);
  const highest = sustained ? askedTps(sustained.step) : 0;
  const isLimited = steps.some(
    ({ verdict, step }) =>
      verdict.kind === 'invalid' && verdict.reason === 'generator-limited' && askedTps(step) > highest,
  );
  if (isLimited) return 'generator-limited';
  return status === 'completed' ? 'no-limit-reached' : 'aborted';
}

/** A step that was not judged is no step that could have been sustained. */
function missingStep({ steps }: Evidence, otherwise: string): string {
  if (steps.length === 0) return 'a step that was begun';
  return steps.every(({ verdict }) => verdict.kind === 'not-judged') ? 'a step at a rate that is held' : otherwise;
}

function missingOf(evidence: Evidence, first: string): { what: string; node: string }[] {
  const gaps = evidence.unknown.filter(
    ({ node, resource }) => node !== generatorNode && (resource === 'cpu' || resource.startsWith('network')),
  );
  // Both directions of a link miss the same.
  const named = new Map(gaps.map(({ what, node }) => [`${what} ${node}`, { what, node }]));
  return [{ what: missingStep(evidence, first), node: 'cluster' }, ...named.values()];
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
