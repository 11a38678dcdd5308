// Which limit comes first? Where each resource and promise would stop the cluster, and the first of them in every draw.

import { atLeast, crossingOf, drawCount, drawQuantile, measuredCrossing, type Crossing } from '../fit/crossing.ts';
import { drivenLimit, highestSustained, sustainedTps } from './driven-limit.ts';
import type { Binding, Ceiling, DrivenLimit, Evidence } from '../evidence.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { isFullCard, type FittedResource } from '../fit/resource-fit.ts';
import { generatorNode } from './resource-use.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';

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
  return [...ofResources, ...ofSlos, ...ofUnmeasured(driven, evidence)];
}

/** A limit that was reached and whose use nobody measured: what was carried there is its capacity. */
function ofUnmeasured(driven: DrivenLimit | undefined, { resources, policy }: Evidence): Ceiling[] {
  if (driven === undefined || !('resource' in driven.limit)) return [];
  const { limit, kind } = driven;
  if (resources.some((use) => isFull(use, driven) && use.uses.some((each) => each !== undefined))) return [];
  const share = policy.limits[driven.limit.resource].value;
  const { value, low, high } = driven;
  const scaled = { value: share * value, low: share * low, ...(high !== undefined && { high: share * high }) };
  return [{ ...measuredCrossing(scaled, policy.fit.confidence.value, limit), limit, kind }];
}

/** No resource is full below a rate that was sustained, whatever its line says. */
export function saturationCeilings({ resources, steps, policy }: Evidence): Ceiling[] {
  const carried = sustainedTps(highestSustained(steps));
  return brokersOf(resources).flatMap((use) => {
    const { resource, node, kind } = use;
    const limit = { resource, node };
    const saturation = use.saturation ?? fullCrossing(use, steps, policy);
    return saturation ? [{ ...atLeast(saturation, carried), limit, kind }] : [];
  });
}

