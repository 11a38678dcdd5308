// Lists what to know besides the two numbers: their basis, the next limit, and reserves.

import type { Finding, SafeMaxTps, SaturationTps, StepVerdict } from '../../../core/documents/analysis.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import { targetTpsOf } from '../steps/measured-step.ts';
import { nextCeiling } from '../safe-max.ts';
import { limitFindings } from './limit-findings.ts';
import { segmentFindings } from './segment-findings.ts';
import { standingUseFindings } from './standing-use-findings.ts';
import { pastLimitFindings } from './past-limit-findings.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { nodeText, percentText, quantityText, rateText } from '../../../core/text/quantity-text.ts';
import { utilisation, type Surroundings } from '../limits/resource-use.ts';
import {
  firstCeilingOf,
  explainedCeiling,
  highestSustained,
  isSameLimit,
  isWithinReach,
  reachedTps,
  saturationCeilings,
} from '../limits/ceilings.ts';
import type { Evidence } from '../evidence.ts';

export function verdictFindings(
  run: LoadTestRun,
  evidence: Evidence,
  surroundings: Surroundings,
  safe: SafeMaxTps,
  saturation: SaturationTps,
): Finding[] {
  return [
    ...sharedHostFinding(surroundings),
    ...unknownHostFinding(run, surroundings),
    ...stepFindings(evidence),
    ...limitFindings(evidence, surroundings),
    ...pastLimitFindings(evidence, safe),
    ...standingUseFindings(evidence, safe),
    ...nextFinding(evidence, safe),
    ...extrapolatedFinding(evidence, safe),
    ...beyondReach(evidence, saturation),
    ...segmentFindings(evidence, saturation),
    ...unconfirmed(evidence, safe),
    ...marginLedger(evidence, safe, saturation),
    ...replicaFinding(run),
  ];
}

/** Findings that also hold for production. */
export function productionVerdictFindings(
  run: LoadTestRun,
  evidence: Evidence,
  surroundings: Surroundings,
  safe: SafeMaxTps,
): Finding[] {
  return [
    ...unknownHostFinding(run, surroundings),
    ...standingUseFindings(evidence, safe),
    ...nextFinding(evidence, safe),
    ...replicaFinding(run),
  ];
}

function sharedHostFinding({ brokers, sharesCoresWith }: Surroundings): Finding[] {
  if (sharesCoresWith.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'shared-host',
      message: `The load generator ran on the cores of ${sharesCoresWith.map(nodeText).join(', ')}: their CPU includes its own, so a CPU limit here is one of broker and generator together, the broker alone carries more, and cores that do not follow the load are not judged.`,
      evidence: [
        {
          name: 'host',
          value: brokers.find(({ node }) => sharesCoresWith.includes(node))?.host.host ?? '',
          unit: 'host',
          source: 'run.json, same counters in telemetry.ndjson',
        },
      ],
    },
  ];
}

function unknownHostFinding(run: LoadTestRun, { brokers }: Surroundings): Finding[] {
  const placed = new Set(brokers.map(({ node }) => node));
  const lost = run.document.environment.brokers.filter(({ id }) => !placed.has(id)).map(({ id }) => id);
  if (lost.length === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'host-unknown',
      message: `No host metrics for broker ${lost.join(', ')}, so a limit there cannot be detected. Map the broker to its host under clusters.${run.document.cluster}.brokers.`,
      evidence: [],
    },
  ];
}

function stepFindings({ steps }: Evidence): Finding[] {
  const highest = highestSustained(steps);
  const failedBelow = steps.filter(
    ({ verdict, step }) =>
      highest !== undefined && didNotHold(verdict) && targetTpsOf(step) < targetTpsOf(highest.step),
  );
  const findings = steps.flatMap((judged) => judged.findings);
  if (failedBelow.length > 0 && highest) {
    findings.push({
      severity: 'warning',
      code: 'not-monotonic',
      message: `${failedBelow.map(({ step }) => rateText(targetTpsOf(step))).join(', ')} did not hold although ${rateText(highest.step.tps)} did: something passing was in the way. Repeat the run.`,
      evidence: failedBelow.map(({ step }) => ({
        name: 'achieved',
        value: step.tps,
        unit: 'messages/s',
        source: 'journal.ndjson',
      })),
    });
  }
  return findings;
}

