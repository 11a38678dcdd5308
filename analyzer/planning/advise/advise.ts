// Advises what to measure next: first missing input, then what narrows the interval of the safe maximum most.

import type { AdviceDocument } from '../../../core/documents/advice.ts';
import type { Analysis, SafeMaxTps } from '../../../core/documents/analysis.ts';
import { firstCeilingOf, reachedTps, safeCeilings } from '../../verdict/limits/ceilings.ts';
import { type GatheredEvidence, gatherEvidence } from '../../verdict/analyze-run.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { nodeText, percentText, quantityText, rateText } from '../../../core/text/quantity-text.ts';
import { gapsOf, isStoppedAtLimit } from '../../verdict/safe-max.ts';
import type { Evidence } from '../../verdict/evidence.ts';
import type { MeasuredStep } from '../../verdict/steps/measured-step.ts';
import type { Use } from '../../verdict/limits/resources/model.ts';
import { scaledUse } from '../../verdict/limits/resources/use.ts';
import { fitResources, type FittedResource } from '../../verdict/fit/resource-fit.ts';
import type { ResourceUse } from '../../verdict/limits/resource-use.ts';
import type { JudgedStep } from '../../verdict/steps/step-verdict.ts';
import { useAt } from '../../verdict/fit/use-law.ts';

export type Advice = AdviceDocument['advice'][number];

/** Shares of the estimate: below, at and beyond the limit. */
const triedRates = [0.3, 0.5, 0.75, 0.9, 1, 1.1];
/** Factor on the highest tested rate: a larger step may saturate the cluster and reveal nothing about the law. */
const farthest = 1.5;
/** Least relevant gain. */
const leastGain = 0.02;
/** Reasons of an `at-least` whose limit may be found at a higher rate. */
const openReasons: ReadonlySet<string> = new Set(['no-limit-reached', 'aborted']);

export function advise(run: LoadTestRun, analysis: Analysis, policy: Policy): Advice[] {
  const evidence = gatherEvidence(run, policy);
  return [
    ...missing(run, analysis, evidence),
    ...narrower(run, analysis.safeMaxTps, evidence),
    ...sizes(run, analysis, ratesOf(evidence)),
  ];
}

/** What prevents any answer, in the order to fix it. */
function missing(run: LoadTestRun, { safeMaxTps: safe, findings }: Analysis, evidence: GatheredEvidence): Advice[] {
  const grave = findings.filter(({ severity }) => severity === 'critical');
  const doubts: Advice[] = grave.map(({ code, message }) => ({
    kind: 'settle-doubt',
    text: `Settle ${code} first: ${message.split('\n')[0]}`,
  }));
  const unread: Advice[] = [...Map.groupBy(gapsOf(evidence), ({ node }) => node)].map(([node, gaps]) => ({
    kind: 'read-host',
    text: `Make ${gaps.map(({ resource }) => resource).join(', ')} of ${nodeText(node)} readable (${gaps[0]?.what}): without this, a limit there cannot be detected. \`plimsoll ready\` shows why there are no metrics.`,
  }));
  return [...doubts, ...unread, ...nextRun(run, safe, evidence)];
}

/** @returns the next run; empty for a confirmed or observed maximum */
function nextRun(run: LoadTestRun, safe: SafeMaxTps, evidence: GatheredEvidence): Advice[] {
  const rates = ratesOf(evidence);
  const highest = Math.max(reachedTps(evidence), ...evidence.steps.map(({ step }) => step.tps), 0);
  const stepSeconds = evidence.policy.confirmationSeconds.value;
  const minutes = quantityText(stepSeconds / 60);
  if (safe.kind === 'predicted' || (safe.kind === 'at-least' && safe.reason === 'held-too-briefly')) {
    const rate = `${rateText(safe.tps)} for ${minutes} minutes`;
    const text =
      safe.kind === 'predicted' ? `Send ${rate}: this turns the prediction into a confirmed rate.` : `Hold ${rate}.`;
    return [{ kind: 'confirm', text, command: runCommand(run, { rates: [Math.floor(safe.tps)], stepSeconds }) }];
  }
  if (safe.kind === 'at-least' && safe.reason === 'generator-limited') {
    const text = 'Give the load generator twice the workers or a separate machine, and repeat the same rates.';
    return [{ kind: 'more-generator', text, command: runCommand(run, { rates, moreWorkers: true }) }];
  }
  if (safe.kind === 'at-least' && safe.ceiling !== undefined) {
    const { tps, decidedBy } = safe.ceiling;
    const text = `Throughput stopped growing at ${rateText(tps)}, and the cause is unknown. To find it, ${decidedBy}.`;
    return [{ kind: 'settle-doubt', text }];
  }
  const isOpen =
    !isStoppedAtLimit(run) && (safe.kind === 'unknown' || (safe.kind === 'at-least' && openReasons.has(safe.reason)));
  if (isOpen && highest > 0) {
    const beyond = [1.5, 2, 3].map((factor) => rounded(factor * highest));
    const text = `No limit was reached up to ${rateText(highest)}: raise the rate until one is.`;
    return [{ kind: 'drive-past', text, command: runCommand(run, { rates: [...rates, ...beyond] }) }];
  }
  if (safe.kind === 'at-least' && safe.reason === 'garbage-collection') {
    const text =
      'Garbage collection prevents a prediction: give the brokers a larger heap or another collector, and repeat the same rates.';
    return [{ kind: 'settle-doubt', text, command: runCommand(run, { rates }) }];
  }
  return [];
}

