// Grades a report after its promotion against the actual load and fired alerts.

import { createHash } from 'node:crypto';
import type { Reading } from '../../analyzer/forecast/history.ts';
import type { Span } from '../../analyzer/review/domain-record.ts';
import { isTrouble, type FiredAlert } from '../../analyzer/review/promotion-metrics.ts';
import { reviewPromotion } from '../../analyzer/review/review-promotion.ts';
import { aboveSafeMax } from '../../analyzer/review/score-alerts.ts';
import type { CapacityReport } from '../../core/documents/capacity-report.ts';
import type { Grade } from '../../core/documents/history-entry.ts';
import type { PromotionReview, ReviewedDomain } from '../../core/documents/promotion-review.ts';

export interface DrivenCluster {
  cluster: string;
  /** Domains of the report on this cluster. */
  domains: readonly string[];
  /** Whether the cluster has only one domain, so that its load is the load of that domain. */
  isOfOne: boolean;
  /** Load of the cluster during the promotion, by time. */
  readings: readonly Reading[];
  fired: readonly FiredAlert[];
}

export interface PromotionGrade {
  cluster: string;
  domain: string;
  why: string;
  grade: Grade;
}

interface PromisedPromotion {
  /** Id of the report's entry in the history. */
  entry: number;
  report: CapacityReport;
  promotion: Span;
}

const unit = 'messages/s';

/** Returns grades only of predictions that the promotion tested. */
export function promotionGrades(promised: PromisedPromotion, driven: DrivenCluster): PromotionGrade[] {
  const review = reviewOf(promised, driven);
  const { cluster, isOfOne } = driven;
  const name = promised.report.promotion.name;
  const grades: PromotionGrade[] = [];
  for (const { domain, forecast } of review.domains) {
    if (forecast === undefined || !isOfOne) continue;
    const { predicted, actualTps: actual, held, error: bias } = forecast;
    if (held === undefined) continue;
    const grade = gradeOf(promised, 'forecast', { predicted, actual, held });
    grades.push({ cluster, domain, why: `promotion ${name}: its peak`, grade: { ...grade, bias } });
  }
  // All domains of a cluster have the same safe maximum.
  for (const { domain, safeMax } of review.domains) {
    const tested = testedSafeMax(safeMax);
    if (tested === undefined) continue;
    const grade = gradeOf(promised, 'safe-max', tested);
    grades.push({ cluster, domain, why: `promotion ${name}: ${whatHappened(review, driven)}`, grade });
    break;
  }
  return grades;
}

function reviewOf({ report, promotion }: PromisedPromotion, { domains, readings, fired }: DrivenCluster) {
  const verdicts = report.verdicts.filter(({ domain }) => domains.includes(domain));
  return reviewPromotion({
    report: { ...report, verdicts },
    sha256: createHash('sha256').update(JSON.stringify(report)).digest('hex'),
    promotion,
    histories: domains.map((domain) => ({ domain, readings, isOfCluster: true })),
    happenings: {
      troubles: fired.filter(isTrouble).map(({ from, to, name }) => ({ from, to, what: name })),
      alerts: fired
        .filter((alert) => !isTrouble(alert))
        .map(({ name, severity, from, to }) => ({ name, severity, from, to })),
      levers: [],
    },
  });
}

function testedSafeMax(safeMax: ReviewedDomain['safeMax']) {
  if (safeMax === undefined || safeMax.outcome === 'not-tested') return undefined;
  const { predicted, outcome, calmTps, strainedTps } = safeMax;
  // Failures are more informative than successes.
  const actual = outcome === 'promised-too-little' ? calmTps : (strainedTps ?? calmTps);
  return actual === undefined ? undefined : { predicted, actual, held: outcome === 'held' };
}

function gradeOf(
  { entry, promotion }: PromisedPromotion,
  what: NonNullable<Grade['what']>,
  {
    predicted: { low, mid = low, high },
    actual,
    held,
  }: { predicted: NonNullable<ReviewedDomain['safeMax']>['predicted']; actual: number; held: boolean },
): Grade {
  return {
    of: entry,
    what,
    event: 'promotion',
    startedAt: new Date(promotion.fromMs).toISOString(),
    endedAt: new Date(promotion.toMs).toISOString(),
    predicted: { value: mid, low, ...(high !== undefined && { high }), unit },
    actual,
    held,
  };
}

function whatHappened({ alerts }: PromotionReview, { fired }: DrivenCluster): string {
  const troubles = [...new Set(fired.filter(isTrouble).map(({ name }) => name))];
  const above = (alerts?.episodes ?? []).filter(({ what }) => what === aboveSafeMax);
  const paged = above.filter(({ pagedBy }) => pagedBy !== undefined);
  return [
    troubles.length === 0 ? 'no alerts' : `wrong: ${troubles.join(', ')}`,
    ...(above.length === 0 ? [] : [`${above.length} times above the safe maximum, ${paged.length} of them paged`]),
  ].join('; ');
}
