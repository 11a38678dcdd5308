// Builds the capacity report from plans, verdicts and forecasts; every number cites its file.

import type { Analysis } from '../../../core/documents/analysis.ts';
import {
  capacityReportSchemaVersion,
  type CapacityReport,
  type DomainVerdict,
  type PlannedCluster,
  type ReportSource,
  type SurvivedLoss,
} from '../../../core/documents/capacity-report.ts';
import { bindingLimit, safeTpsOf } from '../../../core/documents/safe-tps.ts';
import { defined } from '../../../core/defined.ts';
import { largest } from '../../../core/statistics/statistics.ts';
import { compareFailures, worstCell } from '../../../core/documents/blast-radius.ts';
import type { ClusterPlan, Demand, RefusedDomain } from '../../../core/documents/cluster-plan.ts';
import type { Reason } from '../../../core/documents/reasons/go-reasons.ts';
import { averageLoad } from './average-load.ts';
import { changesBetween, settingChanges } from './changes.ts';
import { decide } from './decide.ts';
import { isAssumed } from './conditions/after-loss.ts';
import { diskLimit, type DiskLimit } from './conditions/disk-space.ts';
import { endOf, lastDayOfEvidence } from './conditions/evidence.ts';
import { mayShareCluster } from './conditions/one-cluster.ts';
import { strictestLatency } from './conditions/latency.ts';
import { isOfOnePartition, ofSharedCluster } from './conditions/order.ts';
import type { GoCase, Measured, Neighbor } from './go-case.ts';
import {
  clusterLoad,
  forecastReasons,
  identified,
  isPlannedForLess,
  peakOfDomain,
  peakOfPromotion,
  plannedClusters,
} from './peaks.ts';
import { domainsOf, type ForecastPeak, type ReportInputs } from './report-inputs.ts';

/** Most alternatives shown; the plan has all. */
const mostAlternatives = 5;
const worstFirst = { 'no-go': 0, conditions: 1, go: 2 } as const;

export function makeReport(inputs: ReportInputs): CapacityReport {
  const { promotion, timezone, asOf, expires, plan, analyses, forecasts, blastRadius, previous, review } = inputs;
  const clusters = plan?.plans.clusters ?? [];
  const verdicts = domainsOf(inputs)
    .map((domain) => verdictOf(domain, inputs))
    .toSorted((a, b) => worstFirst[a.decision] - worstFirst[b.decision] || (a.headroom ?? -1) - (b.headroom ?? -1));
  const evidence = analyses.map(({ domain, analysis, source }) => evidenceOf(domain, analysis, source));
  return {
    schemaVersion: capacityReportSchemaVersion,
    promotion,
    ...defined({ timezone }),
    asOf,
    expires,
    verdicts,
    ...(previous && {
      changes: [...changesBetween(previous.verdicts, verdicts), ...settingChanges(previous.evidence, evidence)],
    }),
    evidence,
    forecasts: forecasts.map(({ domain, forecast, source }) => ({
      domain,
      source: source.id,
      ...defined({ peak: peakOfPromotion(forecast, inputs) }),
      ...(forecast.coverage !== undefined && { backtest: { coverage: forecast.coverage } }),
      ...longReading(forecast, inputs),
    })),
    clusters: clusters.map(plannedCluster),
    judged: plan?.plans.judged ?? [],
    ...(blastRadius && { blastRadius: worstFailures(blastRadius) }),
    ...(plan && { costUnit: plan.plans.costUnit }),
    ...(review && { afterwards: review.domains }),
    findings: plan?.plans.findings ?? [],
    sources: [
      ...(plan ? [plan.source] : []),
      ...analyses.map(sourceOf),
      ...forecasts.map(sourceOf),
      ...(inputs.settings ?? []).map(sourceOf),
      ...(blastRadius ? [blastRadius.source] : []),
    ],
  };
}

