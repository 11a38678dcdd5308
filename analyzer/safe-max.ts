// How much can the cluster safely carry, where is it full, and what stops it? The first of all resources to reach its limit.

import type { Limit, SafeMaxTps, SaturationTps } from '../core/analysis.ts';
import type { LoadTestRun } from './load-test-run.ts';
import type { Policy } from './policy/policy.ts';
import type { Crossing } from './regression.ts';
import type { FittedResource } from './resource-fit.ts';
import { generatorNode, type UnknownUse } from './resource-use.ts';
import { mean, meanInterval } from './statistics.ts';
import type { JudgedStep } from './step-verdict.ts';

export interface Ceiling extends Crossing {
  limit: Extract<Limit, { resource: unknown }>;
  kind: FittedResource['kind'];
}

export interface Evidence {
  steps: readonly JudgedStep[];
  resources: readonly FittedResource[];
  unknown: readonly UnknownUse[];
  status: LoadTestRun['status'];
  policy: Policy;
}

/** The binding ceiling and its joint interval: the first estimate, the lowest low end, the lowest high end. */
interface Binding extends Crossing {
  limit: Ceiling['limit'];
  kind: Ceiling['kind'];
}

export function safeCeilings({ resources, steps }: Evidence): Ceiling[] {
  return brokersOf(resources).flatMap((resource) => {
    const crossing = resource.safe ?? exceededWithoutFit(resource, steps);
    return crossing
      ? [{ ...crossing, limit: { resource: resource.resource, node: resource.node }, kind: resource.kind }]
      : [];
  });
}

export function saturationCeilings({ resources }: Evidence): Ceiling[] {
  return brokersOf(resources).flatMap(({ saturation, resource, node, kind }) =>
    saturation ? [{ ...saturation, limit: { resource, node }, kind }] : [],
  );
}

/** The step that was driven into the limit, and what it carried there. */
export interface DrivenLimit extends Ceiling {
  step: JudgedStep;
}

/**
 * A saturated step below one that was sustained was a passing trouble, not the limit.
 * Where consumers took less than was produced, what they took is what the cluster carries: producing more only piles up. Groups
 * share what is full, and one may get more of it by chance, so it is the mean over groups that could have gone on.
 */
export function drivenLimit({ steps, resources, policy }: Evidence): DrivenLimit | undefined {
  const highest = highestSustained(steps);
  let best: DrivenLimit | undefined;
  for (const judged of steps) {
    const { step, verdict } = judged;
    if (verdict.kind !== 'saturated' || step.recorded.targetTps <= (highest?.step.recorded.targetTps ?? 0)) continue;
    const carried = meanInterval(carriedSeries(step), policy.fit.confidence.value);
    const { bottleneck } = verdict;
    const kind = resources.find(
      ({ resource, node }) => resource === bottleneck.resource && node === bottleneck.node,
    )?.kind;
    if (carried && kind && (best === undefined || carried.value > best.value))
      best = { ...carried, limit: bottleneck, kind, step: judged };
  }
  return best;
}

export function safeMaxOf(evidence: Evidence): SafeMaxTps {
  const { steps, policy, resources } = evidence;
  const highest = highestSustained(steps);
  const driven = drivenLimit(evidence);
  const ceilings = safeCeilings(evidence);
  const first = bindingOf(ceilings);
  // A line that promises more than the cluster carried when it was full is wrong.
  const binding = first && driven && driven.value < first.value ? bindingOf([...ceilings, driven]) : first;
  if (binding && binding.value > 0 && highest && isWithinReach(binding, highest, policy)) {
    const held = longestHeld(evidence);
    if (held === undefined || held < policy.confirmedShare.value * binding.low)
      return { kind: 'predicted', ...answer(binding, policy) };
    return { kind: 'confirmed', ...answer({ ...binding, low: Math.min(binding.low, held) }, policy) };
  }
  const within = highestSustained(steps.filter((_, index) => isWithinPolicy(resources, index)));
  if (within) return { kind: 'at-least', tps: within.step.tps, reason: openEnd(evidence) };
  return { kind: 'unknown', missing: missingOf(evidence, 'a sustained step within the policy limits') };
}

