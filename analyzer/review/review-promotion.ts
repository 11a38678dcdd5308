// Reviews the predictions of a promotion against the actual domains, alerts and actions.

import type { CapacityReport, DomainVerdict } from '../../core/documents/capacity-report.ts';
import {
  type ActionScore,
  type PromotionLog,
  type PromotionReview,
  promotionReviewSchemaVersion,
  type ReviewedDomain,
} from '../../core/documents/promotion-review.ts';
import type { Reading } from '../forecast/history.ts';
import { type DomainRecord, isWithin, overlap, type Span } from './domain-record.ts';
import { type Alert, mayBeOf, type PromotionAlert, scoreAlerts, withPages } from './score-alerts.ts';
import { defined } from '../../core/defined.ts';
import { scoreDomain } from './score-domain.ts';

/** Alerts from a metrics store have the domains of their cluster. */
export type Happenings = Omit<PromotionLog, 'alerts'> & {
  alerts: readonly PromotionAlert[];
  /** Without recorded incidents: critical alerts that may be incidents, of other rules or perhaps of another cluster. */
  mayBeTroubles?: readonly PromotionAlert[];
};

export interface ReviewInputs {
  report: CapacityReport;
  /** Digest of the report file. */
  sha256: string;
  promotion: Span;
  /** `isOfCluster`: the load of all domains that share the cluster. */
  histories: readonly { domain: string; readings: readonly Reading[]; isOfCluster?: boolean }[];
  /** Absent if they are unknown: then only forecasts can be scored. */
  happenings?: Happenings | undefined;
  /** From the history. */
  grades?: PromotionReview['grades'];
}

export function reviewPromotion(inputs: ReviewInputs): PromotionReview {
  const { report, sha256, promotion, histories, grades } = inputs;
  const { happenings = { troubles: [], alerts: [], levers: [] } } = inputs;
  const isRecorded = inputs.happenings !== undefined;
  const span = (dated: { from: string; to: string }) => ({
    fromMs: Date.parse(dated.from),
    toMs: Date.parse(dated.to),
  });
  // One events file may cover a whole year.
  const troubles = happenings.troubles.filter((each) => overlap(span(each), promotion));
  const otherTroubles = happenings.troubles.filter((each) => !overlap(span(each), promotion));
  // A page may precede its incident, and a page near the promotion may belong to an incident outside of it.
  const alerts = happenings.alerts.filter((each) => overlap(span(each), withPages(promotion)));
  const isElsewhere = (page: Alert) =>
    !overlap(page, promotion) &&
    otherTroubles.some(
      (trouble) =>
        (trouble.domain === undefined || mayBeOf(page, trouble.domain)) && overlap(page, withPages(span(trouble))),
    );
  const levers = happenings.levers.filter(({ at }) => isWithin(Date.parse(at), promotion));
  const recordOf = (domain: string): DomainRecord => ({
    domain,
    readings: histories
      .filter((history) => history.domain === domain)
      // The reading at the end is the first after the promotion.
      .flatMap(({ readings }) => readings.filter(({ timeMs }) => timeMs >= promotion.fromMs && timeMs < promotion.toMs))
      .toSorted((a, b) => a.timeMs - b.timeMs),
    troubles: troubles
      .filter((trouble) => trouble.domain === undefined || trouble.domain === domain)
      .map((trouble) => ({ ...span(trouble), what: trouble.what })),
  });
  const unclear = happenings.mayBeTroubles?.filter((alert) => overlap(span(alert), promotion)) ?? [];
  const mayHaveTroubles = ({ domain, shared }: DomainVerdict) =>
    [domain, ...(shared?.with ?? [])].some((name) => unclear.some((alert) => mayBeOf(alert, name)));
  const isOfCluster = (domain: string) => histories.some((each) => each.domain === domain && each.isOfCluster);
  const courses = report.verdicts.map(({ domain, shared }): DomainRecord => {
    const own = recordOf(domain);
    if (shared === undefined || isOfCluster(domain)) return own;
    const all = [own, ...shared.with.map(recordOf)];
    const readings = sumOf(all.map((each) => each.readings));
    return { ...own, cluster: { readings, troubles: all.flatMap(({ troubles }) => troubles) } };
  });
  const domains = report.verdicts.map((verdict, index) =>
    scoreDomain(verdict, courses[index] as DomainRecord, isRecorded && !mayHaveTroubles(verdict)),
  );
  return {
    schemaVersion: promotionReviewSchemaVersion,
    promotion: {
      name: report.promotion.name,
      from: new Date(promotion.fromMs).toISOString(),
      to: new Date(promotion.toMs).toISOString(),
    },
    report: { asOf: report.asOf, sha256 },
    domains,
    ...(isRecorded && {
      alerts: scoreAlerts(
        report.verdicts,
        courses,
        alerts.map(({ from, to, ...alert }) => ({ ...alert, ...span({ from, to }) })),
        isElsewhere,
      ),
    }),
    levers: levers.map((pulled) =>
      scoreAction(
        pulled,
        courses.find(({ domain }) => domain === pulled.domain),
      ),
    ),
    ...(grades && { grades }),
    held: heldOf(domains),
  };
}

