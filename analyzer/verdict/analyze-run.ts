// Analyzes a load test: measures and judges its steps, fits its resources, finds the limits, and names the safe maximum. Pure.

import { defined } from '../../core/defined.ts';
import type { AnalysedStep, Analysis, Finding, GroupCapacity, SafeMaxTps } from '../../core/documents/analysis.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { fingerprintOf } from '../evidence/fingerprint.ts';
import { overlap } from '../evidence/holes.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import { lossesOf } from '../evidence/lost-brokers.ts';
import { notMonitoredFindings } from '../evidence/not-monitored.ts';
import { analysedBrokers, analysedResources, assembleVerdict, outlookOf } from './assemble-verdict.ts';
import type { Evidence } from './evidence.ts';
import { explanationOf } from './explain/explanation.ts';
import { compressionRatioOf, runByteFindings } from './findings/byte-findings.ts';
import { closedLoopFindings } from './findings/closed-loop-findings.ts';
import { deliveryFindings } from './findings/delivery-findings.ts';
import { eventFindings } from './findings/event-findings.ts';
import { gcFindings } from './findings/gc-findings.ts';
import { generatorFindings } from './findings/generator-findings.ts';
import { retentionFindings } from './findings/retention-findings.ts';
import { skewFindings } from './findings/skew-findings.ts';
import { explainedCeilingFinding, stepFindings, verdictFindings } from './findings/verdict-findings.ts';
import { fitResources } from './fit/resource-fit.ts';
import { passGate } from './gate/gate.ts';
import { shapedLimit, withCardCeiling } from './limits/card-ceiling.ts';
import { highestSustained } from './limits/ceilings.ts';
import { circumstancesOf, groupFinding, lossWithGroups, withGroups } from './limits/consumer-groups/ceiling.ts';
import { pausedBroker } from './limits/explained-limit.ts';
import { loadTestGroupsOf } from './limits/consumer-groups/groups.ts';
import { processingCeilings } from './limits/consumer-groups/processing.ts';
import { resourceUse, surroundingsOf, type ResourceUse, type Surroundings } from './limits/resource-use.ts';
import { retentionOf } from './limits/resources/retention.ts';
import { safeMaxBySearch, saturationBySearch, searchFindings } from './limits/search-verdict.ts';
import { sloLimits } from './limits/slo-limit.ts';
import { hasUnmonitoredProxy, unmonitoredIn } from './limits/unmonitored.ts';
import { rolesOf } from './placement/broker-roles.ts';
import { bytesOnDisk } from './placement/bytes-on-disk.ts';
import { placementOf } from './placement/placement.ts';
import { unexplainedInTest } from './limits/unexplained-use.ts';
import { redlineOf } from './redline-verdict.ts';
import { isCutAtLimit, safeMaxOf, saturationOf, withoutStopped } from './safe-max.ts';
import { wallTimeOf } from '../evidence/wall-time.ts';
import { groupsThatKeptUp, heldRate } from './steps/held-rate.ts';
import { growingCopyLag } from './steps/copy-lag.ts';
import { backgroundTpsOf, endedSecondsOf, targetTpsOf, measureStep, type MeasuredStep } from './steps/measured-step.ts';
import { judgeStep, type JudgedStep } from './steps/step-verdict.ts';

export interface GatheredEvidence extends Evidence {
  measured: readonly MeasuredStep[];
  surroundings: Surroundings;
  uses: readonly ResourceUse[];
  findings: Readonly<Record<'ofModels' | 'ofFits' | 'ofSlos', readonly Finding[]>>;
}

