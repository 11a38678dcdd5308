// Judges a step: sustained, saturated by a named or unknown limit, or invalid.

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
import { growthShareIn, isDrifting, isGrowing } from './steady-state.ts';

export interface JudgedStep {
  step: MeasuredStep;
  verdict: StepVerdict;
  /** Groups with growing lag. */
  laggingGroups: readonly string[];
  /** Followers with growing lag; absent if they kept up or none is reported. */
  copyLag?: CopyLag;
  /** The target was achieved until the guard ended the load, so the cluster may carry more. */
  isHeld?: true;
  findings: readonly Finding[];
}

interface Circumstances extends StepEvidence {
  /** Limits of the load generator itself, if they were measured before the run. */
  calibration: Calibration | undefined;
  /**
   * Only for a load through a proxy without host metrics, which may slow the consumers: the rate above which the
   * processing time of a group explains its lag.
   */
  lagsFrom?: ReadonlyMap<string, number>;
  /** Whether a broker was lost during the step. */
  isWithoutBroker: boolean;
  /** Whether the guard ended the load for what it saw in this step. */
  isCutAtLimit: boolean;
}

export function judgeStep(step: MeasuredStep, circumstances: Circumstances, policy: Policy): JudgedStep {
  const { achievedShare, failedShare, driftShare, minimumSteadySeconds } = policy.step;
  const { isExcluded, isDiscarded, lostWorker } = step.recorded;
  if (lostWorker === 'invalid') return judged(step, { kind: 'invalid', reason: 'worker-lost' });
  const { isWithoutBroker } = circumstances;
  if (isExcluded)
    return judged(step, { kind: 'invalid', reason: isWithoutBroker ? 'broker-lost' : 'generator-limited' });
  if (isDiscarded) return judged(step, { kind: 'not-judged', reason: 'changing-rate' });
  const unheld = unheldLoad(step);
  if (unheld) return judged(step, { kind: 'not-judged', reason: unheld });
  if (step.rates.length < minimumSteadySeconds.value) return judged(step, { kind: 'invalid', reason: 'too-short' });
  if (step.recorded.isCurve && isDrifting(step.intendedRates, driftShare.value)) {
    return judged(step, { kind: 'not-judged', reason: 'changing-rate' });
  }
  const targetTps = targetTpsOf(step);
  const growthShare = growthShareIn(step.window.to - step.window.from, policy);
  const laggingGroups = step.groups
    .filter(
      ({ lag, lumpedTps = Number.POSITIVE_INFINITY }) =>
        isGrowing(lag, growthShare * step.tps * step.sampleSeconds) || lumpedTps < achievedShare.value * step.tps,
    )
    .map(({ group }) => group);
  const missesRate =
    achievedTps(step) < achievedShare.value * targetTps ||
    isGrowing(step.backlog, growthShare * targetTps * step.sampleSeconds);
  const fails = step.failedShare > failedShare.value;
  const findings = laggingGroups.map((group) => lagFinding(step, group));
  const { copyLag } = circumstances;
  const isHeld = !missesRate && laggingGroups.length === 0 && !fails && copyLag === undefined;
  if (isHeld && !circumstances.isCutAtLimit) {
    if (isDrifting(step.rates, driftShare.value)) return judged(step, { kind: 'invalid', reason: 'unstable' });
    const { from, to } = step.window;
    // Counts samples, as for rates: with fewer than five, no growth is significant.
    const fewestSamples = minimumSteadySeconds.value;
    const isLagUnknown = step.groups.some(
      ({ lag, lagSeconds }) => lag.length < fewestSamples || lagSeconds < knownShare * (to - from),
    );
    return judged(step, isLagUnknown ? { kind: 'not-judged', reason: 'lag-unknown' } : { kind: 'sustained' });
  }
  // The share of a lost worker was not sent until others took over, which explains the missed rate.
  if (lostWorker) return judged(step, { kind: 'invalid', reason: 'worker-lost' });
  // Senders waited for the lost broker, so neither they nor the other brokers are at their limit.
  if (isWithoutBroker) return judged(step, { kind: 'invalid', reason: 'broker-lost' });
  const withFindings = (verdict: StepVerdict, more: readonly Finding[]): JudgedStep => ({
    step,
    verdict,
    laggingGroups,
    findings: [...findings, ...more],
  });
  const limited = (bottleneck?: Limit, more: readonly Finding[] = []): JudgedStep => ({
    ...withFindings({ kind: 'saturated', ...(bottleneck && { bottleneck }) }, more),
    ...(copyLag && { copyLag }),
    ...(isHeld && { isHeld }),
  });
  const ofBroker = brokerLimit(step, circumstances, policy);
  if (ofBroker) return limited(ofBroker);
  const slowness = generatorSlowness(step, circumstances, policy);
  // The generator achieved the rate, but may have caused what the guard saw.
  if (slowness && isHeld) return judged(step, { kind: 'invalid', reason: 'guard-stopped' });
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
  if (isHeld) return judged(step, { kind: 'invalid', reason: 'guard-stopped' });
  const unexplained = unexplainedFinding(step, fails, hasFullSharedCpu(circumstances, policy));
  // If every send failed, the failures do not depend on the rate; if none was acknowledged or failed, the rate was missed.
  if (missesRate && (step.tps > 0 || !fails)) return limited(undefined, [unexplained]);
  return withFindings({ kind: 'invalid', reason: 'errors' }, [unexplained]);
}

