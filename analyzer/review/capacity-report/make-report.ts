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
import { compareFailures, worstCell, type BlastRadiusDocument } from '../../../core/documents/blast-radius.ts';
import type { ClusterPlan, ClusterPlans, Estimate } from '../../../core/documents/cluster-plan.ts';
import type { PromotionReview } from '../../../core/documents/promotion-review.ts';
import { changesBetween, settingChanges } from './changes.ts';
import { decide } from './decide.ts';
import { endOf } from './conditions/evidence.ts';
import type { GoCase, ClusterSettings } from './go-case.ts';

export interface ForecastPeak {
  peak: { value: number; low: number; high: number; highestPointAt: string };
  coverage?: number;
}

export interface ReportInputs {
  promotion: CapacityReport['promotion'];
  asOf: string;
  expires: string;
  plan?: { plans: ClusterPlans; source: ReportSource };
  analyses: readonly { domain: string; analysis: Analysis; source: ReportSource }[];
  forecasts: readonly { domain: string; forecast: ForecastPeak; source: ReportSource }[];
  /** Settings of the cluster of a domain, as they were read now or earlier. */
  settings?: readonly { domain: string; known: ClusterSettings; source: ReportSource }[];
  /** Loss that a domain has to survive, before what its plan declares; a broker where neither does. */
  survives?: Readonly<Record<string, SurvivedLoss>>;
  /** Bytes of a message of a domain, before what its plan declares. */
  messageBytes?: Readonly<Record<string, number>>;
  /** Of the policy: for how long a rate has to be held. */
  confirmationSeconds: number;
  /** Of the policy: share by which messages of a test may be smaller than those of the domain. */
  messageSizeShare: number;
  /** After which evidence counts as too old. */
  lifetimeSeconds: number;
  blastRadius?: { document: BlastRadiusDocument; source: ReportSource };
  previous?: CapacityReport;
  review?: PromotionReview;
}

/** Only the next best alternatives are shown: the plan has all. */
const mostAlternatives = 5;
const worstFirst = { 'no-go': 0, conditions: 1, go: 2 } as const;

