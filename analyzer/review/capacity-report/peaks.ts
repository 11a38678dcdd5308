// Finds the peak of each domain, that of the cluster it shares, and whether a forecast covers the promotion.

import type { ClusterPlan, Estimate } from '../../../core/documents/cluster-plan.ts';
import { localText, momentOf } from '../../../core/local-moment.ts';
import { mayShareCluster } from './conditions/one-cluster.ts';
import { domainsOf, type ForecastPeak, type ReportInputs } from './report-inputs.ts';

export const plannedClusters = (domain: string, plan: ReportInputs['plan']): ClusterPlan[] =>
  plan?.plans.clusters.filter(({ domains }) => domains.some(({ name }) => name === domain)) ?? [];

export function peakOfDomain(domain: string, { plan, forecasts }: ReportInputs): Estimate | undefined {
  const forecast = forecasts.find((each) => each.domain === domain)?.forecast;
  return forecast === undefined ? plannedPeak(domain, plannedClusters(domain, plan)) : peakOf(forecast);
}

interface ClusterLoad {
  /** Domains of the report that were measured on the same cluster, without this one. */
  others: string[];
  peakTps: Estimate | undefined;
  withoutPeak: string[];
}

/** Domains on one cluster share what it carries. Their peaks may coincide, so that the ends are added. */
export function clusterLoad(domain: string, inputs: ReportInputs): ClusterLoad {
  const own = inputs.analyses.filter((each) => each.domain === domain);
  const isShared = ({ analysis }: ReportInputs['analyses'][number]) =>
    own.some((each) => mayShareCluster(each.analysis, analysis));
  const others = domainsOf(inputs).filter(
    (name) => name !== domain && inputs.analyses.some((each) => each.domain === name && isShared(each)),
  );
  const peaks = [domain, ...others].flatMap((name) => peakOfDomain(name, inputs) ?? []);
  const withoutPeak = others.filter((name) => peakOfDomain(name, inputs) === undefined);
  const sum = (end: keyof Estimate) => peaks.reduce((total, peak) => total + peak[end], 0);
  const isKnown = peaks.length === 1 + others.length;
  const peakTps = isKnown ? { low: sum('low'), mid: sum('mid'), high: sum('high') } : undefined;
  return { others, peakTps, withoutPeak: peakOfDomain(domain, inputs) === undefined ? [] : withoutPeak };
}

const dayMs = 86_400_000;

/**
 * @returns the span of a forecast that ends before the promotion does, or begins after it; without days, that ended before the report.
 *   A forecast without values during the promotion ends where the first of them is missing
 */
export function missedBy(
  { span, withoutValue = [] }: ForecastPeak,
  { promotion: { from, to = from }, asOf }: ReportInputs,
): [from: string, to: string] | undefined {
  if (span === undefined) return undefined;
  const fromMs = Date.parse(span.from);
  const promotionMs = from === undefined ? Date.parse(asOf) : momentOf(Date.parse(from), span.timezone);
  const promotionEndMs = to === undefined ? Infinity : momentOf(Date.parse(to) + dayMs, span.timezone);
  const gaps = withoutValue.map((time) => Date.parse(time)).filter((ms) => ms >= promotionMs && ms < promotionEndMs);
  const toMs = Math.min(Date.parse(span.to), ...gaps);
  const isCovered =
    to === undefined
      ? gaps.length === 0 && momentOf(Date.parse(asOf), span.timezone) <= toMs
      : covers(fromMs, toMs, promotionEndMs);
  if (isCovered) return undefined;
  return [localText(fromMs, span.timezone), localText(toMs, span.timezone)];
}

const covers = (fromMs: number, toMs: number, timeMs: number) => fromMs < timeMs && timeMs <= toMs;

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
