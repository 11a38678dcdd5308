// Computes the safe maximum, the saturation and the bottleneck of a cluster.

import { defined } from '../../core/defined.ts';
import type { Limit, SafeMaxTps, SaturationTps } from '../../core/documents/analysis.ts';
import {
  brokersOf,
  explainedCeiling,
  highestSustained,
  isJudgedResource,
  isProven,
  isSameLimit,
  isWithinLimit,
  isWithinReach,
  reachedTps,
  safeCeilings,
  saturationCeilings,
  sustainedTps,
  unexplainedCeiling,
} from './limits/ceilings.ts';
import { firstCeilingOf } from './limits/first-ceiling.ts';
import { atLeast } from './fit/crossing.ts';
import type { FirstCeiling, Ceiling, ExplainedCeiling, Evidence } from './evidence.ts';
import { lengthOf, targetTpsOf } from './steps/measured-step.ts';
import { leastStepSeconds, type Policy } from '../../core/policy/policy.ts';
import type { FittedResource } from './fit/resource-fit.ts';
import { generatorNode } from './limits/resource-use.ts';
import { missedFrom } from './limits/slo-limit.ts';
import { shapedCards } from './limits/shaped-card.ts';
import type { JudgedStep } from './steps/step-verdict.ts';
import type { LoadTestRun, Span } from '../evidence/load-test-run.ts';
import { ceilingOf } from './limits/suspects.ts';
import { normalQuantile } from '../../core/statistics/statistics.ts';
import { standInsOf } from './fit/stand-ins.ts';
import { hasUnmonitoredProxy } from './limits/unmonitored.ts';

/** @param isPredicted whether laws apply above the steps */
export function safeMaxOf(evidence: Evidence, isPredicted = true): SafeMaxTps {
  const { steps, policy } = evidence;
  const highest = highestSustained(steps);
  const explained = explainedCeiling(evidence);
  const crossing = firstSafeCeiling(evidence);
  const within = highestSustained(steps.filter((_, index) => isWithinPolicy(evidence, index, explained)));
  // A result without a named limit needs a step that proves it.
  const proving = highestSustained(steps.filter((_, index) => isWithinPolicy(evidence, index, explained, isProven)));
  const surely = highestSustained(
    steps.filter((_, index) => isWithinPolicy(evidence, index, explained, isSurelyWithin)),
  );
  const binding = crossing && raiseTo(crossing, sustainedTps(surely));
  const ceiling = unexplainedCeiling(evidence);
  // The bottleneck is unknown, and may limit the cluster below any known limit.
  if (ceiling && (binding === undefined || binding.value > sustainedTps(within))) {
    if (proving === undefined) return noneWithin(evidence, 'the cause of the limit that was reached');
    // A sustained rate just below the point where throughput stops growing is not safe; a card that may be the cause keeps its reserve.
    const share = Math.min(policy.cause.ceilingShare.value, shapedCards(ceiling, evidence)[0]?.use.policyLimit ?? 1);
    const sustained = sustainedTps(proving);
    const tps = Math.min(sustained, share * Math.max(ceiling.tps, sustained));
    return { kind: 'at-least', tps, reason: 'limit-cause-unknown', ceiling: ceilingOf(ceiling, evidence) };
  }
  // GC pauses grow faster than the load, so every other resource reaches its limit earlier.
  if (within && isPaused(evidence) && binding && binding.low > sustainedTps(highest))
    return { kind: 'at-least', tps: sustainedTps(within), reason: 'garbage-collection' };
  if (
    isPredicted &&
    binding &&
    // A rate of 0 is no result: the interval is too wide for one.
    binding.low > 0 &&
    highest &&
    isPredictable({ ...binding, value: binding.low }, reachedTps(evidence), evidence)
  ) {
    // The highest rate sustained within the policy for the confirmation time.
    const step = highestSustained(heldSteps(evidence, explained));
    const held = step && sustainedTps(step);
    if (held === undefined || held < policy.confirmedShare.value * binding.low)
      return { kind: 'predicted', ...answer(binding, policy) };
    return { kind: 'confirmed', ...answer({ ...binding, low: Math.min(binding.low, held) }, policy) };
  }
  if (proving && explained === undefined)
    return { kind: 'at-least', tps: sustainedTps(proving), reason: openEnd(evidence) };
  return proving ? { kind: 'unknown', missing: missingMetrics(evidence) } : noneWithin(evidence, sustainedStep);
}

