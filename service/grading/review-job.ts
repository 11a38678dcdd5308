// Reviews each finished promotion in a job, as `plimsoll review` does.

import type { Span } from '../../analyzer/review/domain-record.ts';
import { openPromotionMetrics, type FiredAlert } from '../../analyzer/review/promotion-metrics.ts';
import { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/clock.ts';
import { onceFree } from '../history/once-free.ts';
import type { ServiceParts } from '../parts.ts';
import { isForecastable } from '../schedule/jobs.ts';
import type { Job } from '../schedule/schedule.ts';
import type { PromotionWindow } from '../status/promotions.ts';
import { promotionGrades, type DrivenCluster, type PromotionGrade } from './promotion-grades.ts';
import { isPrediction, type ReportEntry } from './report-before.ts';

const every = seconds(3600);
/** Alerts last some minutes, and queues drain. */
const settleMs = 30 * 60_000;
const dayMs = 86_400_000;
/** How long to retry a source that does not respond, or has no data of the promotion. */
const patienceMs = 7 * dayMs;
/** Limit of reports, newest first; a promotion has one or a few. */
const reportsLookedAt = 100;
/** Limit of grades of one domain since the promotion; only reviews grade by domain. */
const gradesLookedAt = 100;

interface ReviewParts extends Pick<ServiceParts, 'history' | 'author' | 'clock' | 'clusters' | 'config'> {
  promotions(): readonly PromotionWindow[];
}

export function createReviewJob(parts: ReviewParts): Job {
  const { history, author, clock } = parts;
  const done = new Set<string>();
  /** Messages already logged, because later turns may repeat them. */
  const stated = new Set<string>();
  /** Messages of turns that failed before they were logged. */
  let unlogged: string[] = [];
  return {
    name: 'review',
    every,
    async run({ signal }) {
      const nowMs = clock.now().getTime();
      const reviewed = unlogged;
      const failures: AppError[] = [];
      for (const { name, fromMs, toMs } of parts.promotions()) {
        const key = `${fromMs} ${name}`;
        if (toMs + settleMs > nowMs || toMs + patienceMs < nowMs || done.has(key)) continue;
        const predictions = newestByDomain(reportsBefore({ name, fromMs }, parts));
        if (predictions.length === 0) continue;
        const promotion: Span = { fromMs, toMs };
        const reported = predictions.flatMap(({ domains }) => domains);
        const { driven, ungraded, failed } = await drivenIn(promotion, reported, parts, signal);
        failures.push(...failed);
        const grades = predictions.flatMap(({ report, domains }) =>
          driven.flatMap((cluster) => {
            const own = cluster.domains.filter((domain) => domains.includes(domain));
            const promised = { entry: report.id, report: report.document, promotion };
            return own.length === 0 ? [] : promotionGrades(promised, { ...cluster, domains: own });
          }),
        );
        // A failover or a failed write may have left grades unrecorded.
        const missing = grades.filter((grade) => !isRecorded(grade, promotion, parts));
        for (const { grade, ...about } of missing) {
          const evidence = `report, entry ${grade.of}`;
          const record = () => history.append({ kind: 'grade', ...about, evidence, document: grade }, author);
          await onceFree(record, { clock, signal });
        }
        // Clusters whose source did not respond, or has no data yet, are graded in a later turn.
        if (driven.length > 0 && ungraded.length === 0 && failed.length === 0) done.add(key);
        const graded = `promotion ${name} reviewed: ${missing.length} predictions graded`;
        if (missing.length > 0) reviewed.push(graded);
        const lasting = [
          ...(driven.length > 0 && grades.length === 0 ? [graded] : []),
          ...ungraded.map(({ cluster, reason }) => `promotion ${name}: cluster ${cluster} not graded: ${reason}`),
        ];
        reviewed.push(...lasting.filter((text) => !stated.has(text) && !reviewed.includes(text)));
      }
      const [failure] = failures;
      if (failure !== undefined) throw failure;
      unlogged = [];
      for (const text of reviewed) stated.add(text);
      return reviewed.length === 0 ? undefined : reviewed.join('; ');
    },
  };
}

/** @returns newest first */
function reportsBefore({ name, fromMs }: Pick<PromotionWindow, 'name' | 'fromMs'>, parts: ReviewParts): ReportEntry[] {
  const times = parts.promotions().filter((each) => each.name === name);
  return parts.history
    .entries({ kinds: ['report'], untilMs: fromMs, limit: reportsLookedAt })
    .filter((entry): entry is ReportEntry => isPrediction(entry, { name, beganMs: fromMs, fromMs }))
    .filter((report) => timesOf(report, times).some((each) => each.fromMs === fromMs));
}

/** @returns the occurrences of a recurring promotion that the report predicts */
function timesOf({ at, document }: ReportEntry, times: readonly PromotionWindow[]): readonly PromotionWindow[] {
  const { from, to = from } = document.promotion;
  if (from === undefined || to === undefined) {
    return times.filter(({ fromMs }) => fromMs > Date.parse(at)).slice(0, 1);
  }
  // The days of the report may be in any time zone.
  const [firstMs, endMs] = [Date.parse(from) - dayMs, Date.parse(to) + 2 * dayMs];
  const within = times.filter(({ fromMs, toMs }) => fromMs < endMs && toMs > firstMs);
  if (within.length > 0) return within;
  // The promotion was moved after the report.
  const distanceTo = ({ fromMs }: PromotionWindow) => Math.abs(fromMs - Date.parse(from));
  return times.toSorted((a, b) => distanceTo(a) - distanceTo(b)).slice(0, 1);
}

/**
 * Combines reports, because each team may record a report of its domains.
 * @param reports newest first. @returns each report with the domains for which no newer report has a verdict
 */
function newestByDomain(reports: readonly ReportEntry[]) {
  const taken = new Set<string>();
  return reports.flatMap((report) => {
    const reported = new Set(report.document.verdicts.map(({ domain }) => domain));
    const domains = [...reported].filter((domain) => !taken.has(domain));
    for (const domain of domains) taken.add(domain);
    return domains.length === 0 ? [] : { report, domains };
  });
}

function isRecorded({ cluster, domain, grade }: PromotionGrade, { toMs }: Span, { history }: ReviewParts): boolean {
  return history
    .entries({ cluster, domain, kinds: ['grade'], sinceMs: toMs, limit: gradesLookedAt })
    .some(({ kind, document }) => kind === 'grade' && document.of === grade.of && document.what === grade.what);
}

interface UngradedCluster {
  cluster: string;
  reason: string;
}

/**
 * @param reported domains
 * @returns `ungraded`: clusters whose source has no load; `failed`: why clusters cannot be read
 */
async function drivenIn(
  promotion: Span,
  reported: readonly string[],
  { clusters, config, clock }: ReviewParts,
  signal: AbortSignal,
): Promise<{ driven: DrivenCluster[]; ungraded: UngradedCluster[]; failed: AppError[] }> {
  const byCluster = Map.groupBy(reported, (domain) => config.domains[domain]?.cluster);
  const firedBySource = new Map<string, readonly FiredAlert[]>();
  const driven: DrivenCluster[] = [];
  const ungraded: UngradedCluster[] = [];
  const failed: AppError[] = [];
  for (const [cluster, domains] of byCluster) {
    const served = cluster === undefined ? undefined : clusters.get(cluster);
    if (cluster === undefined || served === undefined || !isForecastable(served)) continue;
    const { source } = served;
    const metrics = openPromotionMetrics(source.config, promotion, { signal, clock });
    try {
      const readings = await metrics.load(source.load);
      if (readings.length === 0) {
        ungraded.push({ cluster, reason: `${source.name} has no values of ${source.load} in the promotion` });
        continue;
      }
      const fired = firedBySource.get(source.name) ?? (await metrics.alerts());
      firedBySource.set(source.name, fired);
      driven.push({
        cluster,
        domains,
        isOfOne: served.domains.length === 1,
        readings,
        fired: fired.filter(({ cluster: of }) => of === cluster || of === source.cluster),
      });
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      if (cause.code === 'source-empty') ungraded.push({ cluster, reason: cause.message });
      else failed.push(cause);
    }
  }
  return { driven, ungraded, failed };
}
