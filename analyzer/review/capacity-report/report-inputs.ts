// Defines the input of a capacity report.

import type { Analysis } from '../../../core/documents/analysis.ts';
import type { BlastRadiusDocument } from '../../../core/documents/blast-radius.ts';
import type { CapacityReport, ReportSource, SurvivedLoss } from '../../../core/documents/capacity-report.ts';
import type { ClusterPlans } from '../../../core/documents/cluster-plan.ts';
import type { PromotionReview } from '../../../core/documents/promotion-review.ts';
import type { ClusterSettings, ReportPolicy } from './go-case.ts';

export interface ForecastPeak {
  /** Peak of the whole forecast. Without low and high if it belongs to a promotion that was measured once. */
  peak: NonNullable<CapacityReport['forecasts'][number]['peak']>;
  /** Points with a value. */
  points?: readonly { time: string; value: number; low?: number; high?: number }[];
  coverage?: number;
  /** Interval of the readings of its history. */
  readingSeconds?: number;
  /** First moment and the end of the last step, ISO 8601. The zone applies to days if the report has none. */
  span?: { from: string; to: string; stepMs?: number; timezone: string };
  /** Times within the span whose step has no forecast, because its promotion has no history. */
  withoutValue?: readonly string[];
  /** Times of the points that belong to a promotion. */
  ofPromotion?: readonly string[];
}

export interface ReportInputs extends ReportPolicy {
  promotion: CapacityReport['promotion'];
  /** Time zone of the days of the promotion, if known. */
  timezone?: string;
  asOf: string;
  expires: string;
  plan?: { plans: ClusterPlans; source: ReportSource };
  analyses: readonly { domain: string; analysis: Analysis; source: ReportSource }[];
  forecasts: readonly { domain: string; forecast: ForecastPeak; source: ReportSource }[];
  /** Settings of the cluster of a domain, read now or earlier. */
  settings?: readonly { domain: string; known: ClusterSettings; source: ReportSource }[];
  /** Loss that a domain must survive; overrides its plan; default: a broker. */
  survives?: Readonly<Record<string, SurvivedLoss>>;
  /** Message bytes of a domain; override its plan. */
  messageBytes?: Readonly<Record<string, number>>;
  blastRadius?: { document: BlastRadiusDocument; source: ReportSource };
  /** Business domains of the config file, with the name of their cluster and other names that verdicts may use for it. */
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