/**
 * Messages of the last second may be acknowledged after the step: in a short step, one pause of 80 ms there would miss
 * the rate.
 */
function achievedTps({ tps, rates }: MeasuredStep): number {
  return rates.length < 2 ? tps : Math.max(tps, mean(rates.slice(0, -1)));
}

/** @returns why the step had no constant rate to sustain */
function unheldLoad({ recorded: { targetTps, isRateUnknown, hasBacklog } }: MeasuredStep) {
  if (targetTps === undefined) return isRateUnknown ? 'rate-unknown' : 'closed-loop';
  if (targetTps === 0) return 'nothing-sent';
  // Consumers first read nothing, and then twice as much, so neither resources nor lag follow the rate.
  return hasBacklog ? 'backlog' : undefined;
}

function judged(step: MeasuredStep, verdict: StepVerdict): JudgedStep {
  return { step, verdict, laggingGroups: [], findings: [] };
}

/** @returns why the generator, and not the cluster, missed the rate; undefined if the generator was not saturated */
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
  // A send that waited because the broker had not responded is delayed by the broker.
  if (delay > limits.sendDelaySeconds.value && load.blockedShare < blockedByBroker) {
    return slowness({ cause: 'send-delay', targetTps, measured: delay, limit: limits.sendDelaySeconds });
  }
  // CPU and event loop were compared with the policy above.
  const [exceeded] = limitsOf(step, calibration);
  return exceeded && slowness({ cause: 'calibration', targetTps, exceeded });
}

/** @returns the saturated part of the generator's busiest worker; undefined if there is none */
export function fullGenerator({ generator }: MeasuredStep, { generator: limits }: Policy) {
  const { eventLoopUtilisation, threadCpu } = generator;
  if (eventLoopUtilisation > limits.eventLoopUtilisation.value) {
    return { by: 'event-loop', share: eventLoopUtilisation, limit: limits.eventLoopUtilisation } as const;
  }
  const isFull = threadCpu > limits.threadCpu.value;
  return isFull ? ({ by: 'thread', share: threadCpu, limit: limits.threadCpu } as const) : undefined;
}

/** Limits that need a calibration: floor and ceiling. */
export function limitsOf(
  { recorded, tps }: Pick<MeasuredStep, 'recorded' | 'tps'>,
  calibration: Calibration | undefined,
): GeneratorLimit[] {
  const { targetTps, serviceSeconds } = recorded;
  return judgeGenerator({ targetTps, achievedTps: tps, serviceSeconds }, calibration);
}

/** With figures for a smaller share of the time, a group may have stopped in the rest. */
const knownShare = 0.8;

/** If senders were blocked by the broker for a smaller share of the time, that does not explain a late median. */
const blockedByBroker = 0.1;

function lagFinding(step: MeasuredStep, group: string): Finding {
  const consumedTps = step.groups.find((each) => each.group === group)?.tps ?? 0;
  const targetTps = targetTpsOf(step);
  return findingOf('consumer-lag-growing', { group, targetTps, producedTps: step.tps, consumedTps });
}

/** This is no limit of the brokers, because the load generator uses the same cores. */
export function hasFullSharedCpu(
  { index, uses }: Pick<StepEvidence, 'index' | 'uses'>,
  { saturation }: Policy,
): boolean {
  return uses.some((use) => use.isShared && (utilisation(use, index) ?? 0) >= saturation.cpu.value);
}

function unexplainedFinding(step: MeasuredStep, fails: boolean, isSharedCpuFull: boolean): Finding {
  const { tps, failedSends } = step;
  return findingOf('limit-cause-unknown', {
    targetTps: targetTpsOf(step),
    ceilingTps: tps,
    ...(fails && { failedSends }),
    isSharedCpuFull,
  });
}