function worstFailures({
  document: { world, lastsSeconds, clusters },
  source,
}: NonNullable<ReportInputs['blastRadius']>): NonNullable<CapacityReport['blastRadius']> {
  return {
    source: source.id,
    world,
    lastsSeconds,
    clusters: clusters.map(({ cluster, failures, notSimulated }) => ({
      cluster,
      failures: failures
        .flatMap(({ hours, ...failure }) => {
          const worst = worstCell(hours);
          return worst === undefined ? [] : [{ ...failure, worst }];
        })
        .toSorted(compareFailures),
      notSimulated,
    })),
  };
}

/** A mean over more than the required holding time of a rate may hide a higher peak. */
const longReading = ({ readingSeconds = 0 }: ForecastPeak, { confirmationSeconds }: ReportInputs) =>
  readingSeconds > confirmationSeconds ? { longReadingSeconds: readingSeconds } : {};

const sourceOf = ({ source }: { source: ReportSource }) => source;

function verdictOf(domain: string, inputs: ReportInputs): DomainVerdict {
  const { plan, analyses } = inputs;
  const planned = plannedClusters(domain, plan);
  const refused = plan?.plans.refused.find((each) => each.domain === domain);
  const planGap = planGapOf(refused);
  const own = analyses.filter((each) => each.domain === domain);
  const peakTps = peakOfDomain(domain, inputs);
  const load = clusterLoad(domain, inputs);
  const shares = sharesOf(domain, planned);
  const case_ = caseOf(domain, planned, inputs);
  const { measured } = case_;
  const isShared = load.others.length > 0;
  const names = [domain, ...load.others];
  const onCluster = names.flatMap((name) => sharesOf(name, plannedClusters(name, plan)));
  // Replicas of a Kafka topic say nothing about RocketMQ slaves.
  const kinds = new Set(own.flatMap(({ analysis }) => analysis.run.broker ?? []));
  const replicas = names.flatMap((name) =>
    plannedClusters(name, plan)
      .filter(({ broker }) => kinds.size === 0 || kinds.has(broker))
      .map((each) => each.replicas),
  );
  const ownPlan = planned.length === 0 ? undefined : planOf(planned, case_.survives, inputs);
  const neighbors = load.others.map((name) => neighborOf(name, identified(domain, inputs), inputs));
  const ofCluster = isShared && isOrdered(domain, inputs) ? ofSharedCluster(measured, load.peakTps?.high) : measured;
  const disk = diskLimit({ ...case_, measured: ofCluster, neighbors });
  const stored = names.map((name) => ({ name, diskShare: diskShareOf(name, disk?.tested, inputs) }));
  const decision = decide({
    ...case_,
    measured: ofCluster,
    ...(isOrdered(domain, inputs) &&
      peakTps && {
        ordered: { peakTps: peakTps.high, tests: isShared ? measured.filter(isOfOnePartition) : measured },
      }),
    neighbors,
    isDelayed: onCluster.some((share) => share.isDelayed),
    ...defined({
      plannedGroups: largest(onCluster.map(({ consumerGroups }) => consumerGroups)),
      plannedReplicas: largest(replicas),
      plannedPartitions: largest(onCluster.map(({ partitions }) => partitions)),
      plannedBatch: onCluster
        .flatMap(({ messagesPerRequest }) => messagesPerRequest ?? [])
        .toSorted((a, b) => a - b)[0],
      plannedLoss: strictestLoss(onCluster),
      latency: strictestLatency(names, plan?.plans),
    }),
    ...(disk && averageLoad(stored, disk.retention.retentionSeconds, inputs)),
    peakTps: load.peakTps,
    withoutPeak: load.withoutPeak,
    forecastReasons: forecastReasons(domain, load.others, inputs),
    plan: refused !== undefined && planGap === undefined ? 'refused' : ownPlan,
    ...(planGap && { planGap }),
  });
  const { safeMaxTps } = decision;
  const safeTps = safeMaxTps && 'limitedBy' in safeMaxTps ? safeTpsOf(safeMaxTps) : Number.NaN;
  const decisive = measured.find(({ analysis }) => safeTpsOf(analysis.safeMaxTps) === safeTps)?.analysis;
  const { survives, lostBrokers = 1 } = case_;
  const brokersNow = Math.max(0, ...own.map(({ analysis }) => analysis.perBroker.length));
  const brokersNeeded = planned.reduce((sum, { brokers }) => sum + brokers.length, 0);
  return {
    domain,
    owners: [...new Set(shares.flatMap(({ owners }) => owners ?? []))],
    ...decision,
    ...(survives !== 'none' && lostBrokers > 1 && { lostBrokers }),
    ...(peakTps && { peakTps }),
    ...(load.peakTps && load.others.length > 0 && { shared: { with: load.others, peakTps: load.peakTps } }),
    ...(case_.messageBytes !== undefined && { messageBytes: case_.messageBytes }),
    ...(safeMaxTps && defined({ limitedBy: bindingLimit({ safeMaxTps, binding: decisive?.binding }) })),
    ...(brokersNow > 0 && { brokersNow }),
    ...(brokersNeeded > 0 && { brokersNeeded }),
    ...ownPlan,
    clusters: planned.length > 0 ? planned.map(({ name }) => name) : measuredClusters(own),
  };
}

