// What does a load test say of a cluster? Measure the steps, judge them, fit every resource, and name the first limit. Pure.

import {
  analysisSchemaVersion,
  type AnalysedResource,
  type AnalysedStep,
  type AnalysedTrial,
  type Analysis,
  type Finding,
  type GroupCapacity,
} from '../../core/documents/analysis.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Crossing } from './fit/crossing.ts';
import { runByteFindings } from './findings/byte-findings.ts';
import { groupFinding, withGroups } from './limits/consumer-groups/ceiling.ts';
import { loadTestGroupsOf } from './limits/consumer-groups/groups.ts';
import { closedLoopFindings } from './findings/closed-loop-findings.ts';
import { eventFindings } from './findings/event-findings.ts';
import { gcFindings } from './findings/gc-findings.ts';
import { passGate } from './gate/gate.ts';
import { gatherEvidence } from './gathered-evidence.ts';
import { notMonitoredFindings } from '../evidence/not-monitored.ts';
import { generatorFindings } from './findings/generator-findings.ts';
import { groupsThatKeptUp, heldRate } from './steps/held-rate.ts';
import { ledgerFindings } from './findings/delivery-findings.ts';
import { outlookOf } from './outlook.ts';
import { fingerprintOf } from '../evidence/fingerprint.ts';
import { explanationOf } from './explain/explanation.ts';
import type { FittedResource } from './fit/resource-fit.ts';
import { utilisation } from './limits/resource-use.ts';
import { bindingOf, isWithinReach, safeCeilings, saturationCeilings } from './limits/ceilings.ts';
import { highestSustained, reachedTps } from './limits/driven-limit.ts';
import type { Ceiling, Evidence } from './evidence.ts';
import { safeMaxOf, saturationOf } from './safe-max.ts';
import { retentionOf } from './limits/retention-verdict.ts';
import { skewFindings } from './findings/skew-findings.ts';
import { saturationBySearch, safeMaxBySearch, searchFindings } from './limits/search-verdict.ts';
import { mean } from '../../core/statistics/statistics.ts';
import type { JudgedStep } from './steps/step-verdict.ts';
import { fitOf } from './fit/use-law.ts';
import { drivenFinding, verdictFindings } from './findings/verdict-findings.ts';

type RecordedTrial = LoadTestRun['events']['trials'][number];

const severities: readonly Finding['severity'][] = ['critical', 'warning', 'info'];

export function analyzeRun(run: LoadTestRun, policy: Policy): Analysis {
  const evidence = gatherEvidence(run, policy);
  const { measured, surroundings, uses, steps, resources, unknown } = evidence;
  const { ofModels, ofFits, ofSlos } = evidence.findings;
  const gate = passGate({ run, steps, uses, policy });
  const groups = loadTestGroupsOf(run, policy);
  const ofBrokers = gate.safe(safeMaxBySearch(run, evidence, safeMaxOf(evidence)));
  const safeMaxTps = withGroups(ofBrokers, groups.ceilings, {
    confidence: policy.fit.confidence.value,
    carried: reachedTps(evidence),
  });
  const saturationTps = gate.saturation(saturationBySearch(run, evidence, saturationOf(evidence)));
  const held = heldRate(run, evidence, gate);
  const consumerGroups = capacitiesOf(groups.capacities, run, held?.step ?? highestSustained(steps));
  const explanation = explanationOf(evidence, safeMaxTps);
  const retention = retentionOf(measured, surroundings, policy);
  const findings = [
    ...run.findings,
    ...notMonitoredFindings(run),
    ...gate.findings,
    ...ledgerFindings(run.ledger),
    ...eventFindings(run, steps, policy),
    ...searchFindings(run, evidence),
    ...closedLoopFindings(evidence),
    ...ofModels,
    ...gcFindings(run),
    ...ofFits,
    ...ofSlos,
    ...groupFinding(safeMaxTps, groups.ceilings),
    ...drivenFinding(evidence),
    ...generatorFindings(steps, run.document.calibration),
    ...runByteFindings(run, steps, uses),
    ...skewFindings(run, evidence, safeMaxTps),
    ...verdictFindings(run, evidence, surroundings, safeMaxTps, saturationTps),
  ];
  const { id, broker, cluster, workload, startedAt, sources } = run.document;
  return {
    schemaVersion: analysisSchemaVersion,
    run: {
      id,
      ...(sources && { origin: 'files' as const, sources: [...sources] }),
      broker,
      cluster,
      messageBytes: workload.messageBytes,
      startedAt,
      durationSeconds: run.durationSeconds,
    },
    steps: steps.map((step) => analysedStep(step, run)),
    resources: [
      ...resources.map((resource) => analysedResource(resource, steps)),
      ...unknown.map(({ resource, node }) => ({ resource, node, policyLimit: policy.limits[resource].value })),
    ],
    perBroker: run.document.environment.brokers.map(({ id: node, host }) => ofBroker(node, host, evidence)),
    safeMaxTps,
    saturationTps,
    ...(held && { held: held.rate }),
    ...outlookOf(run, evidence, safeMaxTps),
    ...(consumerGroups.length > 0 && { consumerGroups }),
    ...(retention && { retention }),
    ...(run.document.degraded && { degraded: run.document.degraded }),
    fingerprint: fingerprintOf(run.document),
    ...(explanation.length > 0 && { explanation }),
    ...(run.events.trials.length > 0 && { trials: run.events.trials.map(analysedTrial) }),
    ...(run.certificate && { certificate: run.certificate }),
    ...(run.ledger && { ledger: run.ledger }),
    findings: findings.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity)),
  };
}

