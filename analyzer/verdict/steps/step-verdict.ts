// Judges a step: sustained, saturated by a limit that is named or unknown, or invalid.

import type { Finding, Limit, StepVerdict } from '../../../core/documents/analysis.ts';
import type { GeneratorFacts } from '../../../core/documents/findings/generator-findings.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import {
  judgeGenerator,
  type Calibration,
  type GeneratorLimit,
} from '../../../core/documents/generator-calibration.ts';
import { brokerLimit, hostLimit, type StepEvidence } from '../limits/explained-limit.ts';
import type { CopyLag } from './copy-lag.ts';
import { targetTpsOf, type MeasuredStep } from './measured-step.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { generatorNode, utilisation } from '../limits/resource-use.ts';
import { mean } from '../../../core/statistics/statistics.ts';
import { isDrifting, isGrowing } from './steady-state.ts';

export interface JudgedStep {
  step: MeasuredStep;
  verdict: StepVerdict;
  /** Groups with growing lag. */
  laggingGroups: readonly string[];
  /** Copies that fell further behind; absent where they kept up or nothing reports it. */
  copyLag?: CopyLag;
  findings: readonly Finding[];
}

interface Circumstances extends StepEvidence {
  /** What the load generator does by itself, where that was measured before the run. */
  calibration: Calibration | undefined;
  /**
   * Only of a load through a proxy without host metrics, which may be what stops the consumers: the rate from which the
   * processing time of a group explains its lag.
   */
  lagsFrom?: ReadonlyMap<string, number>;
}

export function judgeStep(step: MeasuredStep, circumstances: Circumstances, policy: Policy): JudgedStep {
  const { growthShare, achievedShare, failedShare, driftShare, minimumSteadySeconds } = policy.step;
  const { isExcluded, isDiscarded, lostWorker } = step.recorded;
  if (lostWorker === 'invalid') return judged(step, { kind: 'invalid', reason: 'worker-lost' });
  if (isExcluded) return judged(step, { kind: 'invalid', reason: 'generator-limited' });
  if (isDiscarded) return judged(step, { kind: 'not-judged', reason: 'changing-rate' });
  const unheld = unheldLoad(step);
  if (unheld) return judged(step, { kind: 'not-judged', reason: unheld });
  if (step.rates.length < minimumSteadySeconds.value) return judged(step, { kind: 'invalid', reason: 'too-short' });
  if (step.recorded.isCurve && isDrifting(step.intendedRates, driftShare.value)) {
    return judged(step, { kind: 'not-judged', reason: 'changing-rate' });
  }
  const targetTps = targetTpsOf(step);
  const laggingGroups = step.groups
    .filter(
      ({ lag, lumpedTps = Number.POSITIVE_INFINITY }) =>
        isGrowing(lag, growthShare.value * step.tps * step.sampleSeconds) || lumpedTps < achievedShare.value * step.tps,
    )
    .map(({ group }) => group);
  const missesRate =
    achievedTps(step) < achievedShare.value * targetTps ||
    isGrowing(step.backlog, growthShare.value * targetTps * step.sampleSeconds);
  const fails = step.failedShare > failedShare.value;
  const findings = laggingGroups.map((group) => lagFinding(step, group));
  const { copyLag } = circumstances;
  if (!missesRate && laggingGroups.length === 0 && !fails && copyLag === undefined) {
    if (isDrifting(step.rates, driftShare.value)) return judged(step, { kind: 'invalid', reason: 'unstable' });
    const { from, to } = step.window;
    // Compared with the number of samples, as of the rates: with fewer than five, no growth is significant.
    const fewestSamples = minimumSteadySeconds.value;
    const isLagUnknown = step.groups.some(
      ({ lag, lagSeconds }) => lag.length < fewestSamples || lagSeconds < knownShare * (to - from),
    );
    return judged(step, isLagUnknown ? { kind: 'not-judged', reason: 'lag-unknown' } : { kind: 'sustained' });
  }
  // Until others took over its share, it was not sent: that is what was missed.
  if (lostWorker) return judged(step, { kind: 'invalid', reason: 'worker-lost' });
  const withFindings = (verdict: StepVerdict, more: readonly Finding[]): JudgedStep => ({
    step,
    verdict,
    laggingGroups,
    findings: [...findings, ...more],
  });
  const limited = (bottleneck?: Limit, more: readonly Finding[] = []): JudgedStep => ({
    ...withFindings({ kind: 'saturated', ...(bottleneck && { bottleneck }) }, more),
    ...(copyLag && { copyLag }),
  });
  const ofBroker = brokerLimit(step, circumstances, policy);
  if (ofBroker) return limited(ofBroker);
  const slowness = generatorSlowness(step, circumstances, policy);
  if (slowness) return withFindings({ kind: 'invalid', reason: 'generator-limited' }, [slowness]);
  const ofHost = hostLimit(step, circumstances, policy);
  if (ofHost) return limited(ofHost);
  if (laggingGroups.length > 0 && !missesRate && !fails) {
    const { lagsFrom } = circumstances;
    const group = laggingGroups.find(
      (each) => lagsFrom === undefined || (lagsFrom.get(each) ?? Number.POSITIVE_INFINITY) <= targetTps,
    );
    return limited(group === undefined ? undefined : { slo: 'consumer-lag', group });
  }
  const unexplained = unexplainedFinding(step, fails, hasFullSharedCpu(circumstances, policy));
  // Where every send failed, none was a question of the rate; where none was answered, none failed.
  if (missesRate && (step.tps > 0 || !fails)) return limited(undefined, [unexplained]);
  return withFindings({ kind: 'invalid', reason: 'errors' }, [unexplained]);
}

