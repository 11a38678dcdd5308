// Names what failed first in a rehearsal, from the analyzer's verdicts of its steps.

import type { AnalysedStep, Limit } from '../../../core/documents/analysis.ts';
import type { BrokerStop, RehearsalDocument, SeenFailure } from '../../../core/documents/rehearsal.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import { gatherEvidence, type GatheredEvidence } from '../../verdict/analyze-run.ts';
import { isSameLimit } from '../../verdict/limits/ceilings.ts';
import { utilisation } from '../../verdict/limits/resource-use.ts';
import { targetTpsOf } from '../../verdict/steps/measured-step.ts';
import type { JudgedStep } from '../../verdict/steps/step-verdict.ts';
import { momentOf, type RehearsalCourse } from './course.ts';

type Result = NonNullable<RehearsalDocument['result']>;

interface JudgedRehearsal extends Pick<Result, 'seen' | 'minutesOutside' | 'steps'> {}

interface Rehearsed {
  course: RehearsalCourse;
  stop?: BrokerStop | undefined;
  /** Name of a group in the promotion. */
  groupName(group: string): string;
}

export function judgeRehearsal(run: LoadTestRun, policy: Policy, rehearsed: Rehearsed): JudgedRehearsal {
  const evidence = gatherEvidence(run, policy);
  const { course, groupName } = rehearsed;
  const violatedAt = (index: number) =>
    evidence.slos.flatMap(({ isKept, limit }) => (isKept[index] === false ? [withGroup(limit, groupName)] : []));
  const steps = evidence.steps.map((judged, index) => {
    const { step, verdict } = judged;
    const violated = violatedAt(index);
    const { latencySeconds } = step.recorded;
    return {
      promotionMinutes: momentOf(course, index).promotionMinutes,
      targetTps: targetTpsOf(step),
      achievedTps: step.tps,
      verdict: withGroupOfVerdict(verdict, groupName),
      violated,
      isOutside: hasFailed(judged, evidence.steps[index + 1], policy) || violated.length > 0,
      ...(latencySeconds && { latencySeconds }),
    };
  });
  const stepMinutes = (course.stepSeconds * course.compress) / 60;
  return {
    seen: firstFailure(evidence, steps, rehearsed),
    minutesOutside: steps.filter(({ isOutside }) => isOutside).length * stepMinutes,
    steps,
  };
}

/** In an idle minute a few messages are a percent, and a pause of any host delays that many. */
const fewestMissed = 10;
/** A shorter pause makes a short step miss several percent. */
const longestPauseSeconds = 1;

/** An uneven step is not a failed one. */
function hasFailed(
  { step, verdict, laggingGroups, copyLag }: JudgedStep,
  next: JudgedStep | undefined,
  { step: { failedShare } }: Policy,
): boolean {
  const target = targetTpsOf(step);
  const missed = (target - step.tps) * (step.recorded.to - step.recorded.from);
  const isCaughtUp = next?.verdict.kind === 'sustained' && targetTpsOf(next.step) >= target;
  const hasMissed = missed >= Math.max(fewestMissed, isCaughtUp ? longestPauseSeconds * target : 0);
  if (verdict.kind !== 'saturated') return verdict.kind === 'invalid' && verdict.reason === 'errors';
  const fails = step.failedShare > failedShare.value;
  return hasMissed || fails || laggingGroups.length > 0 || copyLag !== undefined;
}

function firstFailure(
  evidence: GatheredEvidence,
  steps: JudgedRehearsal['steps'],
  { course, stop }: Rehearsed,
): SeenFailure {
  const first = steps.findIndex(({ isOutside }) => isOutside);
  const invalid = steps.findIndex(
    ({ verdict, isOutside }) => !isOutside && verdict.kind === 'invalid' && verdict.reason !== 'unstable',
  );
  if (invalid >= 0 && (first < 0 || invalid < first)) {
    const { verdict, targetTps } = steps[invalid] as (typeof steps)[number];
    const why = verdict.kind === 'invalid' ? verdict.reason : '';
    const reason = `step ${invalid + 1} at ${Math.round(targetTps)} msg/s cannot be judged: ${why}`;
    return { kind: 'unknown', reason };
  }
  if (first < 0) {
    if (steps.length >= course.steps.length) return { kind: 'none' };
    return { kind: 'unknown', reason: `the run ended in step ${steps.length} of ${course.steps.length}` };
  }
  const { verdict, violated, targetTps, achievedTps, latencySeconds } = steps[first] as (typeof steps)[number];
  const bottleneck = verdict.kind === 'saturated' ? verdict.bottleneck : undefined;
  const limit = bottleneck ?? violated[0];
  const isStopped = stop !== undefined && first >= stop.step;
  return {
    kind: 'failure',
    ...momentOf(course, first),
    cause: causeOf(bottleneck, violated, isStopped),
    ...(limit && { limit }),
    targetTps,
    achievedTps,
    evidence: [
      ...useOf(evidence, limit, first),
      { name: 'achieved rate', value: achievedTps, unit: 'msg/s', source: 'load generator' },
      { name: 'target rate', value: targetTps, unit: 'msg/s', source: 'promotion, scaled' },
      ...(latencySeconds
        ? [{ name: 'publish latency p99', value: latencySeconds.p99, unit: 's', source: 'load generator' }]
        : []),
      ...(isStopped && stop
        ? [{ name: `step in which broker ${stop.broker} stopped`, value: stop.step + 1, unit: '', source: 'lab' }]
        : []),
    ],
  };
}

function causeOf(bottleneck: Limit | undefined, violated: readonly Limit[], isStopped: boolean) {
  if (bottleneck !== undefined) return 'resource' in bottleneck ? 'resource' : 'consumer-lag';
  if (isStopped) return 'broker-stopped';
  return violated.length > 0 ? 'slo' : 'unexplained';
}

/** Measured use of the resource that limited the step. */
function useOf({ uses }: GatheredEvidence, limit: Limit | undefined, step: number) {
  if (limit === undefined || !('resource' in limit)) return [];
  const use = uses.find(({ resource, node }) => resource === limit.resource && node === limit.node);
  const share = use && utilisation(use, step);
  if (use === undefined || share === undefined) return [];
  const source = `of ${use.capacity.value} ${use.kind === 'network' ? 'B/s' : 'units'}`;
  return [{ name: `${limit.resource} of ${limit.node}`, value: share, unit: 'ratio', source }];
}

const withGroup = <Any extends Limit>(limit: Any, groupName: (group: string) => string): Any =>
  'group' in limit ? { ...limit, group: groupName(limit.group) } : limit;

function withGroupOfVerdict(
  verdict: AnalysedStep['verdict'],
  groupName: (group: string) => string,
): AnalysedStep['verdict'] {
  if (verdict.kind !== 'saturated' || verdict.bottleneck === undefined) return verdict;
  return { ...verdict, bottleneck: withGroup(verdict.bottleneck, groupName) };
}

/** @returns undefined if either is unknown */
export function agreement(predicted: RehearsalDocument['predicted'], seen: SeenFailure): Result['agrees'] {
  if (predicted.kind === 'unknown' || seen.kind === 'unknown') return undefined;
  if (predicted.kind === 'none' || seen.kind === 'none') return { limit: predicted.kind === seen.kind };
  const stepsApart = Math.abs(predicted.step - seen.step);
  const [a, b] = [predicted.limit, seen.limit];
  if (a === undefined || b === undefined) return { limit: predicted.cause === seen.cause, stepsApart };
  return { limit: [a, ...predicted.alike].some((each) => isSameLimit(each, b)), stepsApart };
}