/** Of groups that were measured while they caught up, and of others that kept up with the rate that was held, or else the highest. */
function capacitiesOf(
  measured: readonly GroupCapacity[],
  run: LoadTestRun,
  step: JudgedStep | undefined,
): GroupCapacity[] {
  const known = new Set(measured.flatMap((each) => (each.kind === 'unknown' ? [] : [each.group])));
  const others = (step ? groupsThatKeptUp(run, step) : []).filter(({ group }) => !known.has(group));
  const named = new Set(others.map(({ group }) => group));
  return [...measured.filter(({ group }) => !named.has(group)), ...others];
}

function analysedStep({ step, verdict }: JudgedStep, { events }: LoadTestRun): AnalysedStep {
  const { targetTps, lanes, latencySeconds, sendDelaySeconds, endToEndSeconds } = step.recorded;
  const background = events.background.filter(
    ({ elapsedSeconds }) => elapsedSeconds > step.window.from && elapsedSeconds <= step.window.to,
  );
  return {
    ...(targetTps !== undefined && { targetTps }),
    ...(lanes !== undefined && { lanes }),
    achievedTps: step.tps,
    verdict,
    ...(latencySeconds && { latencySeconds }),
    ...(sendDelaySeconds && { sendDelaySeconds }),
    ...(endToEndSeconds && { endToEndSeconds }),
    failedSends: step.failedSends,
    ...(background.length > 0 && { backgroundTps: mean(background.map((line) => line.messagesPerSecond)) }),
  };
}

function analysedTrial({ targetTps, durationSeconds, purpose, outcome, startedSeconds }: RecordedTrial): AnalysedTrial {
  const started = startedSeconds === undefined ? {} : { startedSeconds };
  return { targetTps, durationSeconds, purpose, outcome, ...started };
}

function analysedResource(resource: FittedResource, steps: readonly JudgedStep[]): AnalysedResource {
  const { capacity, policyLimit, law, safe, saturation, node } = resource;
  const shares = steps.map((_, index) => utilisation(resource, index));
  const perStep = shares.filter((share) => share !== undefined);
  const highest = steps.reduce((best, { step }, index) => (step.tps > (steps[best]?.step.tps ?? 0) ? index : best), 0);
  const atHighest = shares[highest];
  return {
    resource: resource.resource,
    node,
    capacity,
    policyLimit,
    ...(law && { fit: fitOf(law) }),
    // A list with holes would shift the steps after them.
    ...(perStep.length === steps.length && { utilisationPerStep: perStep }),
    ...(atHighest !== undefined && { utilisationAtHighestStep: atHighest }),
    ...(safe && { safeTps: estimate(safe) }),
    ...(saturation && { saturationTps: estimate(saturation) }),
  };
}

function estimate({ value, low, high }: Crossing) {
  return { value, low, ...(high !== undefined && { high }) };
}

/** Like the cluster's numbers: the lower end of what the first of its resources allows, and none beyond what was tried. */
function ofBroker(broker: string, host: string | undefined, evidence: Evidence): Analysis['perBroker'][number] {
  const resources = evidence.resources.filter(({ node }) => node === broker || node === host);
  const own = { ...evidence, resources, slos: [] };
  const reached = reachedTps(evidence);
  const named = (ceilings: readonly Ceiling[], by: 'low' | 'value') => {
    const first = bindingOf(ceilings, evidence.policy);
    return first && isWithinReach({ ...first, value: first[by] }, reached, evidence.policy) ? first : undefined;
  };
  const safe = named(safeCeilings(own), 'low');
  const saturation = named(saturationCeilings(own), 'value');
  return {
    broker,
    ...(host !== undefined && { host }),
    ...(safe && { safeTps: safe.low, limitedBy: safe.limit }),
    ...(saturation && { saturationTps: saturation.low }),
  };
}
