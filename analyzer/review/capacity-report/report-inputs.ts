// Defines what a capacity report is made from.

import type { Analysis } from '../../../core/documents/analysis.ts';
import type { BlastRadiusDocument } from '../../../core/documents/blast-radius.ts';
import type { CapacityReport, ReportSource, SurvivedLoss } from '../../../core/documents/capacity-report.ts';
import type { ClusterPlans } from '../../../core/documents/cluster-plan.ts';
import type { PromotionReview } from '../../../core/documents/promotion-review.ts';
import type { ClusterSettings, ReportPolicy } from './go-case.ts';

export interface ForecastPeak {
  /** Of the whole forecast. Without low and high where it is of a promotion that was measured once. */
  peak: NonNullable<CapacityReport['forecasts'][number]['peak']>;
  /** Those with a value. */
  points?: readonly { time: string; value: number; low?: number; high?: number }[];
  coverage?: number;
  /** Between the readings of its history. */
  readingSeconds?: number;
  /** First moment and the end of the last step, ISO 8601. The zone is that of the days where the report has none. */
  span?: { from: string; to: string; stepMs?: number; timezone: string };
  /** Moments within the span whose step has no forecast: of a promotion that the history does not know. */
  withoutValue?: readonly string[];
  /** Moments of the points that are of a promotion. */
  ofPromotion?: readonly string[];
}

export interface ReportInputs extends ReportPolicy {
  promotion: CapacityReport['promotion'];
  /** Of the days of the promotion, where it is known. */
  timezone?: string;
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
  blastRadius?: { document: BlastRadiusDocument; source: ReportSource };
  /** Business domains of the config file, with the name of their cluster and others that verdicts may have for it. */
  configured?: readonly { domain: string; clusters: readonly string[] }[];
  previous?: CapacityReport;
  review?: PromotionReview;
}

export function domainsOf({
  plan,
  analyses,
  forecasts,
}: Pick<ReportInputs, 'plan' | 'analyses' | 'forecasts'>): string[] {
  const planned = plan?.plans.clusters.flatMap(({ domains }) => domains.map(({ name }) => name)) ?? [];
  const refused = plan?.plans.refused.map(({ domain }) => domain) ?? [];
  const analyzed = [...analyses, ...forecasts].map(({ domain }) => domain);
  return [...new Set([...planned, ...refused, ...analyzed])];
}
