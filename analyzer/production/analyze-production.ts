// Analyzes a cluster from production metrics: natural variation of traffic takes the place of steps. Pure.

import type { BrokerKind } from '../../core/cluster.ts';
import type { Analysis, Finding, SafeMaxTps, SaturationTps } from '../../core/documents/analysis.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { quantile } from '../../core/statistics/statistics.ts';
import { noEvents } from '../evidence/importers/run-events.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import type { SourceTelemetry } from '../evidence/sources/source-telemetry.ts';
import {
  analysedBrokers,
  analysedResources,
  assembleVerdict,
  outlookOf,
  unknownVerdict,
} from '../verdict/assemble-verdict.ts';
import type { Evidence } from '../verdict/evidence.ts';
import { explanationOf } from '../verdict/explain/explanation.ts';
import { productionVerdictFindings } from '../verdict/findings/verdict-findings.ts';
import { fitResources } from '../verdict/fit/resource-fit.ts';
import { groupFinding, lossWithGroups, withGroups } from '../verdict/limits/consumer-groups/ceiling.ts';
import { groupsOf } from '../verdict/limits/consumer-groups/groups.ts';
import { resourceUse, surroundingsOf } from '../verdict/limits/resource-use.ts';
import { retentionOf } from '../verdict/limits/retention-verdict.ts';
import { unmonitoredIn } from '../verdict/limits/unmonitored.ts';
import { safeMaxOf, saturationOf } from '../verdict/safe-max.ts';
import { heldRateOf } from '../verdict/steps/held-rate.ts';
import { blocksOf, stepOf, type Block } from './blocks.ts';
import { chosenRegime, regimeFindings, type Chosen } from './chosen-regime.ts';
import { doubtFinding, doubtsOf, type Doubt } from './doubts.ts';
import { heldInProduction, naturalPeak, peakFinding, type NaturalPeak } from './natural-peak.ts';
import { confounded, hourOf, otherLoadFindings, otherLoadOf } from './other-load.ts';
import { atRecentCost, recentCostFindings, recentCosts, withRecentCost } from './recent-cost.ts';
import { regimesOf, type Regime } from './regimes.ts';
import { trafficAtOf } from './traffic-at.ts';
import { levelsOf } from './traffic-levels.ts';

interface ProductionWindow {
  /** As the report calls it. */
  cluster: string;
  broker?: BrokerKind;
}