/** A step that was too short, or invalid for another reason, does not show whether the rate was sustainable. */
function didNotHold(verdict: StepVerdict): boolean {
  if (verdict.kind === 'invalid') return verdict.reason === 'unstable' || verdict.reason === 'errors';
  return verdict.kind === 'saturated';
}

function nextFinding(evidence: Evidence, safe: SafeMaxTps): Finding[] {
  if (safe.kind !== 'confirmed' && safe.kind !== 'predicted') return [];
  const next = nextCeiling(evidence, safe.limitedBy);
  if (next === undefined) return [];
  const overlaps = next.low < (safe.interval.high ?? Number.POSITIVE_INFINITY);
  const distance = next.value / safe.estimateTps;
  return [
    {
      severity: overlaps ? 'warning' : 'info',
      code: 'next-ceiling',
      message: overlaps
        ? `${limitText(next.limit)} may bind as well: its limit is at ${rateText(next.value)} (from ${rateText(next.low)}), which overlaps that of ${limitText(safe.limitedBy)}.`
        : `After ${limitText(safe.limitedBy)} comes ${limitText(next.limit)} at ${rateText(next.value)}, ${quantityText(distance)} times as far.`,
      evidence: [
        { name: 'estimate', value: next.value, unit: 'messages/s', source: `policy limit of ${limitText(next.limit)}` },
        { name: 'low end', value: next.low, unit: 'messages/s', source: `policy limit of ${limitText(next.limit)}` },
      ],
    },
  ];
}

function extrapolatedFinding(evidence: Evidence, safe: SafeMaxTps): Finding[] {
  if (safe.kind !== 'confirmed' && safe.kind !== 'predicted') return [];
  const reached = reachedTps(evidence);
  const { flagged } = evidence.policy.extrapolation;
  if (reached <= 0 || safe.estimateTps <= flagged.value * reached) return [];
  return [
    {
      severity: 'warning',
      code: 'extrapolated',
      message: `The estimate lies ${quantityText(safe.estimateTps / reached)} times above the highest achieved rate, ${rateText(reached)}, so its interval is wide. Test at ${rateText(safe.estimateTps / flagged.value)} or more to narrow it.`,
      evidence: [
        { name: 'factor', value: safe.estimateTps / reached, unit: 'ratio', source: 'estimate over the highest rate' },
        { name: 'flagged from', value: flagged.value, unit: 'ratio', source: flagged.source },
      ],
    },
  ];
}

function beyondReach(evidence: Evidence, saturation: SaturationTps): Finding[] {
  const highest = highestSustained(evidence.steps);
  const binding = firstCeilingOf(saturationCeilings(evidence), evidence.policy);
  if (saturation.kind !== 'at-least' || highest === undefined) return [];
  if (binding === undefined || isWithinReach(binding, highest.step.tps, evidence.policy)) return [];
  const bound = evidence.policy.extrapolation[binding.kind];
  return [
    {
      severity: 'info',
      code: 'beyond-reach',
      message: `No maximum is named: the first line to reach its capacity, ${limitText(binding.limit)}, does so at ${quantityText(binding.value / highest.step.tps)} times the highest step. Drive at least ${rateText(binding.value / bound.value)}.`,
      evidence: [
        { name: 'estimate', value: binding.value, unit: 'messages/s', source: `fit of ${limitText(binding.limit)}` },
        { name: 'extrapolation bound', value: bound.value, unit: 'ratio', source: bound.source },
      ],
    },
  ];
}

