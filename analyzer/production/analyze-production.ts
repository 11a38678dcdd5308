// Analyzes a cluster from production metrics: natural variation of traffic replaces steps. Pure.

import { brokerKinds, type BrokerKind } from '../../core/cluster.ts';
import type { Analysis, Finding, SafeMaxTps, SaturationTps } from '../../core/documents/analysis.ts';
import type { TelemetryEnvironment } from '../../core/documents/evidence/telemetry.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { quantile } from '../../core/statistics/statistics.ts';
import { noEvents } from '../evidence/importers/run-events.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import type { SourceTelemetry } from '../evidence/sources/telemetry.ts';
import {
  analysedBrokers,
  analysedResources,
  assembleVerdict,
  inDoubt,
  outlookOf,
  unknownVerdict,
} from '../verdict/assemble-verdict.ts';
import type { Evidence } from '../verdict/evidence.ts';
import { explanationOf } from '../verdict/explain/explanation.ts';
import { productionVerdictFindings } from '../verdict/findings/verdict-findings.ts';
import { fitResources } from '../verdict/fit/resource-fit.ts';
import { groupFinding, lossWithGroups, withGroups } from '../verdict/limits/consumer-groups/ceiling.ts';
import { groupsOf } from '../verdict/limits/consumer-groups/groups.ts';
import { reachedTps } from '../verdict/limits/ceilings.ts';
import { resourceUse, surroundingsOf } from '../verdict/limits/resource-use.ts';
import { retentionOf } from '../verdict/limits/resources/retention.ts';
import { noBytes } from '../verdict/placement/bytes-on-disk.ts';
import { unmeasuredSlos } from '../verdict/limits/slo-limit.ts';
import { unmonitoredIn } from '../verdict/limits/unmonitored.ts';
import { safeMaxOf, saturationOf } from '../verdict/safe-max.ts';
import { heldRateOf } from '../verdict/steps/held-rate.ts';
import { type Regime, regimesOf } from './regimes.ts';
import { type Block, blocksOf, brokersAt, type Period, stepOf } from './blocks.ts';
import { chosenRegime, regimeFindings, type Chosen } from './chosen-regime.ts';
import { doubtsOf, unmappedBrokers } from './doubts.ts';
import { heldInProduction, naturalPeak, peakFinding, type NaturalPeak } from './natural-peak.ts';
import { confounded, hourOf, otherLoadFindings, otherLoadOf } from './other-load.ts';
import { atRecentCost, recentCostFindings, recentCosts, withRecentCost } from './recent-cost.ts';
import { endFinding, environmentIn, silentBrokers } from './traffic-end.ts';
import { levelsOf } from './traffic-levels.ts';
import { defined } from '../../core/defined.ts';

interface ProductionWindow {
  /** Name of the cluster in reports. */
  cluster: string;
  /** Default: as the names of the figures show. */
  broker?: BrokerKind;
}

