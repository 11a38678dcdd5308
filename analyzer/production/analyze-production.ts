// What does production say of a cluster nobody load-tested? Natural variation of traffic takes the place of steps. Pure.

import type { BrokerKind } from '../../core/cluster.ts';
import {
  analysisSchemaVersion,
  type Analysis,
  type Finding,
  type SafeMaxTps,
  type SaturationTps,
} from '../../core/documents/analysis.ts';
import { noEvents } from '../evidence/importers/run-events.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import { explanationOf } from '../verdict/explain/explanation.ts';
import { outlookOf } from '../verdict/outlook.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { fitResources } from '../verdict/fit/resource-fit.ts';
import { resourceUse, surroundingsOf } from '../verdict/limits/resource-use.ts';
import { retentionOf } from '../verdict/limits/retention-verdict.ts';
import { reachedTps } from '../verdict/limits/driven-limit.ts';
import type { Evidence } from '../verdict/evidence.ts';
import { safeMaxOf, saturationOf } from '../verdict/safe-max.ts';
import type { SourceTelemetry } from '../evidence/sources/source-telemetry.ts';
import { quantile } from '../../core/statistics/statistics.ts';
import { unmonitoredOf } from '../verdict/steps/held-rate.ts';
import { verdictFindings } from '../verdict/findings/verdict-findings.ts';
import { analysedBrokers, analysedLevels, analysedResources } from './analysed-production.ts';
import { blocksOf, stepOf, type Block } from './blocks.ts';
import { chosenRegime, leastVariation, regimeFindings } from './chosen-regime.ts';
import { groupsOf } from '../verdict/limits/consumer-groups/groups.ts';
import { groupFinding, withGroups } from '../verdict/limits/consumer-groups/ceiling.ts';
import { heldInProduction, naturalPeak, peakFinding, type NaturalPeak } from './natural-peak.ts';
import { confounded, hourOf, otherLoadFindings, otherLoadOf } from './other-load.ts';
import { doubtsOf, doubtFinding, type Doubt } from './doubts.ts';
import { regimesOf } from './regimes.ts';
import { levelsOf } from './traffic-levels.ts';
import { trafficAtOf } from './traffic-at.ts';
import { unmonitoredIn } from '../verdict/limits/unmonitored.ts';

export interface ProductionWindow {
  /** As the report calls it. */
  cluster: string;
  broker?: BrokerKind;
}

/** Of findings about a verdict those that hold where nobody drove the load. */
const kept: ReadonlySet<string> = new Set(['next-ceiling', 'standing-use', 'under-replicated', 'host-unknown']);