function unconfirmed({ steps, policy }: Evidence, safe: SafeMaxTps): Finding[] {
  if (safe.kind !== 'predicted') return [];
  const longest = Math.max(...steps.map(({ step }) => step.recorded.to - step.recorded.from));
  const { value, source } = policy.confirmationSeconds;
  return [
    {
      severity: 'info',
      code: 'unconfirmed',
      message: `The safe maximum is predicted. To confirm it, drive ${rateText(safe.tps)} for ${quantityText(value / 60)} minutes; the longest step here took ${quantityText(longest)} s.`,
      evidence: [{ name: 'confirmation time', value, unit: 's', source }],
    },
  ];
}

/** Every reserve is taken once: the policy, and the low end of the interval. */
function marginLedger(evidence: Evidence, safe: SafeMaxTps, saturation: SaturationTps): Finding[] {
  if ((safe.kind !== 'confirmed' && safe.kind !== 'predicted') || !('resource' in safe.limitedBy)) return [];
  const { resource } = safe.limitedBy;
  const limit = evidence.policy.limits[resource];
  const interval = safe.estimateTps > 0 ? safe.tps / safe.estimateTps : 0;
  const full = saturation.kind === 'confirmed' || saturation.kind === 'predicted' ? saturation.estimateTps : undefined;
  const whole =
    full === undefined || full === 0
      ? ''
      : `; together the safe maximum is ${quantityText(safe.tps / full)} of where the cluster is full`;
  return [
    {
      severity: 'info',
      code: 'margin-ledger',
      message: `Reserves taken, each once: policy ${quantityText(limit.value)} of ${resource} on the p99 of one-second samples, interval ${quantityText(interval)} of the estimate${whole}.`,
      evidence: [
        { name: `policy ${resource}`, value: limit.value, unit: 'ratio', source: limit.source },
        {
          name: 'low end over estimate',
          value: interval,
          unit: 'ratio',
          source: `two-sided ${percentText(evidence.policy.fit.confidence.value)} interval`,
        },
        ...(full === undefined || full === 0
          ? []
          : [{ name: 'product', value: safe.tps / full, unit: 'ratio', source: 'safe maximum over saturation' }]),
      ],
    },
  ];
}

function replicaFinding(run: LoadTestRun): Finding[] {
  const worst = run.underReplicated.reduce((most, { partitions }) => Math.max(most, partitions), 0);
  if (worst === 0) return [];
  return [
    {
      severity: 'warning',
      code: 'under-replicated',
      message: `Up to ${worst} partitions had fewer in-sync replicas than replicas: what was produced was not all copied.`,
      evidence: [{ name: 'under-replicated partitions', value: worst, unit: 'partitions', source: 'telemetry.ndjson' }],
    },
  ];
}

/** @returns evidence that the run itself ended in the limit, for the reader of the steps */
export function explainedCeilingFinding(evidence: Evidence): Finding[] {
  const driven = explainedCeiling(evidence);
  if (driven === undefined) return [];
  const { step } = driven.step;
  const full = evidence.resources.find(({ resource, node }) => isSameLimit({ resource, node }, driven.limit));
  const share = full && utilisation(full, evidence.steps.indexOf(driven.step));
  const use = share === undefined ? 'was the limit' : `was at ${percentText(share)}`;
  // The limit may lie above what this step achieved, where a lower target was sustained at more.
  const achieved = Math.min(driven.value, step.tps);
  return [
    {
      severity: 'info',
      code: 'driven-into-limit',
      message: `At a target rate of ${rateText(targetTpsOf(step))} the cluster achieved ${rateText(achieved)}: ${limitText(driven.limit)} ${use}.`,
      evidence: [
        {
          name: 'achieved',
          value: achieved,
          unit: 'messages/s',
          source: 'journal.ndjson, mean of the settled step',
        },
      ],
    },
  ];
}