function planGapOf(refused: RefusedDomain | undefined): Reason | undefined {
  if (refused === undefined || refused.cause.kind === 'too-small') return undefined;
  if (refused.cause.kind === 'no-build') return { code: 'plan-without-build' };
  const unmeasured = refused.rejections.filter(({ reason }) => reason === 'not-measured');
  const modes = new Set(unmeasured.map(({ broker, mode }) => `${broker} ${mode}`));
  return { code: 'plan-not-measured', subjects: [...modes] };
}

/** The probability of a plan applies to the peak, the loss and the messages that it was made for. */
const planOf = (
  planned: readonly ClusterPlan[],
  survives: SurvivedLoss,
  inputs: ReportInputs,
): { probabilityEnough?: number } =>
  isPlannedForLess(planned, inputs) || isPlannedForSmaller(planned, inputs) || !coversLoss(planned, survives)
    ? {}
    : { probabilityEnough: Math.min(...planned.map(({ promise }) => promise.probabilityEnough)) };

const isPlannedForSmaller = (
  planned: readonly ClusterPlan[],
  { messageBytes: stated = {}, messageSizeShare }: ReportInputs,
): boolean =>
  planned.some(({ domains }) =>
    domains.some(({ name, messageBytes }) => (stated[name] ?? 0) > messageBytes * (1 + messageSizeShare)),
  );

/** Losses of a plan that include each loss of a report. */
const coveringLosses: Readonly<Record<SurvivedLoss, ReadonlySet<string> | undefined>> = {
  none: undefined,
  broker: new Set(['brokers-lost', 'group-lost', 'zone-lost']),
  zone: new Set(['zone-lost']),
};

function coversLoss(planned: readonly ClusterPlan[], survives: SurvivedLoss): boolean {
  const covering = coveringLosses[survives];
  if (covering === undefined) return true;
  return planned.every(({ promise }) => promise.losses.some(({ kind }) => covering.has(kind)));
}

const measuredClusters = (own: ReportInputs['analyses']) => [
  ...new Set(own.map(({ analysis }) => analysis.run.cluster)),
];

/** Shares of the domain in the planned clusters. */
const sharesOf = (domain: string, planned: readonly ClusterPlan[]): ClusterPlan['domains'] =>
  planned.flatMap(({ domains }) => domains.filter(({ name }) => name === domain));