/** What was sent in the last second may be acknowledged after the step: in a short step one pause of 80 ms there is a missed rate. */
function achievedTps({ tps, rates }: MeasuredStep): number {
  return rates.length < 2 ? tps : Math.max(tps, mean(rates.slice(0, -1)));
}

/** @returns why there was no rate that could be held */
function unheldLoad({ recorded: { targetTps, isRateUnknown, hasBacklog } }: MeasuredStep) {
  if (targetTps === undefined) return isRateUnknown ? 'rate-unknown' : 'closed-loop';
  if (targetTps === 0) return 'nothing-sent';
  // Nothing is read, and then twice as much: neither machines nor lag follow the rate.
  return hasBacklog ? 'backlog' : undefined;
}

function judged(step: MeasuredStep, verdict: StepVerdict): JudgedStep {
  return { step, verdict, laggingGroups: [], findings: [] };
}

/** @returns why the generator, and not the cluster, missed the rate; undefined when it had room */
function generatorSlowness(
  step: MeasuredStep,
  { index, uses, calibration }: Circumstances,
  policy: Policy,
): Finding | undefined {
  const { generator: load } = step;
  const limits = policy.generator;
  const targetTps = targetTpsOf(step);
  const slowness = (facts: GeneratorFacts): Finding => findingOf('generator-limited', facts);
  const full = fullGenerator(step, policy);
  if (full) return slowness({ cause: full.by, targetTps, measured: full.share, limit: full.limit });
  for (const use of uses.filter(({ node }) => node === generatorNode)) {
    const measured = utilisation(use, index) ?? 0;
    const limit = use.kind === 'network' ? limits.network : policy.saturation[use.kind];
    const { resource } = use;
    if (measured >= limit.value) return slowness({ cause: 'own-resource', resource, targetTps, measured, limit });
  }
  const shared = uses.find(({ isShared }) => isShared);
  const busy = shared?.uses[index]?.mean;
  if (shared && busy !== undefined && busy / shared.capacity.value >= policy.saturation.cpu.value) {
    const measured = load.cores / busy;
    const limit = limits.hostCpuShare;
    if (measured > limit.value) {
      return slowness({ cause: 'shared-cores', node: shared.node, targetTps, measured, limit });
    }
  }
  const delay = step.recorded.sendDelaySeconds?.p50 ?? 0;
  // A send that waited because the broker had not answered is the broker's slowness.
  if (delay > limits.sendDelaySeconds.value && load.blockedShare < blockedByBroker) {
    return slowness({ cause: 'send-delay', targetTps, measured: delay, limit: limits.sendDelaySeconds });
  }
  // CPU and event loop were compared with the policy above.
  const [exceeded] = limitsOf(step, calibration);
  return exceeded && slowness({ cause: 'calibration', targetTps, exceeded });
}

/** @returns which part of the generator's busiest worker is full; undefined where it has room */
export function fullGenerator({ generator }: MeasuredStep, { generator: limits }: Policy) {
  const { eventLoopUtilisation, threadCpu } = generator;
  if (eventLoopUtilisation > limits.eventLoopUtilisation.value) {
    return { by: 'event-loop', share: eventLoopUtilisation, limit: limits.eventLoopUtilisation } as const;
  }
  const isFull = threadCpu > limits.threadCpu.value;
  return isFull ? ({ by: 'thread', share: threadCpu, limit: limits.threadCpu } as const) : undefined;
}

/** What needs a calibration: floor and ceiling. */
export function limitsOf(
  { recorded, tps }: Pick<MeasuredStep, 'recorded' | 'tps'>,
  calibration: Calibration | undefined,
): GeneratorLimit[] {
  const { targetTps, serviceSeconds } = recorded;
  return judgeGenerator({ targetTps, achievedTps: tps, serviceSeconds }, calibration);
}

/** With figures for a smaller share of the time, a group may have stopped in the rest. */
const knownShare = 0.8;

/** Less than this share of the time and waiting for the broker does not explain a late median. */
const blockedByBroker = 0.1;

function lagFinding(step: MeasuredStep, group: string): Finding {
  const consumedTps = step.groups.find((each) => each.group === group)?.tps ?? 0;
  const targetTps = targetTpsOf(step);
  return findingOf('consumer-lag-growing', { group, targetTps, producedTps: step.tps, consumedTps });
}

/** It is no limit of the brokers: the load generator works on these cores, too. */
function hasFullSharedCpu({ index, uses }: Circumstances, { saturation }: Policy): boolean {
  return uses.some((use) => use.isShared && (utilisation(use, index) ?? 0) >= saturation.cpu.value);
}

function unexplainedFinding(step: MeasuredStep, fails: boolean, isSharedCpuFull: boolean): Finding {
  const { tps, failedSends } = step;
  return findingOf('limit-unexplained', {
    targetTps: targetTpsOf(step),
    tps,
    ...(fails && { failedSends }),
    isSharedCpuFull,
  });
}