/** @returns the sum at the times that all of them include */
function sumOf(all: readonly (readonly Reading[])[]): Reading[] {
  const values = all.map((readings) => new Map(readings.map(({ timeMs, value }) => [timeMs, value])));
  return [...(values[0]?.keys() ?? [])].flatMap((timeMs) => {
    const known = values.flatMap((each) => each.get(timeMs) ?? []);
    return known.length < values.length ? [] : [{ timeMs, value: known.reduce((sum, value) => sum + value, 0) }];
  });
}

function heldOf(domains: readonly ReviewedDomain[]): PromotionReview['held'] {
  const grades = domains.flatMap(({ forecast, safeMax }) => [
    ...(forecast?.held === undefined ? [] : [forecast.held]),
    ...(safeMax === undefined || safeMax.outcome === 'not-tested' ? [] : [safeMax.outcome === 'held']),
  ]);
  return { graded: grades.length, held: grades.filter(Boolean).length };
}

/** A quota takes effect within seconds, moved leaders within minutes; consumers need longer to catch up. */
const window = 15 * 60_000;
const enough = 0.5;

/** Scores the actions taken, by the load before and after, and whether the incident ended. */
function scoreAction(
  { domain, lever, at, predictedTps }: PromotionLog['levers'][number],
  course: DomainRecord | undefined,
): ActionScore {
  const atMs = Date.parse(at);
  const before = mean(course, atMs - window, atMs);
  const after = mean(course, atMs, atMs + window);
  const change = before === undefined || after === undefined ? undefined : after - before;
  const wrong = course?.troubles.filter(({ fromMs, toMs }) => fromMs <= atMs && toMs >= atMs) ?? [];
  const fell =
    lever === 'quota' && predictedTps !== undefined && change !== undefined && -change >= enough * predictedTps;
  const outcome = ((): ActionScore['outcome'] => {
    if (course === undefined || (course.readings.length === 0 && course.troubles.length === 0)) return 'unknown';
    if (wrong.length === 0) return fell ? 'gained' : 'not-needed';
    return fell || wrong.every(({ toMs }) => toMs <= atMs + window) ? 'gained' : 'less-than-said';
  })();
  return defined({ domain, lever, at, predictedTps, loadChangeTps: change, outcome });
}

function mean(course: DomainRecord | undefined, fromMs: number, toMs: number): number | undefined {
  const values = (course?.readings ?? []).filter(({ timeMs }) => timeMs > fromMs && timeMs <= toMs);
  return values.length === 0 ? undefined : values.reduce((sum, { value }) => sum + value, 0) / values.length;
}