/** Of a card without a law that was full at steps which were sustained all the same, such as where a copy falls behind unnoticed. */
function fullCrossing(use: FittedResource, steps: readonly JudgedStep[], policy: Policy): Crossing | undefined {
  const rates = steps
    .flatMap((judged, index) =>
      judged.verdict.kind === 'sustained' && isFullCard(use, index) ? [sustainedTps(judged)] : [],
    )
    .toSorted((a, b) => a - b);
  const [value] = rates;
  if (value === undefined) return undefined;
  const { resource, node } = use;
  return measuredCrossing({ value, low: value, high: rates.at(-1) ?? value }, policy.fit.confidence.value, {
    resource,
    node,
  });
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
  const draws = { low: first.draws.low.slice(), high: new Float64Array(drawCount).fill(Number.POSITIVE_INFINITY) };
  const firstIn = new Int32Array(drawCount).fill(ceilings.indexOf(first));
  for (const [place, ceiling] of ceilings.entries()) {
    const { low, high } = ceiling.draws;
    for (let draw = 0; draw < drawCount; draw += 1) {
      if ((low[draw] as number) < (draws.low[draw] as number)) {
        draws.low[draw] = low[draw] as number;
        firstIn[draw] = place;
      }
      draws.high[draw] = Math.min(draws.high[draw] as number, high[draw] as number);
    }
  }
  const firsts = new Int32Array(ceilings.length);
  for (const place of firstIn) firsts[place] = (firsts[place] as number) + 1;
  // How much lower the first of all lies than the one that is first by its law.
  const bias = Math.max(0, drawQuantile(first.draws.low, 0.5) - drawQuantile(draws.low, 0.5));
  const crossing = crossingOf(first.value, draws, policy.fit.confidence.value);
  const shares = ceilings
    .map(({ limit }, place) => ({ limit, probability: (firsts[place] as number) / drawCount }))
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

export function isWithinReach(
  { value, kind }: Pick<Binding, 'value' | 'kind'>,
  reached: number,
  { extrapolation }: Policy,
): boolean {
  return value <= extrapolation[kind].value * reached;
}

export function brokersOf(resources: readonly FittedResource[]): FittedResource[] {
  return resources.filter(({ node }) => node !== generatorNode);
}

/** A step, or the rate at which the resource was full. */
interface StepPeak {
  tps: number;
  low: number;
  high?: number | undefined;
  /** The p99 of its seconds, and what that is surely not above. */
  peak: number;
  surePeak?: number | undefined;
}

/**
 * A resource without a line that passed its limit, or was driven full, all the same: the ceiling lies between the highest step
 * within the limit and what lies beyond; the estimate on the line between their peaks. The low end is the step, which was measured.
 */
function ceilingBetweenSteps(
  resource: FittedResource,
  { steps, policy }: Evidence,
  driven: DrivenLimit | undefined,
): Crossing | undefined {
  const full = isFull(resource, driven) ? driven : undefined;
  if (resource.isShared && full === undefined) return undefined;
  const limit = resource.policyLimit * resource.capacity.value;
  const sustained = steps.flatMap(({ step: { tps }, verdict }, index): StepPeak[] => {
    const use = resource.uses[index];
    if (use === undefined || verdict.kind !== 'sustained') return [];
    return [{ tps, low: tps, high: tps, peak: use.p99, surePeak: resource.surePeaks?.[index] }];
  });
  const held = sustained.filter(({ peak }) => peak <= limit);
  const last = held.toSorted((a, b) => b.tps - a.tps)[0];
  // Above the limit at a rate below one that was within it was a passing use, not the load.
  const passed = lowest(sustained.filter(({ peak, tps }) => peak > limit && tps > (last?.tps ?? 0)));
  const beyond = lowest([
    ...(passed ? [passed] : []),
    ...(full ? [{ tps: full.value, low: full.low, high: full.high, peak: peakOf(resource, steps, full) }] : []),
  ]);
  if (beyond === undefined) return undefined;
  const high = beyond.high === undefined ? {} : { high: beyond.high };
  const confidence = policy.fit.confidence.value;
  const own = { resource: resource.resource, node: resource.node };
  if (last === undefined) return measuredCrossing({ value: 0, low: 0, ...high }, confidence, own);
  const part = beyond.peak > last.peak ? Math.min(1, (limit - last.peak) / (beyond.peak - last.peak)) : 1;
  const value = beyond.tps > last.tps ? last.tps + part * (beyond.tps - last.tps) : beyond.tps;
  const sure = resource.kind === 'network' ? surelyWithinTps(last, beyond, limit) : last.tps;
  return measuredCrossing({ value, low: Math.min(value, sure, beyond.low), ...high }, confidence, own);
}

/** Bytes of a message are the same at both rates, so a card's use lies on the line between them: the low end on that of the sure peaks. */
function surelyWithinTps(last: StepPeak, beyond: StepPeak, limit: number): number {
  const { surePeak = limit } = last;
  const beyondPeak = Math.max(beyond.surePeak ?? 0, (beyond.peak * surePeak) / last.peak);
  if (surePeak >= limit || beyond.low <= last.tps || beyondPeak <= surePeak) return last.tps;
  return last.tps + Math.min(1, (limit - surePeak) / (beyondPeak - surePeak)) * (beyond.low - last.tps);
}

function lowest<T extends { tps: number }>(points: readonly T[]): T | undefined {
  return points.toSorted((a, b) => a.tps - b.tps)[0];
}

function isFull(
  { resource, node }: Pick<FittedResource, 'resource' | 'node'>,
  driven: DrivenLimit | undefined,
): boolean {
  return (
    driven !== undefined &&
    'resource' in driven.limit &&
    driven.limit.resource === resource &&
    driven.limit.node === node
  );
}

function peakOf({ uses, capacity }: FittedResource, steps: readonly JudgedStep[], { step }: DrivenLimit): number {
  return uses[steps.indexOf(step)]?.p99 ?? capacity.value;
}

/** Cores that others work on, too, tell of the cluster only where they follow its load or were driven full. */
export function isJudgedResource(resource: FittedResource, driven: DrivenLimit | undefined): boolean {
  const { node, isShared, safe } = resource;
  return node !== generatorNode && (!isShared || safe !== undefined || isFull(resource, driven));
}