/** @returns a number only where traffic varied, one law holds, and every broker's host is known; else what is missing */
export function analyzeProduction(telemetry: SourceTelemetry, window: ProductionWindow, policy: Policy): Analysis {
  const run = runOf(telemetry, window);
  const blocks = blocksOf(telemetry);
  const surroundings = surroundingsOf(run);
  const measured = blocks.map(stepOf);
  const { uses, unknown, findings: ofModels } = resourceUse(measured, surroundings, policy);
  const regimes = regimesOf(blocks, uses, telemetry.events);
  const chosen = chosenRegime(blocks, regimes);
  if (chosen === undefined || chosen.places.length === 0) return withoutTraffic(telemetry, run, ofModels);
  const { startedAt } = telemetry;
  const others = otherLoadOf(blocks, chosen.places, uses, startedAt);
  const hours = new Set(others.map(({ hour }) => hour));
  const places = chosen.places.filter((place) => !hours.has(hourOf(blocks[place] as Block, startedAt)));
  const levels = levelsOf(blocks, places, uses, trafficAtOf(telemetry.traffic));
  const reached = reachedTps({ steps: levels.steps, resources: uses, policy });
  const fits = fitResources(levels.uses, { steps: levels.steps, reached, policy });
  const peak = naturalPeak(blocks, places, uses);
  const evidence: Evidence = {
    steps: levels.steps,
    resources: fits.map(({ fitted }) => fitted),
    slos: [],
    unknown,
    unmonitored: unmonitoredIn(run),
    status: 'completed',
    policy,
  };
  const claimed = { safe: safeMaxOf(evidence), full: saturationOf(evidence) };
  const groups = groupsOf(telemetry, policy);
  const doubts = doubtsOf(evidence, claimed.safe, {
    run,
    isVaried: chosen.isEnough,
    confounded: confounded(blocks, places, uses),
  });
  const ofBrokers = withoutDoubt(claimed.safe, doubts, peak);
  const safeMaxTps = withGroups(ofBrokers, groups.ceilings, { confidence: policy.fit.confidence.value });
  const saturationTps: SaturationTps = doubts.length === 0 ? claimed.full : withoutDoubt(claimed.full, doubts, peak);
  const outlook = outlookOf(run, evidence, safeMaxTps);
  const held = heldRateOf(
    heldInProduction(blocks, places, uses, policy.confirmationSeconds.value),
    run,
    evidence,
    startedAt,
  );
  const retention = retentionOf(measured, surroundings, policy);
  const explanation = explanationOf(evidence, safeMaxTps);
  const ofWindow = places.flatMap((place) => inBlock(telemetry, blocks[place] as Block));
  const findings: Finding[] = [
    ...telemetry.findings,
    ...ofModels,
    ...fits.flatMap((each) => each.findings),
    ...regimeFindings(blocks, regimes, chosen, startedAt),
    ...otherLoadFindings(others),
    ...sizeFinding(levels.referenceBytes, blocks, places),
    ...groupFinding(safeMaxTps, groups.ceilings),
    ...doubts.map((doubt) => doubtFinding(doubt, chosen, leastVariation)),
    ...(peak ? [peakFinding(peak, startedAt, policy)] : []),
    ...beyondFinding(outlook),
    ...verdictFindings(run, evidence, surroundings, safeMaxTps, saturationTps).filter(({ code }) => kept.has(code)),
  ];
  return {
    ...headOf(telemetry, run),
    steps: analysedLevels(levels.steps),
    resources: analysedResources(evidence),
    perBroker: analysedBrokers(run, evidence, doubts.length === 0),
    safeMaxTps,
    saturationTps,
    ...(held && { held }),
    ...outlook,
    testedTps: { low: quantile(ofWindow, 0.01), high: quantile(ofWindow, 0.999) },
    ...(groups.capacities.length > 0 && { consumerGroups: groups.capacities }),
    ...(retention && { retention }),
    ...(explanation.length > 0 && { explanation: explanation.map((line) => ofProduction(line, telemetry)) }),
    findings: bySeverity(findings),
  };
}

function runOf(telemetry: SourceTelemetry, { cluster, broker }: ProductionWindow): LoadTestRun {
  const { source, startedAt, environment, hosts, brokers, lag, underReplicated, durationSeconds } = telemetry;
  return {
    document: {
      id: source.name,
      cluster,
      environment,
      startedAt,
      workload: {},
      sources: [source],
      ...(broker && { broker }),
    },
    steps: [],
    produced: [],
    consumed: [],
    hosts,
    jvms: new Map(),
    brokers,
    lag,
    underReplicated,
    status: 'completed',
    durationSeconds,
    events: noEvents(),
    findings: [],
  };
}

function headOf(
  { source, startedAt, durationSeconds }: SourceTelemetry,
  { document }: LoadTestRun,
): Pick<Analysis, 'schemaVersion' | 'run'> {
  const { cluster, broker } = document;
  return {
    schemaVersion: analysisSchemaVersion,
    run: {
      id: `${source.name} ${startedAt}`,
      origin: 'production',
      sources: [source],
      ...(broker && { broker }),
      cluster,
      startedAt,
      durationSeconds,
    },
  };
}

function withoutTraffic(telemetry: SourceTelemetry, run: LoadTestRun, ofModels: readonly Finding[]): Analysis {
  const missing = [{ what: 'a quarter of an hour of produced messages per second, all of it told', node: 'cluster' }];
  return {
    ...headOf(telemetry, run),
    steps: [],
    resources: [],
    perBroker: [],
    safeMaxTps: { kind: 'unknown', missing },
    saturationTps: { kind: 'unknown', missing },
    findings: bySeverity([...telemetry.findings, ...ofModels]),
  };
}