/** @returns a number only where traffic varied, one law holds, and every broker's host is known; else what is missing */
export function analyzeProduction(telemetry: SourceTelemetry, window: ProductionWindow, policy: Policy): Analysis {
  const run = runOf(telemetry, window);
  const blocks = blocksOf(telemetry);
  const surroundings = surroundingsOf(run);
  const measured = blocks.map(stepOf);
  const { uses: measuredUses, unknown, findings: ofModels } = resourceUse(measured, surroundings, policy);
  const regimes = regimesOf(blocks, measuredUses, telemetry.events);
  const chosen = chosenRegime(blocks, regimes);
  if (chosen === undefined || chosen.places.length === 0) {
    const what = '15 minutes of produced messages per second, without gaps';
    const findings = [...telemetry.findings, ...ofModels];
    return unknownVerdict(runHeadOf(telemetry, run), [{ what, node: 'cluster' }], findings);
  }
  const { startedAt } = telemetry;
  const others = otherLoadOf(blocks, chosen.places, measuredUses, startedAt);
  const hours = new Set(others.map(({ hour }) => hour));
  const places = chosen.places.filter((place) => !hours.has(hourOf(blocks[place] as Block, startedAt)));
  const newer = newerThan(chosen, regimes, telemetry, blocks);
  const costs = recentCosts(blocks, places, newer, measuredUses);
  const uses = atRecentCost(measuredUses, costs);
  const levels = levelsOf(blocks, places, uses, trafficAtOf(telemetry.traffic));
  const fitted = fitResources(levels.uses, { steps: levels.steps, policy });
  const peak = naturalPeak(blocks, places, uses);
  const evidence: Evidence = {
    steps: levels.steps,
    resources: withRecentCost(fitted.resources, costs),
    slos: [],
    groupLimits: [],
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
  const circumstances = { confidence: policy.fit.confidence.value };
  const safeMaxTps = withGroups(ofBrokers, groups.ceilings, circumstances);
  const saturationTps: SaturationTps = doubts.length === 0 ? claimed.full : withoutDoubt(claimed.full, doubts, peak);
  const outlook = outlookOf(run, evidence, doubts.length === 0 ? safeMaxTps : inDoubt(safeMaxTps), (loss) =>
    lossWithGroups(loss, groups.ceilings, circumstances),
  );
  // Whether the rates of an unknown cluster are all of it cannot be checked: without brokers there is no held rate.
  const held =
    run.document.environment.brokers.length > 0 &&
    heldInProduction(blocks, places, uses, policy.confirmationSeconds.value);
  const ofWindow = places.flatMap((place) => inBlock(telemetry, blocks[place] as Block));
  const { retention, findings: ofRetention } = retentionOf(measured, surroundings, policy);
  const findings: Finding[] = [
    ...telemetry.findings,
    ...ofModels,
    ...fitted.findings,
    ...regimeFindings(blocks, regimes, chosen, startedAt),
    ...recentCostFindings(costs, blocks, startedAt),
    ...otherLoadFindings(others),
    ...sizeFinding(levels.referenceBytes, blocks, places),
    ...groupFinding(safeMaxTps, groups.ceilings),
    ...ofRetention,
    ...doubts.map((doubt) => doubtFinding(doubt, chosen)),
    ...(peak ? [peakFinding(peak, startedAt, policy)] : []),
    ...beyondFinding(outlook),
    ...productionVerdictFindings(run, evidence, surroundings, safeMaxTps),
  ];
  const last = blocks[newer.at(-1) ?? chosen.places.at(-1) ?? 0];
  const judgedUntil = chosen.isLatest || last === undefined ? undefined : momentOf(startedAt, last.window.to);
  return assembleVerdict({
    run: { ...runHeadOf(telemetry, run), ...(judgedUntil !== undefined && { judgedUntil }) },
    steps: levels.steps.map(({ step, verdict }) => ({ achievedTps: step.tps, verdict })),
    resources: analysedResources(evidence),
    perBroker: analysedBrokers(run, evidence, doubts.length === 0),
    safeMaxTps,
    saturationTps,
    held: held ? heldRateOf(run, evidence, { ...held, to: held.from + held.seconds }) : undefined,
    ...outlook,
    testedTps: { low: quantile(ofWindow, 0.01), high: quantile(ofWindow, 0.999) },
    consumerGroups: groups.capacities,
    retention,
    explanation: explanationOf(evidence, safeMaxTps, {
      rate: () => ({ formula: 'mean of the blocks of this level of traffic', source: telemetry.source.name }),
      samples: `samples of ${telemetry.source.name}`,
    }),
    findings,
  });
}

const momentOf = (startedAt: string, elapsedSeconds: number): string =>
  new Date(Date.parse(startedAt) + 1000 * elapsedSeconds).toISOString();

/** Healthy blocks after the chosen period; none where the brokers became more or fewer, which changes what each of them takes. */
function newerThan(
  { places, isLatest }: Chosen,
  regimes: readonly Regime[],
  { events }: SourceTelemetry,
  blocks: readonly Block[],
): number[] {
  const last = places.at(-1);
  if (isLatest || last === undefined) return [];
  const { to } = (blocks[last] as Block).window;
  if (events.some(({ kind, elapsedSeconds }) => kind === 'broker-count' && elapsedSeconds >= to)) return [];
  const later = regimes.flatMap((regime) => regime.places).filter((place) => place > last);
  return later.filter((place) => (blocks[place] as Block).trouble === undefined);
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

function runHeadOf(
  { source, startedAt, durationSeconds }: SourceTelemetry,
  { document: { cluster, broker } }: LoadTestRun,
): Analysis['run'] {
  return {
    id: `${source.name} ${startedAt}`,
    origin: 'production',
    sources: [source],
    ...(broker && { broker }),
    cluster,
    startedAt,
    durationSeconds,
  };
}

type Held = Extract<SafeMaxTps, { kind: 'at-least' | 'unknown' }>;

/** A doubtful verdict is reduced to the observed throughput, and without host metrics not even that is safe. */
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

/** Laws in doubt predict no loss either, and no limit that comes next. */
const inDoubt = (safe: SafeMaxTps): SafeMaxTps =>
  safe.kind === 'unknown' ? safe : { kind: 'at-least', tps: safe.tps, reason: 'figures-in-doubt' };

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
  const [lowBytes, highBytes] = [quantile(sizes, 0.05), quantile(sizes, 0.95)];
  return [findingOf('message-size-varies', { referenceBytes, lowBytes, highBytes })];
}

function beyondFinding({ extrapolated, testedTps }: Pick<Analysis, 'extrapolated' | 'testedTps'>): Finding[] {
  if (extrapolated === undefined || testedTps === undefined) return [];
  return [findingOf('extrapolated', { basis: 'production', factor: extrapolated.factor })];
}