function caseOf(
  domain: string,
  planned: readonly ClusterPlan[],
  inputs: ReportInputs,
): Omit<GoCase, 'peakTps' | 'plan'> {
  const { settings = [], survives = {}, asOf } = inputs;
  const { confirmationSeconds, achievedShare, lifetimeSeconds, messageSizeShare } = inputs;
  const shares = sharesOf(domain, planned);
  const declaredGroups = largest(shares.map(({ consumerGroups }) => consumerGroups));
  const stated = survives[domain];
  const isAsPlanned = stated === undefined || stated === 'zone';
  const lostBrokers = isAsPlanned ? mostLostBrokers(planned) : undefined;
  const survivesGroup = planned.some(({ promise }) => promise.losses.some(({ kind }) => kind === 'group-lost'));
  return {
    measured: measuredOf(domain, inputs),
    survives: stated ?? declaredLoss(shares),
    ...messagesOf(domain, inputs),
    ...defined({ declaredGroups, lostBrokers }),
    ...(isAsPlanned && survivesGroup && { lostGroup: true as const }),
    settings: settings.filter((each) => each.domain === domain).map(({ known }) => known),
    asOf,
    confirmationSeconds,
    achievedShare,
    lifetimeSeconds,
    messageSizeShare,
  };
}

/** @param own verdicts of the domain whose cluster it shares */
function neighborOf(name: string, own: readonly Analysis[], inputs: ReportInputs): Neighbor {
  const measured = measuredOf(name, inputs).filter((_, index) => {
    const its = identified(name, inputs)[index];
    return its !== undefined && own.some((each) => mayShareCluster(each, its));
  });
  return {
    domain: name,
    measured: isOrdered(name, inputs) ? ofSharedCluster(measured) : measured,
    ...messagesOf(name, inputs),
  };
}

const measuredOf = (domain: string, { analyses }: ReportInputs): Measured[] =>
  analyses.filter((each) => each.domain === domain).map(({ analysis, source }) => ({ analysis, source: source.id }));

const isOrdered = (domain: string, { plan }: ReportInputs): boolean =>
  sharesOf(domain, plannedClusters(domain, plan)).some(({ order }) => order === 'global');

const messageBytesOf = (domain: string, { messageBytes, plan }: ReportInputs): number | undefined =>
  messageBytes?.[domain] ?? largest(sharesOf(domain, plannedClusters(domain, plan)).map((share) => share.messageBytes));

const messagesOf = (domain: string, inputs: ReportInputs) =>
  defined({ messageBytes: messageBytesOf(domain, inputs), compressionRatio: compressionRatioOf(domain, inputs) });

/** A plan without a ratio is for uncompressed messages. */
function compressionRatioOf(domain: string, { plan }: ReportInputs): number | undefined {
  const shares = sharesOf(domain, plannedClusters(domain, plan));
  return shares.length === 0 ? undefined : Math.min(...shares.map(({ compressionRatio = 1 }) => compressionRatio));
}

/** Messages smaller than those of the test need less of its disks. */
function diskShareOf(domain: string, tested: DiskLimit['tested'], inputs: ReportInputs): number {
  const messageBytes = messageBytesOf(domain, inputs);
  if (messageBytes === undefined || tested === undefined) return 1;
  const { sentBytes, overheadBytes } = tested;
  const shares = sharesOf(domain, plannedClusters(domain, inputs.plan));
  const keyBytes = largest(shares.map((share) => share.keyBytes ?? 0)) ?? 0;
  const ownBytes = messageBytes / (compressionRatioOf(domain, inputs) ?? 1) + keyBytes;
  // RocketMQ stores a delayed message twice.
  const copies = shares.some(({ isDelayed }) => isDelayed) ? 2 : 1;
  return Math.min(1, (copies * (ownBytes + overheadBytes)) / (sentBytes + overheadBytes));
}

const lossesStrictestFirst = ['never', 'acknowledged', 'may-lose'] as const satisfies readonly Demand['loss'][];