/** @returns a number only if traffic varied, one law holds, and every broker's host is known; otherwise what is missing */
export function analyzeProduction(telemetry: SourceTelemetry, window: ProductionWindow, policy: Policy): Analysis {
  const blocks = blocksOf(telemetry);
  const measured = blocks.map(stepOf);
  const everyone = runOf(telemetry, window);
  const { findings: ofModels, ...known } = resourceUse(measured, surroundingsOf(everyone), policy);
  const regimes = regimesOf(blocks, known.uses, telemetry.events);
  const chosen = chosenRegime(blocks, regimes);
  if (chosen === undefined || chosen.places.length === 0) {
    const isTroubled = blocks.length > 0 && blocks.every(({ trouble }) => trouble !== undefined);
    const what = isTroubled
      ? '15 minutes without under-replicated partitions'
      : '15 minutes of produced messages per second, without gaps';
    const silent = isTroubled ? [] : silentBrokers(telemetry);
    const missing = (silent.length === 0 ? ['cluster'] : silent).map((node) => ({ what, node }));
    return unknownVerdict(runHeadOf(telemetry, everyone), missing, [...telemetry.findings, ...ofModels]);
  }
  const ownBlocks = chosen.places.map((place) => blocks[place] as Block);
  const environment = environmentIn(telemetry, ownBlocks);
  const run = runOf({ ...telemetry, environment }, window, ownBlocks);
  const surroundings = surroundingsOf(run);
  const gone = nodesOf(telemetry.environment).difference(nodesOf(environment));
  const measuredUses = known.uses.filter(({ node }) => !gone.has(node));
  const unknown = known.unknown.filter(({ node }) => !gone.has(node));
  const { startedAt } = telemetry;
  const others = otherLoadOf({ blocks, places: chosen.places, uses: measuredUses }, startedAt);
  const hours = new Set(others.map(({ hour }) => hour));
  const places = chosen.places.filter((place) => !hours.has(hourOf(blocks[place] as Block, startedAt)));
  const newer = newerThan(chosen, regimes, telemetry, blocks);
  const costs = recentCosts({ blocks, places, uses: measuredUses }, newer);
  const period: Period = { blocks, places, uses: atRecentCost(measuredUses, costs) };
  const levels = levelsOf(period, telemetry.traffic);
  const fitted = fitResources(levels.uses, { steps: levels.steps, policy });
  const peak = naturalPeak(period);
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
  const unmapped = unmappedBrokers(run);
  const doubts = doubtsOf(evidence, claimed.safe, { unmapped, chosen, confounded: confounded(period) });
  const judged = { unmapped, isDoubtful: doubts.length > 0, peak };
  const ofBrokers = withoutDoubt(claimed.safe, judged);
  const circumstances = { confidence: policy.fit.confidence.value };
  const safeMaxTps = withGroups(ofBrokers, groups.ceilings, circumstances);
  // The highest level decides whether a rate is predicted. A level is a mean, so laws do not extend to the peak.
  const highestTps = Math.max(reachedTps(evidence), peak?.tps ?? 0);
  const saturationTps = beyondPeak(withoutDoubt(claimed.full, judged), highestTps);
  const outlook = outlookOf(
    run,
    evidence,
    doubts.length === 0 ? safeMaxTps : inDoubt(safeMaxTps),
    (loss) => lossWithGroups(loss, groups.ceilings, circumstances),
    highestTps,
  );
  // Without known brokers, nothing shows whether the rates cover the whole cluster, so there is no held rate.
  const held =
    run.document.environment.brokers.length > 0 && heldInProduction(period, policy.confirmationSeconds.value);
  const ofWindow = places.flatMap((place) => inBlock(telemetry, blocks[place] as Block));
  const { retention, findings: ofRetention } = retentionOf(measured, surroundings, policy, noBytes('production'));
  const early = endFinding(telemetry, blocks);
  const findings: Finding[] = [
    ...telemetry.findings,
    ...ofModels,
    ...fitted.findings,
    ...unmeasuredSlos(policy),
    ...regimeFindings(blocks, regimes, chosen, telemetry),
    ...early,
    ...recentCostFindings(costs, blocks, startedAt),
    ...otherLoadFindings(others),
    ...sizeFinding(levels.referenceBytes, blocks, places),
    ...groupFinding(safeMaxTps, groups.ceilings),
    ...ofRetention,
    ...doubts,
    ...(peak ? [peakFinding(peak, startedAt, policy)] : []),
    ...beyondFinding(outlook, highestTps),
    ...productionVerdictFindings(run, evidence, safeMaxTps),
  ];
  const last = blocks[newer.at(-1) ?? chosen.places.at(-1) ?? 0];
  const isRecent = chosen.isLatest && early.length === 0;
  const judgedUntil =
    isRecent || last === undefined ? undefined : new Date(Date.parse(startedAt) + 1000 * last.window.to).toISOString();
  return assembleVerdict({
    run: { ...runHeadOf(telemetry, run), ...defined({ judgedUntil }) },
    steps: levels.steps.map(({ step, verdict }) => ({ achievedTps: step.tps, verdict })),
    resources: analysedResources(evidence),
    perBroker: analysedBrokers(run, evidence, { safeMaxTps, saturationTps }, doubts.length === 0),
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

const nodesOf = ({ brokers }: TelemetryEnvironment) => new Set(brokers.flatMap(({ id, host = id }) => [id, host]));

/** Healthy blocks after the chosen period with the same number of brokers: with another number, the load of each differs. */
function newerThan(
  { places, isLatest }: Chosen,
  regimes: readonly Regime[],
  { events }: SourceTelemetry,
  blocks: readonly Block[],
): number[] {
  const last = places.at(-1);
  if (isLatest || last === undefined) return [];
  const brokersOf = (place: number) => brokersAt(events, (blocks[place] as Block).window.from);
  const later = regimes.flatMap((regime) => regime.places).filter((place) => place > last);
  return later.filter(
    (place) => (blocks[place] as Block).trouble === undefined && brokersOf(place) === brokersOf(last),
  );
}

function runOf(
  telemetry: SourceTelemetry,
  { cluster, broker = kindOf(telemetry) }: ProductionWindow,
  judged: readonly Block[] = [],
): LoadTestRun {
  const { source, startedAt, environment, hosts, brokers, lag, underReplicated, durationSeconds } = telemetry;
  return {
    document: {
      id: source.name,
      cluster,
      environment,
      startedAt,
      workload: workloadOf(telemetry, judged),
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

/** @returns the kind whose name the exporters of brokers bear, if they bear only one */
function kindOf({ inventory }: SourceTelemetry): BrokerKind | undefined {
  const [kind, another] = brokerKinds.filter((each) =>
    inventory.some((figure) => figure.kind === 'found' && figure.of === 'broker' && figure.scheme.includes(each)),
  );
  return another === undefined ? kind : undefined;
}

/** Share of the traffic that may be in topics with another replication factor. */
const mixedTopics = 0.1;

/** @returns copies and readers per produced byte; empty unless every broker has these figures in the judged blocks */
function workloadOf({ environment, brokers }: SourceTelemetry, judged: readonly Block[]) {
  const [first, last] = [judged[0], judged.at(-1)];
  if (first === undefined || last === undefined) return {};
  const all = environment.brokers.map(({ id }) =>
    (brokers.get(id) ?? []).flatMap(({ from, to, ...figures }) => {
      const { bytesInPerSecond: produced, replicationBytesInPerSecond: copied, bytesOutPerSecond: read } = figures;
      const isKnown = produced !== undefined && copied !== undefined && read !== undefined;
      if (!isKnown || from < first.window.from || to > last.window.to) return [];
      return [{ seconds: to - from, produced, copied, read }];
    }),
  );
  if (all.some((own) => own.length === 0)) return {};
  const bytesOf = (figure: 'produced' | 'copied' | 'read') =>
    all.flat().reduce((sum, { seconds, [figure]: rate }) => sum + seconds * rate, 0);
  const copies = bytesOf('copied') / bytesOf('produced');
  const followers = Math.round(copies);
  if (!(Math.abs(copies - followers) <= mixedTopics) || followers >= all.length) return {};
  // Without consumers in the model, losing a broker would look cheaper than it is.
  return { replicationFactor: followers + 1, groups: bytesOf('read') / bytesOf('produced') };
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

/** Reduces a doubtful verdict to the observed throughput, which is not safe either without host metrics. */
function withoutDoubt<T extends SafeMaxTps | SaturationTps>(
  claimed: T,
  { unmapped, isDoubtful, peak }: { unmapped: readonly string[]; isDoubtful: boolean; peak: NaturalPeak | undefined },
): T | Held {
  if (unmapped.length > 0)
    return { kind: 'unknown', missing: unmapped.map((node) => ({ what: 'host it runs on', node })) };
  if (claimed.kind === 'at-least' && peak) return { ...claimed, tps: Math.max(claimed.tps, peak.tps) };
  if (!isDoubtful || claimed.kind === 'unknown' || claimed.kind === 'at-least') return claimed;
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
  const [lowBytes, highBytes] = [quantile(sizes, 0.05), quantile(sizes, 0.95)];
  return [findingOf('message-size-varies', { referenceBytes, lowBytes, highBytes })];
}

function beyondFinding({ extrapolated }: Pick<Analysis, 'extrapolated'>, reached: number): Finding[] {
  if (extrapolated === undefined) return [];
  return [findingOf('extrapolated', { basis: 'production', factor: extrapolated.factor, reachedTps: reached })];
}

const beyondPeak = (full: SaturationTps, reached: number): SaturationTps =>
  full.kind === 'predicted' ? { ...full, extrapolationFactor: full.estimateTps / reached } : full;
