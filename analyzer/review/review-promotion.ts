// Reviews the predictions of a promotion against the actual domains, alerts and actions.

import type { CapacityReport, DomainVerdict } from '../../core/documents/capacity-report.ts';
import {
  type ActionScore,
  type PromotionLog,
  type PromotionReview,
  promotionReviewSchemaVersion,
  type ReasonScore,
  type ReviewedDomain,
} from '../../core/documents/promotion-review.ts';
import type { Reading } from '../forecast/history.ts';
import { type DomainRecord, isWithin, overlap, type Span } from './domain-record.ts';
import { type Alert, mayBeOf, type PromotionAlert, scoreAlerts, withPages } from './score-alerts.ts';
import { defined } from '../../core/defined.ts';
import { tellingShare } from '../production/grading/grade-verdict.ts';
import { type ReasonCode, reasonTable } from '../../core/documents/reasons/go-reasons.ts';

/** Alerts from a metrics store have the domains of their cluster. */
export type Happenings = Omit<PromotionLog, 'alerts'> & { alerts: readonly PromotionAlert[] };

export interface ReviewInputs {
  report: CapacityReport;
  /** Digest of the report file. */
  sha256: string;
  promotion: Span;
  /** `isOfCluster`: the load of all domains that share the cluster. */
  histories: readonly { domain: string; readings: readonly Reading[]; isOfCluster?: boolean }[];
  happenings: Happenings;
  /** From the history. */
  grades?: PromotionReview['grades'];
}

export function reviewPromotion(inputs: ReviewInputs): PromotionReview {
  const { report, sha256, promotion, histories, happenings, grades } = inputs;
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
      .flatMap(({ readings }) => readings.filter(({ timeMs }) => isWithin(timeMs, promotion)))
      .toSorted((a, b) => a.timeMs - b.timeMs),
    troubles: troubles
      .filter((trouble) => trouble.domain === undefined || trouble.domain === domain)
      .map((trouble) => ({ ...span(trouble), what: trouble.what })),
  });
  const isOfCluster = (domain: string) => histories.some((each) => each.domain === domain && each.isOfCluster);
  const courses = report.verdicts.map(({ domain, shared }): DomainRecord => {
    const own = recordOf(domain);
    if (shared === undefined || isOfCluster(domain)) return own;
    const all = [own, ...shared.with.map(recordOf)];
    const readings = sumOf(all.map((each) => each.readings));
    return { ...own, cluster: { readings, troubles: all.flatMap(({ troubles }) => troubles) } };
  });
  const domains = report.verdicts.map((verdict, index) => scoreDomain(verdict, courses[index] as DomainRecord));
  return {
    schemaVersion: promotionReviewSchemaVersion,
    promotion: {
      name: report.promotion.name,
      from: new Date(promotion.fromMs).toISOString(),
      to: new Date(promotion.toMs).toISOString(),
    },
    report: { asOf: report.asOf, sha256 },
    domains,
    alerts: scoreAlerts(
      report.verdicts,
      courses,
      alerts.map(({ from, to, ...alert }) => ({ ...alert, ...span({ from, to }) })),
      isElsewhere,
    ),
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
  const outcome = (() => {
    if (course === undefined || (course.readings.length === 0 && course.troubles.length === 0)) return 'unknown';
    if (wrong.length === 0) return fell ? 'gained' : 'not-needed';
    return fell || wrong.every(({ toMs }) => toMs <= atMs + window) ? 'gained' : 'less-than-said';
  })();
  return {
    domain,
    lever,
    at,
    ...defined({ predictedTps, loadChangeTps: change }),
    outcome,
  };
}

function mean(course: DomainRecord | undefined, fromMs: number, toMs: number): number | undefined {
  const values = (course?.readings ?? []).filter(({ timeMs }) => timeMs > fromMs && timeMs <= toMs);
  return values.length === 0 ? undefined : values.reduce((sum, { value }) => sum + value, 0) / values.length;
}

/** Scores forecast, safe maximum and decision of a domain against its load and incidents. */
export function scoreDomain(verdict: DomainVerdict, course: DomainRecord): ReviewedDomain {
  const { domain, decision } = verdict;
  return {
    domain,
    decision,
    ...defined({ decisionHeld: didDecisionHold(verdict, course) }),
    ...(verdict.reasons.length > 0 && { reasons: scoreReasons(verdict, course) }),
    readings: course.readings.length,
    ...defined({ forecast: scoreForecast(verdict, course.readings), safeMax: scoreSafeMax(verdict, course) }),
  };
}

function highest(readings: readonly Reading[]): Reading | undefined {
  return readings.reduce<Reading | undefined>((top, each) => (top && top.value >= each.value ? top : each), undefined);
}

