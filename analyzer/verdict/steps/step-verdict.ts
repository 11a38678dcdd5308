// Judges a step: sustained, saturated by a limit that is named or unknown, or invalid.

import type { Finding, Limit, StepVerdict } from '../../../core/documents/analysis.ts';
import {
  generatorLimitText,
  judgeGenerator,
  type Calibration,
  type GeneratorLimit,
} from '../../../core/documents/generator-calibration.ts';
import { brokerLimit, hostLimit, type StepEvidence } from '../limits/explained-limit.ts';
import { targetTpsOf, type MeasuredStep } from './measured-step.ts';
import { nodeText, percentText, quantityText, rateNumberText, rateText } from '../../../core/text/quantity-text.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { generatorNode, utilisation } from '../limits/resource-use.ts';
import { mean } from '../../../core/statistics/statistics.ts';
import { isDrifting, isGrowing } from './steady-state.ts';

export interface JudgedStep {
  step: MeasuredStep;
  verdict: StepVerdict;
  /** Groups with growing lag. */
  laggingGroups: readonly string[];
  findings: readonly Finding[];
}

interface Circumstances extends StepEvidence {
  /** What the load generator does by itself, where that was measured before the run. */
  calibration: Calibration | undefined;
}

export function judgeStep(step: MeasuredStep, circumstances: Circumstances, policy: Policy): JudgedStep {
  const { growthShare, achievedShare, failedShare, driftShare, minimumSteadySeconds } = policy.step;
  const { isExcluded, lostWorker } = step.recorded;
  if (lostWorker === 'invalid') return judged(step, { kind: 'invalid', reason: 'worker-lost' });
  if (isExcluded) return judged(step, { kind: 'invalid', reason: 'generator-limited' });
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
    carriedTps(step) < achievedShare.value * targetTps ||
    isGrowing(step.backlog, growthShare.value * targetTps * step.sampleSeconds);
  const fails = step.failedShare > failedShare.value;
  const findings = laggingGroups.map((group) => lagFinding(step, group));
  if (!missesRate && laggingGroups.length === 0 && !fails) {
    const isUnstable = isDrifting(step.rates, driftShare.value);
    return judged(step, isUnstable ? { kind: 'invalid', reason: 'unstable' } : { kind: 'sustained' });
  }
  // Until others took over its share, it was not sent: that is what was missed.
  if (lostWorker) return judged(step, { kind: 'invalid', reason: 'worker-lost' });
  const limited = (bottleneck?: Limit, more: readonly Finding[] = []): JudgedStep => ({
    step,
    verdict: { kind: 'saturated', ...(bottleneck && { bottleneck }) },
    laggingGroups,
    findings: [...findings, ...more],
  });
  const ofBroker = brokerLimit(step, circumstances, policy);
  if (ofBroker) return limited(ofBroker);
  const slowness = generatorSlowness(step, circumstances, policy);
  if (slowness) {
    return {
      step,
      verdict: { kind: 'invalid', reason: 'generator-limited' },
      laggingGroups,
      findings: [...findings, slowness],
    };
  }
  const ofHost = hostLimit(step, circumstances, policy);
  if (ofHost) return limited(ofHost);
  const [group] = laggingGroups;
  if (group !== undefined && !missesRate && !fails) return limited({ slo: 'consumer-lag', group });
  if (missesRate && !fails && !isDrifting(step.rates, driftShare.value))
    return limited(undefined, [unexplained(step, fails)]);
  const verdict: StepVerdict = { kind: 'invalid', reason: fails ? 'errors' : 'unstable' };
  return { step, verdict, laggingGroups, findings: [...findings, unexplained(step, fails)] };
}