export function makeReport(inputs: ReportInputs): CapacityReport {
  const { promotion, asOf, expires, plan, analyses, forecasts, blastRadius, previous, review } = inputs;
  const clusters = plan?.plans.clusters ?? [];
  const verdicts = domainsOf(inputs)
    .map((domain) => verdictOf(domain, inputs))
    .toSorted((a, b) => worstFirst[a.decision] - worstFirst[b.decision] || (a.headroom ?? -1) - (b.headroom ?? -1));
  const evidence = analyses.map(({ domain, analysis, source }) => evidenceOf(domain, analysis, source));
  return {
    schemaVersion: capacityReportSchemaVersion,
    promotion,
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
      peak: forecast.peak,
      ...(forecast.coverage !== undefined && { backtest: { coverage: forecast.coverage } }),
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

const sourceOf = ({ source }: { source: ReportSource }) => source;

function domainsOf({ plan, analyses, forecasts }: ReportInputs): string[] {
  const planned = plan?.plans.clusters.flatMap(({ domains }) => domains.map(({ name }) => name)) ?? [];
  const refused = plan?.plans.refused.map(({ domain }) => domain) ?? [];
  const analyzed = [...analyses, ...forecasts].map(({ domain }) => domain);
  return [...new Set([...planned, ...refused, ...analyzed])];
}

function verdictOf(domain: string, inputs: ReportInputs): DomainVerdict {
  const { plan, analyses, forecasts } = inputs;
  const planned = plan?.plans.clusters.filter(({ domains }) => domains.some(({ name }) => name === domain)) ?? [];
  const isRefused = plan?.plans.refused.some((refused) => refused.domain === domain) ?? false;
  const forecast = forecasts.find((each) => each.domain === domain)?.forecast;
  const own = analyses.filter((each) => each.domain === domain);
  const peakTps = forecast === undefined ? plannedPeak(domain, planned) : peakOf(forecast);
  const probabilityEnough = Math.min(...planned.map(({ promise }) => promise.probabilityEnough));
  const ownPlan = planned.length === 0 ? undefined : { probabilityEnough };
  const case_ = caseOf(domain, planned, inputs);
  const decision = decide({
    ...case_,
    peakTps,
    plan: isRefused ? 'refused' : ownPlan,
  });
  const { safeMaxTps } = decision;
  const brokersNow = Math.max(0, ...own.map(({ analysis }) => analysis.perBroker.length));
  const brokersNeeded = planned.reduce((sum, { brokers }) => sum + brokers.length, 0);
  return {
    domain,
    owners: [
      ...new Set(
        planned.flatMap(({ domains }) =>
          domains.flatMap(({ name, owners }) => (name === domain ? (owners ?? []) : [])),
        ),
      ),
    ],
    ...decision,
    ...(peakTps && { peakTps }),
    ...(case_.messageBytes !== undefined && { messageBytes: case_.messageBytes }),
    ...(safeMaxTps && 'limitedBy' in safeMaxTps && { limitedBy: safeMaxTps.limitedBy }),
    ...(brokersNow > 0 && { brokersNow }),
    ...(brokersNeeded > 0 && { brokersNeeded }),
    ...(ownPlan && { probabilityEnough }),
    clusters: planned.length > 0 ? planned.map(({ name }) => name) : measuredClusters(own),
  };
}

const measuredClusters = (own: ReportInputs['analyses']) => [
  ...new Set(own.map(({ analysis }) => analysis.run.cluster)),
];

function caseOf(
  domain: string,
  planned: readonly ClusterPlan[],
  inputs: ReportInputs,
): Omit<GoCase, 'peakTps' | 'plan'> {
  const { analyses, settings = [], survives = {}, asOf } = inputs;
  const { confirmationSeconds, lifetimeSeconds, messageSizeShare } = inputs;
  const messageBytes = inputs.messageBytes?.[domain] ?? plannedBytes(domain, planned);
  const declared = planned.flatMap(({ domains }) =>
    domains.flatMap(({ name, consumerGroups }) => (name === domain ? [consumerGroups] : [])),
  );
  return {
    measured: analyses
      .filter((each) => each.domain === domain)
      .map(({ analysis, source }) => ({ analysis, source: source.id })),
    survives: survives[domain] ?? declaredLoss(domain, planned),
    ...(declared.length > 0 && { declaredGroups: Math.max(...declared) }),
    ...(messageBytes !== undefined && { messageBytes }),
    settings: settings.filter((each) => each.domain === domain).map(({ known }) => known),
    asOf,
    confirmationSeconds,
    lifetimeSeconds,
    messageSizeShare,
  };
}

function plannedBytes(domain: string, planned: readonly ClusterPlan[]): number | undefined {
  const own = planned.flatMap(({ domains }) => domains.filter(({ name }) => name === domain));
  return own.length === 0 ? undefined : Math.max(...own.map(({ messageBytes }) => messageBytes));
}

/** A missing declaration does not accept a loss. */
function declaredLoss(domain: string, planned: readonly ClusterPlan[]): SurvivedLoss {
  const declared = planned.flatMap(({ domains }) =>
    domains.flatMap(({ name, survives }) => (name === domain ? (survives ?? []) : [])),
  );
  if (declared.includes('zone')) return 'zone';
  return declared.length > 0 && declared.every((each) => each === 'none') ? 'none' : 'broker';
}

const peakOf = ({ peak }: ForecastPeak): Estimate => ({ low: peak.low, mid: peak.value, high: peak.high });

/**
 * For separate clusters, by their simulations; for a share of others by the product of the ends, which is wider. Shares
 * are high together.
 */
function plannedPeak(domain: string, clusters: readonly ClusterPlan[]): Estimate | undefined {
  const peaks = clusters.flatMap(({ domains, promise }) =>
    domains.length === 1
      ? [promise.peakTps]
      : domains.filter(({ name }) => name === domain).map(({ peakTps }) => peakTps),
  );
  if (peaks.length === 0) return undefined;
  const sum = (end: keyof Estimate) => peaks.reduce((total, peak) => total + peak[end], 0);
  return { low: sum('low'), mid: sum('mid'), high: sum('high') };
}

/** @returns the day on which the first of the evidence is too old, if that comes before the day the report would expire */
export function lastDayOf(
  { analyses, lifetimeSeconds }: Pick<ReportInputs, 'analyses' | 'lifetimeSeconds'>,
  otherwise: string,
): string {
  const ends = analyses.flatMap(({ analysis }) => endOf(analysis) ?? []);
  const first = Math.min(...ends) + lifetimeSeconds * 1000;
  const day = Number.isFinite(first) ? new Date(first).toISOString().slice(0, 10) : otherwise;
  return day < otherwise ? day : otherwise;
}

function evidenceOf(domain: string, analysis: Analysis, source: ReportSource): CapacityReport['evidence'][number] {
  const { run, steps, resources, withoutOne, consumerGroups, findings, testedTps, explanation, fingerprint } = analysis;
  // Verdicts of runs and of readings do not state it: only readings have an observed maximum.
  const origin = run.origin ?? (analysis.safeMaxTps.kind === 'observed' ? 'readings' : 'load-test');
  return {
    domain,
    source: source.id,
    run: run.id,
    origin,
    ...(run.startedAt && { startedAt: run.startedAt }),
    ...(run.durationSeconds !== undefined && { durationSeconds: run.durationSeconds }),
    sources: run.sources ?? [],
    ...(testedTps && { testedTps }),
    steps,
    resources,
    withoutOne: (withoutOne ?? []).map(({ lost, id, tps }) => ({ lost, id, tps })),
    consumerGroups: consumerGroups ?? [],
    ...(fingerprint && { fingerprint }),
    ...(explanation && { explanation }),
    findings,
  };
}

function plannedCluster(plan: ClusterPlan): PlannedCluster {
  const { promise, margin, shape } = plan;
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
    peakTps: promise.peakTps,
    safeTps: promise.safeTps,
    afterLossTps: promise.afterLossTps,
    limitedBy: promise.limitedBy,
    probabilityEnough: promise.probabilityEnough,
    survives: promise.survives,
    ...(promise.losses !== undefined && { losses: promise.losses }),
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
    findings: plan.findings,
  };
}