/** Hypotheses by the expected width of the interval, narrowest first. */
function narrower(run: LoadTestRun, safe: SafeMaxTps, evidence: GatheredEvidence): Advice[] {
  const before = widthOf(evidence);
  if ((safe.kind !== 'predicted' && safe.kind !== 'confirmed') || before === undefined) return [];
  const rates = ratesOf(evidence);
  const reach = farthest * reachedTps(evidence);
  const tried = triedRates.map((share) => rounded(share * safe.estimateTps)).filter((tps) => tps > 0 && tps <= reach);
  const hypotheses: Hypothesis[] = [
    ...[...new Set(tried)].map((tps) => ({ kind: 'step' as const, tps })),
    { kind: 'repeat' },
    { kind: 'longer' },
  ];
  const judged = hypotheses.flatMap((hypothesis) => {
    const after = expectedWidth(evidence, hypothesis);
    return after === undefined || after > (1 - leastGain) * before ? [] : [{ hypothesis, after }];
  });
  const bestStep = judged
    .filter(({ hypothesis }) => hypothesis.kind === 'step')
    .toSorted((a, b) => a.after - b.after)[0];
  return judged
    .filter((each) => each.hypothesis.kind !== 'step' || each === bestStep)
    .toSorted((a, b) => a.after - b.after)
    .map(({ hypothesis, after }) => {
      const { what, wanted } = runOf(hypothesis, rates);
      return {
        kind: hypothesis.kind,
        text: `${what}: the interval is expected to shrink from ${percentText(before)} to ${percentText(after)} of the estimate.`,
        command: runCommand(run, wanted),
        expected: { before, after },
      };
    });
}

function runOf(hypothesis: Hypothesis, rates: readonly number[]): { what: string; wanted: WantedRun } {
  switch (hypothesis.kind) {
    case 'step': {
      const { tps } = hypothesis;
      return { what: `Add a step of ${rateText(tps)}`, wanted: { rates: [...rates, tps].toSorted((a, b) => a - b) } };
    }
    case 'repeat':
      return { what: 'Repeat every step', wanted: { rates: [...rates, ...rates] } };
    case 'longer':
      return { what: 'Make every step twice as long', wanted: { rates, longer: 2 } };
  }
}

/** The CPU cost of other message sizes is known only between two extremes (docs/what-if.md). */
function sizes(run: LoadTestRun, { binding = [], nextCeiling }: Analysis, rates: readonly number[]): Advice[] {
  const limits = [...binding.map(({ limitedBy }) => limitedBy), ...(nextCeiling ? [nextCeiling.limitedBy] : [])];
  const isCpu = limits.some((limit) => 'resource' in limit && limit.resource === 'cpu');
  const { messageBytes } = run.document.workload;
  if (!isCpu || messageBytes === undefined) return [];
  const other = messageBytes * 4;
  return [
    {
      kind: 'another-size',
      text: `CPU is near its limit, and one message size does not show the cost per byte: a test at the same rates with ${quantityText(other)} bytes shows it, for --what-if messageBytes.`,
      command: runCommand(run, { rates, messageBytes: other }),
    },
  ];
}

const ratesOf = ({ steps }: GatheredEvidence) =>
  steps.flatMap(({ step: { recorded } }) =>
    recorded.targetTps !== undefined && recorded.targetTps > 0 ? [recorded.targetTps] : [],
  );

/** Three digits, as people write rates. */
const rounded = (tps: number) => Number(tps.toPrecision(3));

type Hypothesis = { kind: 'step'; tps: number } | { kind: 'repeat' } | { kind: 'longer' };

/** @returns width of the interval of the first limit over its estimate; undefined if no limit is reached or it is open */
function widthOf(evidence: Evidence): number | undefined {
  const binding = firstCeilingOf(safeCeilings(evidence), evidence.policy);
  if (binding?.high === undefined || !(binding.value > 0)) return undefined;
  return (binding.high - binding.low) / binding.value;
}

/**
 * Places a further step above the law of each resource by the scatter of its steps, and in a second fit below: a
 * point on the law would be too optimistic. Returns the mean of both.
 */
function expectedWidth(evidence: Evidence, hypothesis: Hypothesis): number | undefined {
  const widths = [1, -1].map((sign) => widthOf(withHypothesis(evidence, hypothesis, sign)));
  const [above, below] = widths;
  return above === undefined || below === undefined ? undefined : (above + below) / 2;
}

