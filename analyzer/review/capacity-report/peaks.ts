// Determines the peak of each domain and of the cluster it shares, and why a forecast cannot support GO.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Analysis } from '../../../core/documents/analysis.ts';
import type { ClusterPlan, Estimate } from '../../../core/documents/cluster-plan.ts';
import type { Reason } from '../../../core/documents/reasons/go-reasons.ts';
import { localText, momentOf } from '../../../core/local-moment.ts';
import { clusterIdKey } from '../../evidence/fingerprint.ts';
import { mayShareCluster } from './conditions/one-cluster.ts';
import { domainsOf, type ForecastPeak, type ReportInputs } from './report-inputs.ts';

export const plannedClusters = (domain: string, plan: ReportInputs['plan']): ClusterPlan[] =>
  plan?.plans.clusters.filter(({ domains }) => domains.some(({ name }) => name === domain)) ?? [];

/** From the forecast; from the plan if there is none, or if the plan's peak is higher and may include what the forecast lacks. */
export function peakOfDomain(domain: string, inputs: ReportInputs): Estimate | undefined {
  const forecast = inputs.forecasts.find((each) => each.domain === domain)?.forecast;
  const planned = plannedPeak(domain, plannedClusters(domain, inputs.plan));
  const peak = forecast && peakOfPromotion(forecast, inputs);
  if (forecast === undefined || peak === undefined) return planned;
  // Without an interval the median is both ends, for which `forecastReasons` has a reason.
  const { value: mid, low = mid, high = mid } = peak;
  const isIncomplete =
    peak.high === undefined || promotionGap(forecast, inputs) !== undefined || !knowsPromotion(forecast, inputs);
  return planned !== undefined && isIncomplete && planned.high > high ? planned : { low, mid, high };
}

/**
 * A forecast may contain a higher promotion than the one of the report.
 *
 * @returns undefined if the days of the promotion have no value, or a document lists its points without intervals
 */
export function peakOfPromotion(forecast: ForecastPeak, inputs: ReportInputs): ForecastPeak['peak'] | undefined {
  const { peak, span, points = [] } = forecast;
  const days = span && daysIn(inputs, span);
  if (days === undefined || points.length === 0 || isOn(peak.highestPointAt, days)) return peak;
  if (peak.high !== undefined && points.every(({ high }) => high === undefined)) return undefined;
  const own = points.filter(({ time }) => isOn(time, days));
  const [highest] = own.toSorted((a, b) => b.value - a.value);
  if (highest === undefined) return undefined;
  const rise = riseOf(forecast, 'value') ?? 1;
  const value = rise * highest.value;
  const point = { value, highestPointAt: highest.time };
  if (highest.low === undefined || highest.high === undefined) return point;
  // Another hour of these days may exceed it, although it is expected to be lower.
  const most = (end: 'low' | 'high') =>
    (riseOf(forecast, end) ?? rise) * Math.max(...own.flatMap((each) => each[end] ?? []));
  return { ...point, low: Math.min(most('low'), value), high: Math.max(most('high'), value) };
}

/** @returns points of the promotion, and of the retention time before it; all if its days are unknown */
export function pointsKept(
  { span, points = [] }: ForecastPeak,
  retentionSeconds: number,
  inputs: ReportInputs,
): NonNullable<ForecastPeak['points']> {
  const days = span && daysIn(inputs, span);
  if (days === undefined) return points;
  const kept = { ...days, fromMs: days.fromMs - 1000 * retentionSeconds };
  return points.filter(({ time }) => isOn(time, kept));
}

/** @returns the peak of the forecast over its highest point: any of many hours may be the highest, so the peak is above each */
function riseOf({ peak, points = [] }: ForecastPeak, end: 'value' | 'low' | 'high'): number | undefined {
  const top = points.find(({ time }) => Date.parse(time) === Date.parse(peak.highestPointAt))?.[end];
  const whole = peak[end];
  return whole === undefined || top === undefined || top <= 0 ? undefined : whole / top;
}