/** @param first the first missing input, unless every step violated an SLO */
function noneWithin(evidence: Evidence, first: string): SafeMaxTps {
  const [below] = evidence.slos
    .flatMap((slo) => {
      const tps = missedFrom(slo, evidence.steps);
      return tps === undefined ? [] : [{ tps, limitedBy: slo.limit }];
    })
    // A slow group says less about other domains than the cluster does.
    .toSorted((a, b) => a.tps - b.tps || Number('group' in a.limitedBy) - Number('group' in b.limitedBy));
  if (below === undefined) return { kind: 'unknown', missing: missingOf(evidence, first) };
  return { kind: 'unknown', missing: missingOf(evidence, 'a sustained step that keeps every SLO'), below };
}

const sustainedStep = 'a sustained step within the policy limits';

/** Limits of the guard on client symptoms. */
const symptoms: ReadonlySet<string> = new Set(['errors', 'p99', 'lagMessages']);
/** Requests, permissions and disk space, which do not depend on the effect of a rate on the cluster (loadgen/guard). */
const unrelated = /^(?:stop|stop file|window|maxTps|maxNicShare of .*|free share of the disk of .*)$/;

type Guarded = Pick<LoadTestRun, 'events' | 'document'>;

/** An input without a value was not read. A redline records limits like rules, but bounds its result itself. */
const isLimit = ({ input, value }: Guarded['events']['guard'][number], { redline }: Guarded['document']): boolean =>
  symptoms.has(input) || (value !== undefined && redline === undefined && !unrelated.test(input));

/** Returns whether the guard stopped the run for client symptoms, or because a configured rule was violated. */
export function isStoppedAtLimit({ status, events, document }: Guarded & Pick<LoadTestRun, 'status'>): boolean {
  const last = events.guard.at(-1);
  return status === 'stopped' && last !== undefined && isLimit(last, document);
}

/**
 * The guard judges a second when the next one is reported (loadgen/guard/watched-seconds.ts), perhaps in the next step:
 * 2 s after its start, or a little less, because timers may be early.
 */
const judgedAfterSeconds = 1.9;

/** Returns whether the guard ended the load for what it saw in this step. */
export const isCutAtLimit = ({ events, document }: Guarded, { from, to }: Span): boolean =>
  events.guard.some((line) => {
    const at = line.elapsedSeconds - (symptoms.has(line.input) ? judgedAfterSeconds : 0);
    return isLimit(line, document) && at >= from && at <= to;
  });

/** The rate of the step that the guard stopped at a limit is not safe. */
export function withoutStopped(safe: SafeMaxTps, run: LoadTestRun, evidence: Evidence): SafeMaxTps {
  // A limit that is named in the stopped step explains the client symptoms.
  const explained = explainedCeiling(evidence);
  if (!isStoppedAtLimit(run) || (explained && isCutAtLimit(run, explained.step.step.recorded))) return safe;
  return atMostSustained(safe, evidence.steps);
}

/** The cause of the stop may be no resource, so the result does not exceed what was sustained before. */
export function atMostSustained(safe: SafeMaxTps, steps: readonly JudgedStep[]): SafeMaxTps {
  if (safe.kind === 'unknown') return safe;
  const highest = highestSustained(steps);
  if (highest === undefined) return { kind: 'unknown', missing: [{ what: sustainedStep, node: 'cluster' }] };
  return safe.tps <= highest.step.tps ? safe : { kind: 'at-least', tps: highest.step.tps, reason: 'aborted' };
}