/** @returns the highest rate held within the policy for the confirmation time */
function longestHeld({ steps, resources, policy }: Evidence): number | undefined {
  const held = steps.filter(
    ({ verdict, step: { recorded } }, index) =>
      verdict.kind === 'sustained' &&
      recorded.to - recorded.from >= policy.confirmationSeconds.value &&
      isWithinPolicy(resources, index),
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
  const binding = bindingOf(saturationCeilings(evidence));
  if (binding && isWithinReach(binding, highest, policy)) {
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

export function bindingOf(ceilings: readonly Ceiling[]): Binding | undefined {
  const first = ceilings.reduce<Ceiling | undefined>(
    (best, each) => (best && best.value <= each.value ? best : each),
    undefined,
  );
  if (first === undefined) return undefined;
  const high = Math.min(...ceilings.map((each) => each.high ?? Number.POSITIVE_INFINITY));
  return {
    limit: first.limit,
    kind: first.kind,
    value: first.value,
    low: Math.min(...ceilings.map(({ low }) => low)),
    ...(Number.isFinite(high) && { high }),
  };
}

export function isWithinReach({ value, kind }: Binding, highest: JudgedStep, { extrapolation }: Policy): boolean {
  return value <= extrapolation[kind].value * highest.step.tps;
}

function answer({ value, low, high, limit }: Binding, { fit }: Policy) {
  const interval = { low, ...(high !== undefined && { high }), confidence: fit.confidence.value };
  return { tps: low, estimateTps: value, interval, limitedBy: limit };
}

function brokersOf(resources: readonly FittedResource[]): FittedResource[] {
  return resources.filter(({ node }) => node !== generatorNode);
}

/** A resource without a line that passed its limit all the same: the ceiling lies between the steps around it. */
function exceededWithoutFit(resource: FittedResource, steps: readonly JudgedStep[]): Crossing | undefined {
  const sustained = steps
    .map(({ step, verdict }, index) => ({
      tps: step.tps,
      isSustained: verdict.kind === 'sustained',
      isWithin: isWithinLimit(resource, index),
    }))
    .filter(({ isSustained }) => isSustained);
  const beyond = sustained.filter(({ isWithin }) => !isWithin).map(({ tps }) => tps);
  if (beyond.length === 0) return undefined;
  const first = Math.min(...beyond);
  const last = Math.max(...sustained.filter(({ tps, isWithin }) => isWithin && tps < first).map(({ tps }) => tps));
  return { value: Math.max(0, last), low: Math.max(0, last), high: first };
}

export function isWithinPolicy(resources: readonly FittedResource[], step: number): boolean {
  return brokersOf(resources).every((resource) => isWithinLimit(resource, step));
}

/** Cores that others work on, too, tell of the cluster only where they follow its load. */
function isWithinLimit({ uses, capacity, policyLimit, isShared, safe }: FittedResource, step: number): boolean {
  if (isShared && safe === undefined) return true;
  return (uses[step]?.p99 ?? 0) <= policyLimit * capacity.value;
}

function openEnd({ steps, status }: Evidence): 'no-limit-reached' | 'generator-limited' | 'aborted' {
  if (steps.some(({ verdict }) => verdict.kind === 'invalid' && verdict.reason === 'generator-limited'))
    return 'generator-limited';
  return status === 'completed' ? 'no-limit-reached' : 'aborted';
}

function missingOf({ unknown, steps }: Evidence, first: string): { what: string; node: string }[] {
  const gaps = unknown.filter(
    ({ node, resource }) => node !== generatorNode && (resource === 'cpu' || resource.startsWith('network')),
  );
  // Both directions of a link miss the same.
  const named = new Map(gaps.map(({ what, node }) => [`${what} ${node}`, { what, node }]));
  return [{ what: steps.length === 0 ? 'a step that was begun' : first, node: 'cluster' }, ...named.values()];
}

function carriedSeries({ rates, groups }: JudgedStep['step']): readonly number[] {
  if (groups.length === 0) return rates;
  const seconds = Math.min(...groups.map(({ consumedSeries }) => consumedSeries.length));
  const consumed = Array.from({ length: seconds }, (_, second) =>
    mean(groups.map(({ consumedSeries }) => consumedSeries[second] ?? 0)),
  );
  return mean(consumed) < mean(rates) ? consumed : rates;
}