export function analyzeRun(run: LoadTestRun, policy: Policy): Analysis {
  const evidence = gatherEvidence(run, policy);
  const { measured, surroundings, uses, steps } = evidence;
  const { ofModels, ofFits, ofSlos } = evidence.findings;
  const gate = passGate({ run, steps, uses, policy });
  const groups = loadTestGroupsOf(run, policy);
  const safeOf = (isPredicted: boolean) =>
    gate.safe(withoutStopped(safeMaxBySearch(run, evidence, safeMaxOf(evidence, isPredicted)), run, evidence));
  const claimed = safeOf(true);
  const unexplained = unexplainedInTest(evidence, claimed);
  const isExplained = unexplained.length === 0;
  const ofBrokers = isExplained ? claimed : safeOf(false);
  const circumstances = circumstancesOf(evidence);
  const safeMaxTps = withGroups(ofBrokers, groups.ceilings, circumstances);
  const saturationTps = gate.saturation(saturationBySearch(run, evidence, saturationOf(evidence, isExplained)));
  const held = heldRate(run, evidence, gate);
  const proving = held?.step ?? highestSustained(steps);
  const consumerGroups = capacitiesOf(groups.capacities, run, proving);
  const { retention, findings: ofRetention } = retentionOf(measured, surroundings, policy, {
    ...bytesOnDisk(run, steps),
    stores: run.document.stores,
  });
  const findings = [
    // Findings about whether steps count come first.
    ...stepFindings(evidence),
    ...run.findings,
    ...notMonitoredFindings(run),
    ...gate.findings,
    ...deliveryFindings(run.ledger),
    ...eventFindings(run, steps, policy),
    ...searchFindings(run, evidence),
    ...closedLoopFindings(evidence),
    ...ofModels.filter(({ message }) => !unexplained.some((longer) => longer.message.startsWith(message))),
    ...gcFindings(run),
    ...ofFits,
    ...unexplained,
    ...ofSlos,
    ...groupFinding(safeMaxTps, groups.ceilings),
    ...explainedCeilingFinding(evidence),
    ...ofRetention,
    ...retentionFindings(run, policy),
    ...generatorFindings(steps, run.document.calibration),
    ...runByteFindings(run, steps, uses),
    ...skewFindings(run, evidence, safeMaxTps),
    ...verdictFindings(run, evidence, surroundings, safeMaxTps, saturationTps),
  ];
  const { id, broker, cluster, workload, startedAt, sources } = run.document;
  const { redline } = run.document;
  const ofCluster = redline && redlineOf(redline, run, evidence, { safeMaxTps, saturationTps, held: held?.rate });
  return assembleVerdict({
    run: {
      id,
      ...(redline && { origin: 'redline' as const }),
      ...(sources && { origin: 'files' as const, sources: [...sources] }),
      broker,
      cluster,
      messageBytes: workload.messageBytes,
      compressionRatio: compressionRatioOf(run),
      messagesPerRequest: proving && messagesPerRequest(proving),
      startedAt,
      durationSeconds: run.durationSeconds,
      judgedUntil: run.events.resumed.length > 0 ? wallTimeOf(run, run.durationSeconds) : undefined,
    },
    steps: steps.map((step) => analysedStep(step, run)),
    resources: analysedResources(evidence),
    perBroker: analysedBrokers(
      run,
      evidence,
      { safeMaxTps, saturationTps },
      isExplained && (evidence.pausedBroker === undefined || safeMaxTps.kind !== 'at-least'),
    ),
    safeMaxTps,
    saturationTps,
    held: held?.rate,
    // If a group sets the maximum, doubts about the brokers remain.
    ...outlookOf(run, evidence, isExplained && !isInDoubt(ofBrokers) ? safeMaxTps : ofBrokers, (loss) =>
      lossWithGroups(loss, groups.ceilings, circumstances),
    ),
    ...(ofCluster && { ...ofCluster, ...withoutRatesOfBroker(run) }),
    consumerGroups,
    retention,
    degraded: run.document.degraded,
    fingerprint: fingerprintOf({
      ...run.document,
      environment: run.document.wholeEnvironment ?? run.document.environment,
    }),
    explanation: explanationOf(evidence, safeMaxTps),
    trials: run.events.trials.map(({ targetTps, durationSeconds, purpose, outcome, startedSeconds }) =>
      defined({ targetTps, durationSeconds, purpose, outcome, startedSeconds }),
    ),
    certificate: run.certificate,
    ledger: run.ledger,
    findings,
  });
}

function messagesPerRequest({ step: { tps, requestsPerSecond } }: JudgedStep): number | undefined {
  return requestsPerSecond === undefined ? undefined : Math.max(1, tps / requestsPerSecond);
}