/** @param onCluster all domains on the cluster, which share the tested rate */
function strictestLoss(onCluster: ClusterPlan['domains']): Demand['loss'] | undefined {
  const stated = new Set(onCluster.map(({ loss }) => loss));
  return lossesStrictestFirst.find((loss) => stated.has(loss));
}

/** Largest number of simultaneous losses. */
const mostLostBrokers = (planned: readonly ClusterPlan[]) =>
  largest(
    planned.flatMap(({ promise }) =>
      promise.losses.flatMap(({ kind, brokers = 1 }) => (kind === 'brokers-lost' ? [brokers] : [])),
    ),
  );

/** A missing declaration accepts no loss. */
function declaredLoss(shares: ClusterPlan['domains']): SurvivedLoss {
  const declared = shares.map(({ survives }) => survives);
  if (declared.includes('zone')) return 'zone';
  return declared.length > 0 && declared.every((each) => each === 'none') ? 'none' : 'broker';
}

/** @returns the last day on which no evidence is too old, or the other day if earlier */
export function lastDayOf(
  { analyses, lifetimeSeconds }: Pick<ReportInputs, 'analyses' | 'lifetimeSeconds'>,
  otherwise: string,
): string {
  const ends = analyses.flatMap(({ analysis }) => endOf(analysis) ?? []);
  const first = lastDayOfEvidence(Math.min(...ends), lifetimeSeconds);
  const day = Number.isFinite(first) ? new Date(first).toISOString().slice(0, 10) : otherwise;
  return day < otherwise ? day : otherwise;
}

function evidenceOf(domain: string, analysis: Analysis, source: ReportSource): CapacityReport['evidence'][number] {
  const { run, steps, resources, consumerGroups, findings, testedTps, explanation, fingerprint } = analysis;
  const { redline, degraded, withoutOne = [] } = analysis;
  const { startedAt, durationSeconds } = run;
  // Verdicts of runs do not state it, nor do old versions for readings: only readings have an observed maximum.
  const origin = run.origin ?? (analysis.safeMaxTps.kind === 'observed' ? 'readings' : 'load-test');
  return {
    domain,
    source: source.id,
    run: run.id,
    origin,
    ...defined({ broker: redline?.broker, without: degraded?.lost, startedAt, durationSeconds }),
    sources: run.sources ?? [],
    ...(testedTps && { testedTps }),
    steps,
    resources,
    // With brokers already down, a further loss is N-2.
    withoutOne: degraded
      ? []
      : withoutOne.filter((loss) => !isAssumed(loss)).map(({ lost, id, tps }) => ({ lost, id, tps })),
    consumerGroups: consumerGroups ?? [],
    ...defined({ fingerprint, explanation }),
    findings,
  };
}

function plannedCluster(plan: ClusterPlan): PlannedCluster {
  const { margin, shape } = plan;
  const { saturationTps: _, ...promised } = plan.promise;
  return {
    name: plan.name,
    domains: plan.domains.map(({ name }) => name),
    demand: plan.domains.map(({ name, averageTps, messageBytes, consumerGroups, retentionSeconds }) => ({
      domain: name,
      averageTps,
      messageBytes,
      consumerGroups,
      retentionSeconds,
    })),
    broker: plan.broker,
    mode: plan.mode,
    shape: shape.name,
    brokers: plan.brokers.length,
    masters: plan.masters,
    replicas: plan.replicas,
    ...promised,
    ...(plan.cost !== undefined && { cost: plan.cost }),
    resources: plan.resources,
    margin: margin.entries,
    marginProduct: margin.product,
    sensitivity: plan.sensitivity.map(({ input, brokersAtLow, brokersAtHigh }) => ({
      input,
      brokersAtLow,
      brokersAtHigh,
    })),
    alternatives: plan.rejections.slice(0, mostAlternatives),
    assumptions: plan.assumptions.map(({ what }) => what),
    assumptionCauses: plan.assumptions.map(({ cause }) => cause),
    findings: plan.findings,
  };
}