/** What was sent in the last second may be acknowledged after the step: in a short step one pause of 80 ms there is a missed rate. */
function carriedTps({ tps, rates }: MeasuredStep): number {
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
  const at = `at ${rateText(targetTpsOf(step))}`;
  if (load.eventLoopUtilisation > limits.eventLoopUtilisation.value) {
    return slowness(
      `the event loop of a worker was ${percentText(load.eventLoopUtilisation)} busy ${at}`,
      { name: 'event loop utilisation' },
      load.eventLoopUtilisation,
      limits.eventLoopUtilisation,
    );
  }
  if (load.threadCpu > limits.threadCpu.value) {
    return slowness(
      `a worker thread used ${percentText(load.threadCpu)} of a core ${at}`,
      { name: 'CPU of a worker' },
      load.threadCpu,
      limits.threadCpu,
    );
  }
  for (const use of uses.filter(({ node }) => node === generatorNode)) {
    const share = utilisation(use, index) ?? 0;
    const limit = use.kind === 'network' ? limits.network : policy.saturation[use.kind];
    if (share >= limit.value)
      return slowness(
        `its own ${use.resource} was ${percentText(share)} full ${at}`,
        { name: use.resource },
        share,
        limit,
      );
  }
  const shared = uses.find(({ isShared }) => isShared);
  const busy = shared?.uses[index]?.mean;
  if (
    shared &&
    busy !== undefined &&
    busy / shared.capacity.value >= policy.saturation.cpu.value &&
    load.cores / busy > limits.hostCpuShare.value
  ) {
    return slowness(
      `it used ${percentText(load.cores / busy)} of the busy time of the cores it shares with ${nodeText(shared.node)} ${at}`,
      { name: 'share of busy cores' },
      load.cores / busy,
      limits.hostCpuShare,
    );
  }
  const delay = step.recorded.sendDelaySeconds?.p50 ?? 0;
  // A send that waited because the broker had not answered is the broker's slowness.
  if (delay > limits.sendDelaySeconds.value && load.blockedShare < blockedByBroker) {
    return slowness(
      `half of the sends left more than ${Math.round(delay * 1000)} ms late ${at}, without waiting for the broker`,
      { name: 'send delay p50', unit: 's' },
      delay,
      limits.sendDelaySeconds,
    );
  }
  // CPU and event loop were held against the policy above.
  const [limit] = limitsOf(step, calibration);
  return (
    limit &&
    slowness(`${generatorLimitText(limit)}, ${at}`, calibratedFigures[limit.by], limit.measured, calibrated(limit))
  );
}

/** What needs a calibration: floor and ceiling. */
export function limitsOf(
  { recorded, tps }: Pick<MeasuredStep, 'recorded' | 'tps'>,
  calibration: Calibration | undefined,
): GeneratorLimit[] {
  const { targetTps, serviceSeconds } = recorded;
  return judgeGenerator({ targetTps, achievedTps: tps, serviceSeconds }, calibration);
}

const calibratedFigures = {
  ceiling: { name: 'rate achieved', unit: 'messages/s' },
  latency: { name: 'service time delay p99', unit: 's' },
  cpu: { name: 'CPU of a worker', unit: 'ratio' },
  'event-loop': { name: 'event loop utilisation', unit: 'ratio' },
} as const satisfies Record<GeneratorLimit['by'], { name: string; unit: string }>;

const calibrated = ({ limit }: GeneratorLimit) => ({ value: limit, source: 'calibration in run.json' });

/** Less than this share of the time and waiting for the broker does not explain a late median. */
const blockedByBroker = 0.1;

function slowness(
  why: string,
  { name, unit = 'ratio' }: { name: string; unit?: string },
  value: number,
  limit: { value: number; source: string },
): Finding {
  return {
    severity: 'warning',
    code: 'generator-limited',
    message: `The load generator was the limit: ${why}. The cluster was not shown to be full; give the generator more workers or another machine.`,
    evidence: [
      { name, value, unit, source: 'journal.ndjson' },
      { name: 'limit', value: limit.value, unit, source: limit.source },
    ],
  };
}

function lagFinding(step: MeasuredStep, group: string): Finding {
  const consumed = step.groups.find((each) => each.group === group)?.tps ?? 0;
  return {
    severity: 'warning',
    code: 'consumer-lag-growing',
    message: `Group ${group} fell behind at ${rateText(targetTpsOf(step))}: ${rateText(step.tps)} were produced and ${quantityText(consumed)} consumed.`,
    evidence: [
      { name: 'produced', value: step.tps, unit: 'messages/s', source: 'journal.ndjson' },
      { name: 'consumed', value: consumed, unit: 'messages/s', source: 'journal.ndjson' },
    ],
  };
}

function unexplained(step: MeasuredStep, fails: boolean): Finding {
  const what = fails
    ? `${quantityText(step.failedSends)} sends failed`
    : `${rateNumberText(step.tps)} of ${rateText(targetTpsOf(step))} were achieved`;
  return {
    severity: 'warning',
    code: 'limit-unexplained',
    message: `At ${rateText(targetTpsOf(step))} ${what}, and no resource that was measured was full: what stopped it is not known.`,
    evidence: [{ name: 'achieved', value: step.tps, unit: 'messages/s', source: 'journal.ndjson' }],
  };
}
