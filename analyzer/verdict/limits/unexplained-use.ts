// Finds use that follows no law of the load, and the lowest rate at which it may reach its limit.

import type { Finding, SafeMaxTps } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { leastSquares } from '../../../core/statistics/regression.ts';
import { mean, studentT, longRunVariance } from '../../../core/statistics/statistics.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { followsTraffic } from '../../../core/resource.ts';
import type { Evidence } from '../evidence.ts';
import { drawCount } from '../fit/crossing.ts';
import { fitLatency, rateOfLatency } from '../fit/latency-law.ts';
import type { FittedResource } from '../fit/resource-fit.ts';
import { brokersOf, isOf, reachedTps, safeCeilings } from './ceilings.ts';
import { peakShare, type ResourceUse } from './resource-use.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';

interface Unexplained {
  resource: FittedResource;
  /** In the steps. */
  highest: number;
  /** Upper bound of the use at a rate above the steps. */
  useAt(tps: number): number;
  /** Lowest rate at which it may reach its limit. */
  lowestTps: number;
  /** Intercept and slope. */
  steepest?: Float64Array;
  isQueue?: true;
  /** The use is that of the hottest core. */
  isCore?: true;
}

/** Share of the limit. With a shorter mean wait the queue is nearly empty, and pauses of the broker cause its longest waits. */
const leastWait = 0.05;
/** Ratio of mean waits. Load does not shorten the wait in a queue, so after a longer one at a lower rate, other work has ended. */
const leastChange = 1.3;

export const unexplainedInTest = (evidence: Evidence, claimed: SafeMaxTps): Finding[] =>
  findingsOf(inTest(evidence), claimed, evidence.policy);

/** For levels of production traffic, whose order is not that of time. */
export const unexplainedUse = (evidence: Evidence, claimed: SafeMaxTps): Finding[] =>
  findingsOf(
    evidence.resources.filter(isLawless).map((resource) => unexplained(resource, evidence)),
    claimed,
    evidence.policy,
  );

/** @returns the evidence with the lowest possible limit of each unexplained resource, such as for the loss of a broker */
export function withLowestLimits(evidence: Evidence): Evidence {
  const found = new Map(
    inTest(evidence)
      .toSorted((a, b) => b.lowestTps - a.lowestTps)
      .map((each) => [each.resource, each]),
  );
  const resources = evidence.resources.map((resource): FittedResource => {
    const { safe, law } = resource;
    const { lowestTps: tps = Infinity, steepest } = found.get(resource) ?? {};
    if (!(tps < (safe?.value ?? Infinity))) return resource;
    const all = (rate: number) => new Float64Array(drawCount).fill(rate);
    const draws = { low: (safe?.draws.low ?? all(tps)).map((rate) => Math.min(rate, tps)), high: all(Infinity) };
    return {
      ...resource,
      safe: { value: tps, low: Math.min(tps, safe?.low ?? tps), draws },
      // Other nodes that take over its work are computed with its use per message.
      ...(law && steepest && { law: { ...law, model: 'line', coefficients: steepest } }),
    };
  });
  return resources.every((each, k) => each === evidence.resources[k]) ? evidence : { ...evidence, resources };
}

/** Cores that the generator shares set no limit, and use above the policy that set none was temporary. */
function inTest(evidence: Evidence): Unexplained[] {
  const known = safeCeilings(evidence);
  return brokersOf(evidence.resources).flatMap((use) => {
    const isBetweenSteps = use.safe === undefined && known.some(({ limit }) => isOf(limit, use));
    if (use.isShared || isBetweenSteps) return [];
    const hidden = hiddenGrowth(use, evidence.steps);
    const uses = use.uses.map((each, step) => ((peakShare(use, step) ?? 0) > use.policyLimit ? undefined : each));
    const found = unexplained({ ...use, uses }, evidence, hidden);
    const isExplained = !isLawless(use) && hidden === 0 && found.isQueue === undefined;
    return [...(isExplained ? [] : [{ ...found, resource: use }]), ...fullCore(use, evidence)];
  });
}

const isLawless = ({ safe, resource }: FittedResource) => safe === undefined && followsTraffic(resource);

/** @returns findings about resources that would exceed their limit at the claimed rate */
function findingsOf(all: readonly Unexplained[], claimed: SafeMaxTps, { hottestCore }: Policy): Finding[] {
  if (claimed.kind !== 'predicted' && claimed.kind !== 'confirmed') return [];
  return all.flatMap(({ resource: { resource, node, capacity, policyLimit }, highest, useAt, isCore }): Finding[] => {
    if (isCore) {
      const share = useAt(claimed.tps);
      const facts = { node, cores: capacity.value, limit: hottestCore, source: capacity.source };
      return share > hottestCore.value
        ? [findingOf('hottest-core', { ...facts, share: highest, expected: share })]
        : [];
    }
    const share = highest / capacity.value;
    const expected = useAt(claimed.tps) / capacity.value;
    return expected > policyLimit ? [findingOf('use-unexplained', { resource, node, share, expected })] : [];
  });
}