/** A limit was reached after sustained steps, but without metrics the use that the policy allows is unknown. */
function missingMetrics(evidence: Evidence): { what: string; node: string }[] {
  const gaps = namedGaps(evidence);
  if (gaps.length > 0) return gaps;
  if (brokersOf(evidence.resources).length > 0) return missingOf(evidence, sustainedStep);
  return [{ what: 'host metrics of the brokers', node: 'cluster' }];
}

/** Returns the first limit of the policy, however far it is. */
export function firstSafeCeiling(evidence: Evidence): FirstCeiling | undefined {
  const explained = explainedCeiling(evidence);
  const read = safeCeilings(evidence);
  const ceilings = [...read, ...standInsOf(read, evidence)];
  const first = firstCeilingOf(ceilings, evidence.policy);
  // Only for a group that reached its limit: a resource that reached its limit has a ceiling that is no higher.
  return first && explained && explained.value < first.value
    ? firstCeilingOf([...ceilings, explained], evidence.policy)
    : first;
}

/** The lowest of all limits other than the first. */
export function nextCeiling(evidence: Evidence, first: Limit): FirstCeiling | undefined {
  const others = safeCeilings(evidence).filter(({ limit }) => !isSameLimit(limit, first));
  return firstCeilingOf(others, evidence.policy);
}

/** A rate that was certainly within the policy was measured, so an uncertain line through few steps does not lower it. */
function raiseTo(binding: FirstCeiling, achieved: number): FirstCeiling {
  return { ...binding, low: Math.max(binding.low, Math.min(binding.value, achieved)) };
}

/** A proxy without host metrics, which every message passes, may saturate at any rate above the achieved one. */
function isPredictable(
  ceiling: Pick<FirstCeiling, 'value' | 'kind'>,
  reached: number,
  { policy, unmonitored }: Evidence,
): boolean {
  return isWithinReach(ceiling, reached, policy) && (ceiling.value <= reached || !hasUnmonitoredProxy(unmonitored));
}

/** Steps that were sustained within the policy for the confirmation time. */
export function heldSteps(evidence: Evidence, explained = explainedCeiling(evidence)): JudgedStep[] {
  const { steps, policy } = evidence;
  return steps.filter(
    ({ verdict, step: { recorded } }, index) =>
      verdict.kind === 'sustained' &&
      lengthOf(recorded) >= policy.confirmationSeconds.value &&
      isWithinPolicy(evidence, index, explained, isProven),
  );
}

export function saturationOf(evidence: Evidence, isPredicted = true): SaturationTps {
  const { steps, policy } = evidence;
  const explained = explainedCeiling(evidence);
  if (explained) return { kind: 'confirmed', ...answer(repeatable(explained, evidence), policy) };
  const highest = highestSustained(steps);
  if (highest === undefined)
    return { kind: 'unknown', missing: missingOf(evidence, 'a step that was sustained or saturated') };
  const ceiling = unexplainedCeiling(evidence);
  if (ceiling) {
    const tps = sustainedTps(highest);
    return { kind: 'at-least', tps, reason: 'limit-cause-unknown', ceiling: ceilingOf(ceiling, evidence) };
  }
  const ceilings = saturationCeilings(evidence);
  const achieved = sustainedTps(highest);
  if (isPaused(evidence)) return { kind: 'at-least', tps: achieved, reason: 'garbage-collection' };
  const ofUnread = standInsOf(ceilings, evidence).map((each) => atLeast(each, achieved));
  const binding = firstCeilingOf([...ceilings, ...ofUnread], policy);
  if (isPredicted && binding && isPredictable(binding, achieved, evidence)) {
    const answered = answer(repeatable(binding, evidence), policy);
    return { kind: 'predicted', ...answered, extrapolationFactor: binding.value / achieved };
  }
  return { kind: 'at-least', tps: achieved, reason: openEnd(evidence) };
}

/**
 * Saturation varies more between runs than the samples of one run show: the interval includes that variation, and is
 * not below the sustained rate.
 */