/**
 * Verdicts of a domain. Production records no cluster id, so the id of its settings is used, if all have the same. RocketMQ name servers
 * list clusters that are up, which is not an id.
 */
export function identified(domain: string, { analyses, settings = [] }: ReportInputs): Analysis[] {
  return analyses
    .filter((each) => each.domain === domain)
    .map(({ analysis }) => {
      const known = settings.filter((each) => each.domain === domain && each.known.cluster === analysis.run.cluster);
      const [id, other] = new Set(known.flatMap((each) => each.known.fingerprint[clusterIdKey] ?? []));
      const isSure = other === undefined && traitsOf(analysis.run.broker)?.discovery.hasUniqueClusterId === true;
      if (analysis.fingerprint !== undefined || id === undefined || !isSure) return analysis;
      return { ...analysis, fingerprint: { [clusterIdKey]: id } };
    });
}

/**
 * Domains on one cluster share its capacity. Their peaks may coincide, so the ends are added.
 *
 * @returns `others` on the same cluster: as configured, else as measured or, for an unmeasured one, as planned
 */
export function clusterLoad(domain: string, inputs: ReportInputs) {
  const own = identified(domain, inputs);
  const neighbors = new Set(
    plannedClusters(domain, inputs.plan).flatMap(({ domains }) => domains.map(({ name }) => name)),
  );
  const configured = configuredOn(domain, own, inputs);
  const sharesCluster = (name: string) => {
    if (configured.includes(name)) return true;
    const its = identified(name, inputs);
    if (own.length > 0 && its.length > 0) return its.some((other) => own.some((each) => mayShareCluster(each, other)));
    return neighbors.has(name);
  };
  const others = [...new Set([...domainsOf(inputs), ...configured])].filter(
    (name) => name !== domain && sharesCluster(name),
  );
  const peaks = [domain, ...others].flatMap((name) => peakOfDomain(name, inputs) ?? []);
  const withoutPeak = others.filter((name) => peakOfDomain(name, inputs) === undefined);
  const peakTps = peaks.length === 1 + others.length ? sumOf(peaks) : undefined;
  return { others, peakTps, withoutPeak: peakOfDomain(domain, inputs) === undefined ? [] : withoutPeak };
}

/** @returns the domains that the config file assigns to this domain's cluster, if its verdicts come from that cluster */
function configuredOn(domain: string, verdicts: readonly Analysis[], { configured = [] }: ReportInputs): string[] {
  const own = configured.find((each) => each.domain === domain);
  if (own === undefined || !verdicts.some(({ run }) => own.clusters.includes(run.cluster))) return [];
  return configured.filter(({ clusters: [name] }) => name === own.clusters[0]).map((each) => each.domain);
}

/** @param others domains on the same cluster. @returns why the forecasts behind a peak cannot support GO */
export function forecastReasons(domain: string, others: readonly string[], inputs: ReportInputs): Reason[] {
  const forecasts = inputs.forecasts.filter((each) => each.domain === domain || others.includes(each.domain));
  const gaps = forecasts.flatMap(({ forecast }) => promotionGap(forecast, inputs) ?? []);
  const isMeasuredOnce = (forecast: ForecastPeak) => {
    const peak = peakOfPromotion(forecast, inputs);
    return peak !== undefined && peak.high === undefined;
  };
  const subjects = forecasts.filter(({ forecast }) => isMeasuredOnce(forecast)).map((each) => each.domain);
  return [
    ...new Map(gaps.map((gap) => [JSON.stringify(gap), gap])).values(),
    ...(subjects.length > 0 ? [{ code: 'peak-measured-once' as const, subjects }] : []),
  ];
}

function promotionGap(forecast: ForecastPeak, inputs: ReportInputs): Reason | undefined {
  const missed = missedBy(forecast, inputs);
  if (missed !== undefined) return { code: 'forecast-misses-promotion', subjects: missed };
  const { from, to } = inputs.promotion;
  if (from === undefined || knowsPromotion(forecast, inputs)) return undefined;
  return { code: 'forecast-without-promotion', subjects: [to === undefined || to === from ? from : `${from} – ${to}`] };
}