/**
 * The growth is its upper bound with 97.5% confidence. Use without growth over the steps belongs to other work, or to
 * threads that run without traffic, and is not extrapolated. With too few steps for a line, all use is attributed to the
 * traffic. The wait in a queue grows without bound towards its capacity.
 *
 * @param hidden growth that the levels of the steps do not show; other work is then expected to be what it was on average
 */
function unexplained(resource: FittedResource, evidence: Evidence, hidden = 0): Unexplained {
  const { uses, peak = 0, capacity } = resource;
  const limit = resource.policyLimit * capacity.value;
  const points = uses.flatMap((use, level) => {
    const { step, verdict } = evidence.steps[level] ?? {};
    return use === undefined || verdict?.kind !== 'sustained' ? [] : [{ x: step?.tps ?? 0, y: use.mean, p99: use.p99 }];
  });
  const reachedAt = reachedTps(evidence);
  const highest = Math.max(0, ...points.map(({ p99 }) => p99));
  const [rates, means] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  // The longest waits of a step vary more than its mean.
  const ratio = mean(points.map(({ p99 }) => p99)) / mean(means);
  const waits = points.flatMap(({ x, y }) => (y > 0 ? [{ x, y: ratio * y }] : []));
  const { y: last } = points.reduce((top, each) => (each.x > top.x ? each : top), { x: 0, y: 0 });
  const isQueue = resource.resource === 'send-queue' && last >= leastWait * limit;
  const queue = isQueue ? fitLatency(waits) : undefined;
  const isChanged = (before: number, after: number) => before >= leastChange * after;
  const isFalling = points.some(
    ({ x, y }) => y >= leastWait * limit && points.some((lower) => lower.x < x && isChanged(lower.y, y)),
  );
  if (isQueue && (isFalling || (queue === undefined && isChanged(Math.max(...means), Math.min(...means))))) {
    const useAt = (tps: number) => (tps > reachedAt ? capacity.value : highest);
    return { resource, highest, useAt, lowestTps: reachedAt, isQueue };
  }
  if (isQueue && queue) {
    const { base, wait, full } = queue;
    const useAt = (tps: number) =>
      tps < full ? Math.min(capacity.value, base + (wait * tps) / (full - tps)) : capacity.value;
    return { resource, highest, useAt, lowestTps: Math.max(reachedAt, rateOfLatency(queue, limit)), isQueue };
  }
  // Readings may have ended before the highest steps.
  const readUpTo = Math.max(0, ...rates);
  const along = (reached: number, slope: number): Unexplained => {
    const steepest = Math.max(0, slope);
    const lowestTps = readUpTo + Math.max(0, limit - reached) / steepest;
    return { resource, highest, useAt: (tps) => reached + steepest * Math.max(0, tps - readUpTo), lowestTps };
  };
  const line = leastSquares(means, [rates]);
  if (line === undefined) return along(highest, Math.max(0, ...means) / readUpTo);
  const middle = mean(rates);
  const spread = Math.sqrt(rates.reduce((sum, rate) => sum + (rate - middle) ** 2, 0));
  const error = Math.sqrt(line.sse / line.degreesOfFreedom) / spread;
  const slope = (line.coefficients[1] as number) + studentT(0.95, line.degreesOfFreedom) * error + hidden;
  const average = hidden > 0 ? (1 + peak) * (mean(means) + slope * (readUpTo - middle)) : 0;
  // No use is negative without load.
  const perMessage = Math.min(slope, mean(means) / middle);
  const steepest = slope > 0 ? { steepest: Float64Array.of(mean(means) - perMessage * middle, perMessage) } : {};
  return { ...along(Math.max(highest, average), slope), ...steepest };
}

/** One thread or interrupt queue whose core follows the load may fill it while the CPU as a whole is idle. */
function fullCore(resource: FittedResource, evidence: Evidence): Unexplained[] {
  const points = evidence.steps.flatMap(({ verdict, step }, index) => {
    const share = resource.hottestCore?.[index];
    return share === undefined || verdict.kind !== 'sustained' ? [] : [{ tps: step.tps, share }];
  });
  const shares = points.map(({ share }) => share);
  const [idle = 0, slope = 0] = leastSquares(shares, [points.map(({ tps }) => tps)])?.coefficients ?? [];
  const highest = Math.max(...shares);
  // A thread such as the log cleaner uses a core at any rate.
  if (!(slope > 0) || idle > highest / 2) return [];
  const reachedAt = reachedTps(evidence);
  return [
    {
      resource,
      highest,
      useAt: (tps) => (tps > reachedAt ? idle + slope * tps : 0),
      lowestTps: Math.max(reachedAt, (evidence.policy.hottestCore.value - idle) / slope),
      isCore: true,
    },
  ];
}