function scoreForecast({ peakTps }: DomainVerdict, readings: readonly Reading[]): ReviewedDomain['forecast'] {
  const peak = highest(readings);
  if (peakTps === undefined || peak === undefined) return undefined;
  const { low, mid, high } = peakTps;
  return {
    predicted: { low, mid, high },
    actualTps: peak.value,
    at: new Date(peak.timeMs).toISOString(),
    error: mid > 0 ? peak.value / mid - 1 : 0,
    // No peak matches a single value exactly.
    ...(low < high && { held: peak.value >= low && peak.value <= high }),
  };
}

/** Queues and lag build up and drain for this long around an incident, so its rates were not sustained. */
const builds = 30 * 60_000;

function scoreSafeMax(verdict: DomainVerdict, course: DomainRecord): ReviewedDomain['safeMax'] {
  const predicted = promised(verdict);
  const { readings, troubles } = course.cluster ?? course;
  if (predicted === undefined || readings.length === 0) return undefined;
  const isNear = ({ timeMs }: Reading) =>
    troubles.some(({ fromMs, toMs }) => isWithin(timeMs, { fromMs: fromMs - builds, toMs: toMs + builds }));
  const calmTps = highest(readings.filter((reading) => !isNear(reading)))?.value;
  const inTrouble = readings.filter(({ timeMs }) => troubles.some((trouble) => isWithin(timeMs, trouble)));
  // The highest rate during an incident: it starts before the load decreases, and ends after.
  const strained = incidentsOf(troubles).flatMap(
    (incident) => highest(inTrouble.filter(({ timeMs }) => isWithin(timeMs, incident)))?.value ?? [],
  );
  const strainedTps = strained.length === 0 ? undefined : Math.min(...strained);
  const { low, high } = predicted;
  const outcome = (() => {
    if (strainedTps !== undefined && strainedTps < low) return 'promised-too-much';
    if (calmTps !== undefined && high !== undefined && calmTps > high) return 'promised-too-little';
    if (strainedTps !== undefined || (calmTps !== undefined && calmTps >= tellingShare * low)) return 'held';
    return 'not-tested';
  })();
  return { predicted, outcome, ...defined({ calmTps, strainedTps }) };
}

/** Joins alerts that follow each other while queues and lag drain to one incident. */
function incidentsOf(troubles: readonly Span[]): Span[] {
  const incidents: Span[] = [];
  for (const { fromMs, toMs } of troubles.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = incidents.at(-1);
    if (last !== undefined && fromMs <= last.toMs + builds) last.toMs = Math.max(last.toMs, toMs);
    else incidents.push({ fromMs, toMs });
  }
  return incidents;
}

function promised({
  safeMaxTps,
  safeTps,
}: DomainVerdict): NonNullable<ReviewedDomain['safeMax']>['predicted'] | undefined {
  if (safeMaxTps === undefined || safeMaxTps.kind === 'unknown') return undefined;
  if (safeMaxTps.kind === 'confirmed' || safeMaxTps.kind === 'predicted') {
    const { low, high } = safeMaxTps.interval;
    return { low, mid: safeMaxTps.estimateTps, ...(high !== undefined && { high }) };
  }
  return { low: safeTps ?? safeMaxTps.tps };
}

/**
 * @returns undefined if nothing was read, if there were conditions (only people know whether they were met), or if NO-GO was
 *   not tested
 */
function didDecisionHold(
  { decision, peakTps }: DomainVerdict,
  { readings, troubles }: DomainRecord,
): boolean | undefined {
  const peak = highest(readings);
  if (peak === undefined) return undefined;
  if (decision === 'go') return troubles.length === 0;
  if (decision === 'conditions') return undefined;
  if (troubles.length > 0) return true;
  return peakTps !== undefined && peak.value >= peakTps.low ? false : undefined;
}

/** Reasons that the load of the present cluster cannot confirm, because another cluster had it, or none. */
const ofOtherClusters: ReadonlySet<ReasonCode> = new Set([
  'plan-closes-gap',
  'plan-not-sure',
  'refused-by-plan',
  'plan-not-measured',
  'plan-without-build',
]);

/**
 * A reason was tested if something went wrong, or if the load came close to the required rate. GO was right if
 * nothing went wrong, and a reason against it if something did.
 */
export function scoreReasons({ reasons, peakTps }: DomainVerdict, { readings, troubles }: DomainRecord): ReasonScore[] {
  const highest = readings.reduce((most, { value }) => Math.max(most, value), 0);
  const isTested = peakTps !== undefined && readings.length > 0 && highest >= tellingShare * peakTps.high;
  const wasTrouble = troubles.length > 0;
  return reasons.map(({ code }): ReasonScore => {
    if (ofOtherClusters.has(code) || (!wasTrouble && !isTested)) return { code, outcome: 'cannot-be-judged' };
    const isRight = (reasonTable[code].decision === 'go') !== wasTrouble;
    return { code, outcome: isRight ? 'right' : 'wrong' };
  });
}
