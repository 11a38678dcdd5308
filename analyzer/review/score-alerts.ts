// Scores alerts: incidents that deserved a page against the pages that were sent.

import type { DomainVerdict } from '../../core/documents/capacity-report.ts';
import type { AlertScore, PromotionLog } from '../../core/documents/promotion-review.ts';
import { overlap, type DomainRecord, type Span } from './domain-record.ts';

/** `domains`: of its cluster, where it names none itself. Without either it may be of any. */
export type PromotionAlert = PromotionLog['alerts'][number] & { domains?: readonly string[] };
export type Alert = Omit<PromotionAlert, 'from' | 'to'> & Span;

interface Episode extends Span {
  domain: string;
  what: string;
}

const minute = 60_000;
/** A page this long before belongs to the same incident; one this long after still came before the next escalation step. */
const before = 30 * minute;
const after = 5 * minute;
/** Shorter gaps join: a rate that swings around its limit is one episode. */
const joins = 15 * minute;

/** Pages within it belong to the incident. */
export const withPages = ({ fromMs, toMs }: Span): Span => ({ fromMs: fromMs - before, toMs: toMs + after });

export const aboveSafeMax = 'above-safe-maximum';

/** @param isElsewhere whether a page belongs to an incident outside of the promotion: it is scored only for an episode of this one */
export function scoreAlerts(
  verdicts: readonly DomainVerdict[],
  courses: readonly DomainRecord[],
  alerts: readonly Alert[],
  isElsewhere: (page: Alert) => boolean = () => false,
): AlertScore {
  const episodes = courses.flatMap((course) =>
    episodesOf(course, verdicts.find(({ domain }) => domain === course.domain)?.safeTps),
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
  };
}

export const mayBeOf = ({ domain, domains }: Alert, name: string): boolean =>
  domain === undefined ? (domains?.includes(name) ?? true) : domain === name;

function episodesOf({ domain, readings, troubles, cluster }: DomainRecord, safeTps: number | undefined): Episode[] {
  const above: Episode[] = [];
  for (const { timeMs, value } of safeTps === undefined ? [] : (cluster?.readings ?? readings)) {
    if (value <= (safeTps ?? Number.POSITIVE_INFINITY)) continue;
    const last = above.at(-1);
    if (last !== undefined && timeMs - last.toMs <= joins) last.toMs = timeMs;
    else above.push({ domain, what: aboveSafeMax, fromMs: timeMs, toMs: timeMs });
  }
  const own = troubles.filter((trouble) => !above.some((episode) => overlap(episode, trouble)));
  return [...above, ...own.map((trouble) => ({ domain, ...trouble }))].toSorted((a, b) => a.fromMs - b.fromMs);
}