const dayMs = 86_400_000;

interface Days {
  fromMs: number;
  /** Midnight after the last day. */
  endMs: number;
  /** A step counts if it overlaps the days: in another zone it may begin before their midnight. */
  stepMs: number;
}

function daysIn(
  { promotion: { from, to = from }, timezone }: ReportInputs,
  { stepMs = 1, timezone: zone }: NonNullable<ForecastPeak['span']>,
): Days | undefined {
  if (from === undefined || to === undefined) return undefined;
  const midnight = (dateMs: number) => momentOf(dateMs, timezone ?? zone);
  return { fromMs: midnight(Date.parse(from)), endMs: midnight(Date.parse(to) + dayMs), stepMs };
}

const isOn = (time: string, { fromMs, endMs, stepMs }: Days) =>
  Date.parse(time) + stepMs > fromMs && Date.parse(time) < endMs;

/** Whether a point of the promotion's days, if known, belongs to a promotion; a document without span states its peak itself. */
function knowsPromotion({ span, ofPromotion = [] }: ForecastPeak, inputs: ReportInputs): boolean {
  const days = span && daysIn(inputs, span);
  return span === undefined || ofPromotion.some((time) => days === undefined || isOn(time, days));
}

/**
 * @returns the span of a forecast that ends before the promotion does, or begins after it; without days, of one that ended before the report.
 *   A forecast without values during the promotion ends at the first missing value
 */
function missedBy({ span, withoutValue = [] }: ForecastPeak, inputs: ReportInputs): string[] | undefined {
  if (span === undefined) return undefined;
  const { asOf, timezone = span.timezone } = inputs;
  const { from, to = from } = inputs.promotion;
  const fromMs = Date.parse(span.from);
  const days = {
    fromMs: from === undefined ? Date.parse(asOf) : momentOf(Date.parse(from), timezone),
    endMs: to === undefined ? Infinity : momentOf(Date.parse(to) + dayMs, timezone),
    stepMs: span.stepMs ?? 1,
  };
  const gaps = withoutValue.filter((time) => isOn(time, days)).map((time) => Date.parse(time));
  const toMs = Math.min(Date.parse(span.to), ...gaps);
  const isCovered =
    to === undefined
      ? gaps.length === 0 && momentOf(Date.parse(asOf), timezone) <= toMs
      : fromMs < days.endMs && days.endMs <= toMs;
  if (isCovered) return undefined;
  return [localText(fromMs, timezone), localText(toMs, timezone)];
}

/**
 * For separate clusters, from their simulations; for a share of others from the product of the ends, which is wider. Shares
 * are high together.
 */
function plannedPeak(domain: string, clusters: readonly ClusterPlan[]): Estimate | undefined {
  const peaks = clusters.flatMap(({ domains, promise }) =>
    domains.length === 1
      ? [promise.peakTps]
      : domains.filter(({ name }) => name === domain).map(({ peakTps }) => peakTps),
  );
  return peaks.length === 0 ? undefined : sumOf(peaks);
}

/** Relative sampling error of the upper end of a planned peak, which comes from some hundred simulations. */
const samplingError = 0.05;

/** Whether a domain on these clusters now expects a higher peak than they were planned for. */
export function isPlannedForLess(planned: readonly ClusterPlan[], inputs: ReportInputs): boolean {
  const names = new Set(planned.flatMap(({ domains }) => domains.map(({ name }) => name)));
  return [...names].some((name) => {
    const expected = peakOfDomain(name, inputs)?.high ?? 0;
    const plannedFor = plannedPeak(name, plannedClusters(name, inputs.plan))?.high ?? 0;
    return expected > (1 + samplingError) * plannedFor;
  });
}

function sumOf(peaks: readonly Estimate[]): Estimate {
  const sum = (end: keyof Estimate) => peaks.reduce((total, peak) => total + peak[end], 0);
  return { low: sum('low'), mid: sum('mid'), high: sum('high') };
}
