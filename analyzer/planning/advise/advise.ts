// Advises what to measure next: first missing input, then what narrows the interval of the safe maximum most.

import type { AdviceDocument } from '../../../core/documents/advice.ts';
import type { Analysis, SafeMaxTps } from '../../../core/documents/analysis.ts';
import { reachedTps } from '../../verdict/limits/ceilings.ts';
import { type GatheredEvidence, gatherEvidence } from '../../verdict/analyze-run.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { nodeText, percentText, quantityText, rateText } from '../../../core/text/quantity-text.ts';
import { gapsOf, isStoppedAtLimit } from '../../verdict/safe-max.ts';
import { expectedWidth, type Hypothesis, widthOf } from './hypothetical.ts';

export type Advice = AdviceDocument['advice'][number];

/** Shares of the estimate: below, at and beyond the limit. */
const triedRates = [0.3, 0.5, 0.75, 0.9, 1, 1.1];
/** Factor on the highest tested rate: a larger step may saturate the cluster and reveal nothing about the law. */
const farthest = 1.5;
/** Least relevant gain. */
const leastGain = 0.02;
/** Reasons of an `at-least` whose limit may be found at a higher rate. */
const openReasons: ReadonlySet<string> = new Set(['no-limit-reached', 'aborted']);
/** Findings of a run whose lowest rate was past a limit already. */
const pastLimits: ReadonlySet<string> = new Set(['past-limit-from-the-start', 'limit-cause-unknown']);

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
  const isPast = ({ code }: Analysis['findings'][number]) => safe.kind === 'unknown' && pastLimits.has(code);
  const grave = findings.filter((finding) => finding.severity === 'critical' || isPast(finding));
  const doubts: Advice[] = grave.map(({ code, message }) => ({
    kind: 'settle-doubt',
    text: `Settle ${code} first: ${message.split('\n')[0]}`,
  }));
  const unread: Advice[] = [...Map.groupBy(gapsOf(evidence), ({ node }) => node)].map(([node, gaps]) => ({
    kind: 'read-host',
    text: `Make ${gaps.map(({ resource }) => resource).join(', ')} of ${nodeText(node)} readable (${gaps[0]?.what}): without this, a limit there cannot be detected. \`plimsoll ready\` shows why there are no metrics.`,
  }));
  // Higher rates are no answer where the lowest one is past a limit.
  return [...doubts, ...unread, ...(findings.some(isPast) ? [] : nextRun(run, safe, evidence))];
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

/** The CPU cost of other message sizes is known only between two extremes (docs/explanation/what-if.md). */
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