function repeatable<T extends Ceiling>(full: T, { steps, policy }: Evidence): T {
  const { value, low, high } = full;
  const spread = normalQuantile((1 + policy.fit.confidence.value) / 2) * policy.fit.repeatability.value;
  const wider = (end: number) => Math.exp(Math.hypot(Math.log(end / value), spread));
  const sustained = Math.min(value, sustainedTps(highestSustained(steps)));
  return {
    ...full,
    low: low > 0 ? Math.max(sustained, value / wider(low)) : low,
    ...(high !== undefined && { high: value * wider(high) }),
  };
}

function answer({ value, low, high, limit }: Ceiling, { fit }: Policy) {
  const interval = defined({ low, high, confidence: fit.confidence.value });
  return { tps: low, estimateTps: value, interval, limitedBy: limit };
}

function isWithinPolicy(
  { resources, slos }: Evidence,
  step: number,
  explained: ExplainedCeiling | undefined,
  isWithin = isWithinLimit,
): boolean {
  return (
    brokersOf(resources).every((resource) => isWithin(resource, step, explained)) &&
    // As for a resource: a step without a measurement is unknown.
    slos.every(({ isKept }) => isKept[step] === true)
  );
}

/** Uses the upper bound, because the p99 of few seconds is as often too low as too high. */
function isSurelyWithin(resource: FittedResource, step: number, explained: ExplainedCeiling | undefined): boolean {
  const { surePeaks, capacity, policyLimit } = resource;
  const peak = isJudgedResource(resource, explained) ? (surePeaks?.[step] ?? 0) : 0;
  return peak <= policyLimit * capacity.value && isWithinLimit(resource, step, explained);
}

/** If a limit was reached, it is known, and nothing is predicted beyond it. */
const isPaused = (evidence: Evidence): boolean =>
  evidence.pausedBroker !== undefined && explainedCeiling(evidence) === undefined;

function openEnd({ steps, status }: Evidence): 'no-limit-reached' | 'generator-limited' | 'aborted' {
  const sustained = highestSustained(steps);
  const highest = sustained ? targetTpsOf(sustained.step) : 0;
  const isLimited = steps.some(
    ({ verdict, step }) =>
      verdict.kind === 'invalid' && verdict.reason === 'generator-limited' && targetTpsOf(step) > highest,
  );
  if (isLimited) return 'generator-limited';
  return status === 'completed' ? 'no-limit-reached' : 'aborted';
}

/** A step without a verdict could not have been sustained. */
function missingStep({ steps, policy }: Evidence, otherwise: string): string {
  if (steps.length === 0) return 'a step that was begun';
  if (steps.every(({ verdict }) => verdict.kind === 'invalid' && verdict.reason === 'too-short'))
    return `a step of ${leastStepSeconds(policy)} s or more`;
  if (steps.every(({ verdict }) => verdict.kind === 'invalid' && verdict.reason === 'generator-limited'))
    return 'a step that the load generator did not limit';
  const reasons = new Set(steps.map(({ verdict }) => (verdict.kind === 'not-judged' ? verdict.reason : undefined)));
  if (reasons.has(undefined)) return otherwise;
  return reasons.has('lag-unknown') ? 'figures of each consumer group' : 'a step at a rate that is held';
}

/** CPU and network of brokers without metrics in the run. */
export const gapsOf = ({ unknown }: Pick<Evidence, 'unknown'>): Evidence['unknown'] =>
  unknown.filter(
    ({ node, resource }) => node !== generatorNode && (resource === 'cpu' || resource.startsWith('network')),
  );

function missingOf(evidence: Evidence, first: string): { what: string; node: string }[] {
  return [{ what: missingStep(evidence, first), node: 'cluster' }, ...namedGaps(evidence)];
}

/** Both directions of a link miss the same metrics. */
function namedGaps(evidence: Evidence): { what: string; node: string }[] {
  return [...new Map(gapsOf(evidence).map(({ what, node }) => [`${what} ${node}`, { what, node }])).values()];
}