function withHypothesis(evidence: Evidence, hypothesis: Hypothesis, sign: number): Evidence {
  const sustained = evidence.steps.flatMap(({ verdict }, index) => (verdict.kind === 'sustained' ? [index] : []));
  const added = hypothesis.kind === 'step' ? [hypothesis.tps] : [];
  const again = hypothesis.kind === 'repeat' ? sustained : [];
  const nearest = (tps: number) =>
    sustained.toSorted((a, b) => Math.abs(tpsAt(evidence, a) - tps) - Math.abs(tpsAt(evidence, b) - tps))[0] ?? 0;
  const isLonger = hypothesis.kind === 'longer';
  const steps = [
    ...evidence.steps.map((judged) => (isLonger ? { ...judged, step: twiceAsLong(judged.step) } : judged)),
    ...added.map((tps) => atRate(evidence.steps[nearest(tps)] as JudgedStep, tps)),
    ...again.map((index) => evidence.steps[index] as JudgedStep),
  ];
  const uses = evidence.resources.map((resource) => ({
    ...bare(resource),
    uses: [
      ...resource.uses.map((use) => (isLonger ? twice(use) : use)),
      ...added.map((tps) => useAtRate(resource, resource.uses[nearest(tps)], tps, sign)),
      ...again.map((index) => moved(resource, resource.uses[index], index, evidence)),
    ],
  }));
  return { ...evidence, steps, resources: fitResources(uses, { steps, policy: evidence.policy }).resources };
}

const tpsAt = ({ steps }: Evidence, index: number) => steps[index]?.step.tps ?? 0;

function bare(fitted: FittedResource): ResourceUse {
  const { law: _, safe: __, saturation: ___, peak: ____, surePeaks: _____, ...use } = fitted;
  return use;
}

function atRate(judged: JudgedStep, tps: number): JudgedStep {
  const { step } = judged;
  const factor = step.tps > 0 ? tps / step.tps : 1;
  const { requestsPerSecond } = step;
  return {
    ...judged,
    step: {
      ...step,
      tps,
      recorded: { ...step.recorded, targetTps: tps },
      ...(requestsPerSecond !== undefined && { requestsPerSecond: requestsPerSecond * factor }),
    },
  };
}

function useAtRate({ law }: FittedResource, near: Use, tps: number, sign: number): Use {
  if (law === undefined || near === undefined) return near;
  const rms = Math.sqrt(law.sse / Math.max(1, law.degreesOfFreedom) / Math.max(law.sse, useAt(law, tps)));
  const off = Math.min(law.holdOutError, Number.isFinite(rms) ? rms : law.holdOutError);
  return scaledTo(near, Math.max(0, useAt(law, tps) * (1 + sign * off)));
}

/** A repetition is at the same distance on the other side of the law. */
function moved({ law }: FittedResource, use: Use, index: number, evidence: Evidence): Use {
  if (law === undefined || use === undefined) return use;
  return scaledTo(use, Math.max(0, 2 * useAt(law, tpsAt(evidence, index)) - use.mean));
}

const scaledTo = (use: NonNullable<Use>, mean: number): Use => scaledUse(use, use.mean > 0 ? mean / use.mean : 1);

function twiceAsLong(step: MeasuredStep): MeasuredStep {
  const { from, to } = step.window;
  return { ...step, window: { from, to: to + (to - from) }, rates: [...step.rates, ...step.rates] };
}

function twice(use: Use): Use {
  if (use?.series === undefined) return use;
  const { moments, values } = use.series;
  const length = (moments.at(-1) ?? 0) + (moments[0] ?? 0);
  return {
    ...use,
    samples: 2 * use.samples,
    series: { moments: [...moments, ...moments.map((moment) => moment + length)], values: [...values, ...values] },
  };
}

interface WantedRun {
  rates: readonly number[];
  /** Replaces that of the run. */
  stepSeconds?: number;
  /** Factor on the duration in the run. */
  longer?: number;
  messageBytes?: number;
  moreWorkers?: true;
}

/** @returns shell arguments; rates and names of the run need no quotes */
function runCommand({ document, steps }: LoadTestRun, wanted: WantedRun): string {
  const { workload, cluster, sources } = document;
  const seconds = wanted.stepSeconds ?? (wanted.longer ?? 1) * Math.max(1, ...steps.map((step) => step.plannedSeconds));
  const size = wanted.messageBytes ?? workload.messageBytes;
  const workers = (workload.workers ?? 1) * (wanted.moreWorkers ? 2 : 1);
  const parts = [
    'plimsoll run',
    // Files of other tools provide only a name for the report, which no config contains.
    ...(sources === undefined && /^[\w.-]+$/.test(cluster) ? [`--cluster ${cluster}`] : []),
    `--rate-steps ${wanted.rates.map((rate) => Math.round(rate)).join(',')}`,
    `--step-duration ${Math.ceil(seconds)}s`,
    ...(size === undefined ? [] : [`--message-size ${size}`]),
    ...(workload.groups === undefined ? [] : [`--groups ${workload.groups}`]),
    ...(workload.partitions === undefined ? [] : [`--partitions ${workload.partitions}`]),
    ...(workload.replicationFactor === undefined ? [] : [`--replication-factor ${workload.replicationFactor}`]),
    ...(workload.acks === undefined ? [] : [`--acks ${workload.acks}`]),
    ...(workers > 1 ? [`--workers ${workers}`] : []),
  ];
  return parts.join(' ');
}
