// Scores alerts: incidents that required a page, compared with the pages that were sent.

import type { DomainVerdict } from '../../core/documents/capacity-report.ts';
import type { AlertScore, PromotionLog } from '../../core/documents/promotion-review.ts';
import { isOpen, safeTpsOf } from '../../core/documents/safe-tps.ts';
import { median } from '../../core/statistics/statistics.ts';
import type { Reading } from '../forecast/history.ts';
import { overlap, type DomainRecord, type Span } from './domain-record.ts';

/** `domains`: those of its cluster, if it names none itself. Without either it may concern any domain. */
export type PromotionAlert = PromotionLog['alerts'][number] & { domains?: readonly string[] };
export type Alert = Omit<PromotionAlert, 'from' | 'to'> & Span;

interface Episode extends Span {
  domain: string;
  what: string;
}

const minute = 60_000;
/** A page up to this time before an incident belongs to it, and one up to this time after it precedes the next escalation step. */
const before = 30 * minute;
const after = 5 * minute;
/** Shorter gaps join episodes, since a rate may oscillate around its limit. */
const joins = 15 * minute;
/** Tolerance of the median spacing of readings. */
const spacingTolerance = 1.5;

/** Extends an incident by the time in which pages belong to it. */
export const withPages = ({ fromMs, toMs }: Span): Span => ({ fromMs: fromMs - before, toMs: toMs + after });

export const aboveSafeMax = 'above-safe-maximum';

/** @param isElsewhere whether a page belongs to an incident outside of the promotion; it is then scored only for an episode within it */
export function scoreAlerts(
  verdicts: readonly DomainVerdict[],
  courses: readonly DomainRecord[],
  alerts: readonly Alert[],
  isElsewhere: (page: Alert) => boolean = () => false,
): AlertScore {
  const limits = new Map(verdicts.map((verdict) => [verdict.domain, limitOf(verdict)]));
  const episodes = courses.flatMap((course) => episodesOf(course, limits.get(course.domain)));
  const withoutLimit = courses.flatMap(({ domain, readings }) =>
    readings.length > 0 && limits.get(domain) === undefined ? [domain] : [],
  );
  const isOf = (page: Alert, episode: Episode) => mayBeOf(page, episode.domain) && overlap(page, withPages(episode));
  const pages = alerts.filter(
    (page) => page.severity === 'critical' && (episodes.some((episode) => isOf(page, episode)) || !isElsewhere(page)),
  );
  const scored = episodes.map((episode) => {
    const page = pages.filter((each) => isOf(each, episode)).toSorted((a, b) => a.fromMs - b.fromMs)[0];
    return {
      domain: episode.domain,
      from: new Date(episode.fromMs).toISOString(),
      to: new Date(episode.toMs).toISOString(),
      what: episode.what,
      ...(page && { pagedBy: page.name, leadSeconds: (episode.fromMs - page.fromMs) / 1000 }),
    };
  });
  const caught = scored.filter(({ pagedBy }) => pagedBy !== undefined).length;
  return {
    episodes: scored,
    pages: pages.length,
    caught,
    missed: scored.length - caught,
    falsePages: pages.filter((page) => !episodes.some((episode) => isOf(page, episode))).map(({ name }) => name),
    ...(withoutLimit.length > 0 && { withoutLimit }),
  };
}

/** No alert pages above a rate that was only reached. A verdict has no `safeTps` without a peak. */
const limitOf = ({ safeTps, safeMaxTps }: DomainVerdict): number | undefined =>
  safeMaxTps === undefined || safeMaxTps.kind === 'unknown' || isOpen(safeMaxTps)
    ? undefined
    : (safeTps ?? safeTpsOf(safeMaxTps));

export const mayBeOf = ({ domain, domains }: Pick<Alert, 'domain' | 'domains'>, name: string): boolean =>
  domain === undefined ? (domains?.includes(name) ?? true) : domain === name;

function episodesOf(
  { domain, readings, troubles, cluster }: DomainRecord,
  limitTps = Number.POSITIVE_INFINITY,
): Episode[] {
  const load = cluster?.readings ?? readings;
  const spacings = load.slice(1).map(({ timeMs }, index) => timeMs - (load[index] as Reading).timeMs);
  const next = Math.max(joins, spacingTolerance * median(spacings));
  const above: Episode[] = [];
  load.forEach(({ timeMs, value }, index) => {
    if (value <= limitTps) return;
    const last = above.at(-1);
    const isNext = (load[index - 1]?.value ?? 0) > limitTps;
    if (last !== undefined && timeMs - last.toMs <= (isNext ? next : joins)) last.toMs = timeMs;
    else above.push({ domain, what: aboveSafeMax, fromMs: timeMs, toMs: timeMs });
  });
  const own = troubles.filter((trouble) => !above.some((episode) => overlap(episode, trouble)));
  return [...above, ...own.map((trouble) => ({ domain, ...trouble }))].toSorted((a, b) => a.fromMs - b.fromMs);
}