const isInDoubt = (safe: SafeMaxTps): boolean => safe.kind === 'at-least' && safe.reason === 'figures-in-doubt';

/** Removes rates that were computed for one broker as if it were a cluster. */
const withoutRatesOfBroker = ({ document: { environment } }: LoadTestRun) => ({
  held: undefined,
  perBroker: environment.brokers.map(({ id, host }) => ({ broker: id, ...(host !== undefined && { host }) })),
  nextCeiling: undefined,
  testedTps: undefined,
  withoutOne: undefined,
  withoutOneUnknown: undefined,
  extrapolated: undefined,
});

export function gatherEvidence(run: LoadTestRun, policy: Policy): GatheredEvidence {
  const asStated = gatherAsStated(run, policy);
  const shaped = shapedLimit(run, asStated);
  return shaped === undefined ? asStated : { ...gatherAsStated(withCardCeiling(run, shaped), policy), shaped };
}

function gatherAsStated(run: LoadTestRun, policy: Policy): GatheredEvidence {
  const measured = run.steps.map((step) => measureStep(run, step, policy.step.settleSeconds.value));
  const surroundings = surroundingsOf(run);
  const { uses, unknown, findings: ofModels } = resourceUse(measured, surroundings, policy);
  const { calibration } = run.document;
  const brokers = [...surroundings.brokers, ...surroundings.hostless];
  const unmonitored = unmonitoredIn(run);
  const groupLimits = processingCeilings(run, policy);
  const lagsFrom = hasUnmonitoredProxy(unmonitored)
    ? new Map(groupLimits.map(({ limit, low }) => ['group' in limit ? limit.group : '', low]))
    : undefined;
  const losses = lossesOf(run);
  const steps = measured.map((step, index) => {
    const lowerAchieved = measured.flatMap((other, place) => (isHalfRateAchieved(other, step, policy) ? [place] : []));
    const copyLag = growingCopyLag(run, step, policy);
    return judgeStep(
      step,
      {
        index,
        uses,
        lowerAchieved,
        brokers,
        copyLag,
        calibration,
        ...(lagsFrom && { lagsFrom }),
        isWithoutBroker: losses.some((lost) => overlap(lost, step.recorded) > 0),
        isCutAtLimit: isCutAtLimit(run, step.recorded),
      },
      policy,
    );
  });
  const fitted = fitResources(uses, { steps, policy });
  const slos = sloLimits(steps, policy, run);
  const highest = highestSustained(steps);
  return {
    measured,
    surroundings,
    uses,
    steps,
    resources: fitted.resources,
    slos: slos.limits,
    groupLimits,
    unknown,
    ...(surroundings.hostless.length > 0 && { hostless: surroundings.hostless.map(({ node }) => node) }),
    ...((surroundings.hostless.length > 0 || unknown.length > 0) && { roles: rolesOf(placementOf(run, steps).rows) }),
    unmonitored,
    ...defined({ pausedBroker: highest && pausedBroker(highest.step, brokers, policy) }),
    status: run.status,
    policy,
    findings: { ofModels, ofFits: fitted.findings, ofSlos: slos.findings },
  };
}

function isHalfRateAchieved(other: MeasuredStep, step: MeasuredStep, { step: { achievedShare } }: Policy): boolean {
  const targetTps = targetTpsOf(other);
  return targetTps > 0 && targetTps <= targetTpsOf(step) / 2 && other.tps >= achievedShare.value * targetTps;
}

/**
 * Capacities of groups that were measured while catching up, and of other groups that kept up with the held rate, or
 * else the highest.
 */
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

function analysedStep({ step, verdict }: JudgedStep, run: LoadTestRun): AnalysedStep {
  const { targetTps, lanes, latencySeconds, sendDelaySeconds, endToEndSeconds } = step.recorded;
  return defined({
    targetTps,
    lanes,
    achievedTps: step.tps,
    verdict,
    latencySeconds,
    sendDelaySeconds,
    endToEndSeconds,
    failedSends: step.failedSends,
    backgroundTps: backgroundTpsOf(step, run),
    endedSeconds: endedSecondsOf(step, run),
  });
}