/** Whether the rates of an unknown cluster are all of it cannot be checked: without brokers there is no held rate. */
function heldRateOf(
  peak: NaturalPeak | undefined,
  run: LoadTestRun,
  evidence: Evidence,
  startedAt: string,
): Analysis['held'] {
  if (peak === undefined || run.document.environment.brokers.length === 0) return undefined;
  return {
    tps: peak.tps,
    seconds: peak.seconds,
    confirmationSeconds: evidence.policy.confirmationSeconds.value,
    endedAt: new Date(Date.parse(startedAt) + (peak.from + peak.seconds) * 1000).toISOString(),
    unmonitored: unmonitoredOf(run, evidence),
  };
}

type Held = Extract<SafeMaxTps, { kind: 'at-least' | 'unknown' }>;

/** A verdict in doubt is what was carried, and where a host is not seen it is not even that. */
function withoutDoubt<T extends SafeMaxTps | SaturationTps>(
  claimed: T,
  doubts: readonly Doubt[],
  peak: NaturalPeak | undefined,
): T | Held {
  const unmapped = doubts.flatMap((doubt) => (doubt.kind === 'host-unmapped' ? doubt.brokers : []));
  if (unmapped.length > 0)
    return { kind: 'unknown', missing: unmapped.map((node) => ({ what: 'host it runs on', node })) };
  if (claimed.kind === 'at-least' && peak) return { ...claimed, tps: Math.max(claimed.tps, peak.tps) };
  if (doubts.length === 0 || claimed.kind === 'unknown' || claimed.kind === 'at-least') return claimed;
  return peak
    ? { kind: 'at-least', tps: peak.tps, reason: 'no-limit-reached' }
    : { kind: 'unknown', missing: [{ what: 'a quarter of an hour within the policy limits', node: 'cluster' }] };
}

function inBlock({ traffic }: SourceTelemetry, { window }: Block): number[] {
  return traffic
    .filter(({ from, to }) => from >= window.from && to <= window.to)
    .map(({ messagesPerSecond }) => messagesPerSecond);
}

function sizeFinding(
  referenceBytes: number | undefined,
  blocks: readonly Block[],
  places: readonly number[],
): Finding[] {
  if (referenceBytes === undefined) return [];
  const sizes = places.flatMap((place) => blocks[place]?.bytesPerMessage ?? []);
  const [low, high] = [quantile(sizes, 0.05), quantile(sizes, 0.95)];
  return [
    {
      severity: 'warning',
      code: 'message-size-varies',
      message: `A message had ${Math.round(low)} to ${Math.round(high)} bytes, by the hour. The answer is for ${Math.round(referenceBytes)} bytes, as in the upper quarter of the traffic; larger ones meet a limit of bytes sooner.`,
      evidence: [
        { name: 'reference', value: referenceBytes, unit: 'bytes', source: 'bytes over messages that brokers took in' },
        { name: 'p5', value: low, unit: 'bytes', source: 'blocks of a quarter of an hour' },
        { name: 'p95', value: high, unit: 'bytes', source: 'blocks of a quarter of an hour' },
      ],
    },
  ];
}

function beyondFinding({ extrapolated, testedTps }: Pick<Analysis, 'extrapolated' | 'testedTps'>): Finding[] {
  if (extrapolated === undefined || testedTps === undefined) return [];
  return [
    {
      severity: 'warning',
      code: 'extrapolated',
      message: `The estimate lies ${extrapolated.factor.toFixed(1)} times beyond the traffic there was, and its interval is the wider for it. A load test, or a day with more traffic, narrows it.`,
      evidence: [
        { name: 'factor', value: extrapolated.factor, unit: 'ratio', source: 'estimate over the highest level' },
      ],
    },
  ];
}

function ofProduction(line: NonNullable<Analysis['explanation']>[number], { source }: SourceTelemetry) {
  if (line.id.endsWith('.rate'))
    return { ...line, formula: 'mean of the blocks of this level of traffic', source: source.name };
  return line.source === 'one-second samples' ? { ...line, source: `samples of ${source.name}` } : line;
}

const severities: readonly Finding['severity'][] = ['critical', 'warning', 'info'];

function bySeverity(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}