/** Standard errors, as for other load of production: a run has hundreds of resources, and seconds resemble each other. */
const leastSure = 4;
/** Share of the capacity; less, up to the highest rate, moves no limit by more than some hundredths. */
const leastShare = 0.01;
const fewestSamples = 5;

/** Time constants of what settles after a change of rate, such as caught-up reads, as shares of the step. */
const settling = [0.15, 0.25, 0.4, 0.6, 0.9];
/** In variances of a second: 95% of a chi-squared distribution with one degree of freedom. */
const leastBetter = 3.84;

/**
 * Within a step the rate is constant, so a change of use is other work. Its change over the run is the trapezoidal sum of
 * the slopes of the seconds of each step, between the middles of the steps. Regressed on the rates, it is the part of the
 * growth that is not due to the load.
 *
 * @returns upper bound of the hidden growth per message, in the unit of the capacity; 0 if there may be none
 */
function hiddenGrowth({ uses, capacity }: ResourceUse, steps: readonly JudgedStep[]): number {
  const points = steps.flatMap(({ step, verdict }, index) => {
    const { moments = [], values = [] } = uses[index]?.series ?? {};
    const { targetTps, isCurve = false } = step.recorded;
    const isConstant = verdict.kind === 'sustained' && targetTps !== undefined && !isCurve;
    const level = mean(values);
    if (!isConstant || values.length < fewestSamples || level === 0) return [];
    const { middle, spread, drift } = driftOf(moments, values);
    const errors = values.map((value, k) => value - level - drift * ((moments[k] as number) - middle));
    // The residuals of a line understate how much seconds resemble each other.
    const { variance, own } = longRunVariance(errors);
    const ofSeconds = (Math.max(variance, own) * values.length) / (values.length - 2) / level ** 2;
    const scale = level ** 2 / spread;
    return [{ x: step.tps, at: step.window.from + middle, drift, ofSeconds, scale, moments, values, level }];
  });
  // Pooled, because a short step has too few seconds for its own.
  const ofSecond = mean(points.map(({ ofSeconds }) => ofSeconds));
  const rates = points.map(({ x }) => x);
  const middle = mean(rates);
  const spread = rates.reduce((sum, x) => sum + (x - middle) ** 2, 0);
  if (!(spread > 0)) return 0;
  const above = (from: number) => rates.slice(from).reduce((sum, x) => sum + x - middle, 0);
  let [growth, variance, most] = [0, 0, 0];
  for (const [k, { at, drift, scale }] of points.entries()) {
    const [before = { at }, after = { at }] = [points[k - 1], points[k + 1]];
    // Weight of the drift of this step in the slope of the accumulated drift.
    const weight = ((at - before.at) * above(k) + (after.at - at) * above(k + 1)) / 2 / spread;
    growth += weight * drift;
    most = Math.min(most, weight * drift);
    variance += weight ** 2 * scale * ofSecond;
  }
  const error = Math.sqrt(variance);
  // A change in one step only is an event, such as a group that reads old messages, which the steps after it do not contain.
  const isHidden = (most - growth - leastSure * error) * Math.max(...rates) > leastShare * capacity.value;
  if (!isHidden) return 0;
  /** Squares that a course explains, with an own factor in each step. */
  const explainedBy = (course: (moments: readonly number[]) => readonly number[]) =>
    points.reduce((sum, { moments, values, level }) => {
      const line = driftOf(course(moments), values);
      return sum + (line.drift / level) ** 2 * line.spread;
    }, 0);
  const byGrowth = explainedBy((moments) => moments);
  const isSettling = settling.some((share) => {
    const bySettling = explainedBy((moments) => {
      const seconds = share * (moments.at(-1) as number);
      return moments.map((moment) => Math.exp(-moment / seconds));
    });
    return bySettling > byGrowth + leastBetter * ofSecond;
  });
  return isSettling ? 0 : 2 * error - growth;
}

function driftOf(moments: readonly number[], values: readonly number[]) {
  const middle = mean(moments);
  const spread = moments.reduce((sum, moment) => sum + (moment - middle) ** 2, 0);
  const drift = values.reduce((sum, value, k) => sum + ((moments[k] as number) - middle) * value, 0) / spread;
  return { middle, spread, drift };
}
