// Discovers the naming schemes, targets and scrape intervals in a Prometheus, with few points per query.

import { z } from 'zod';
import { expressionOf, type Filling } from './expression.ts';
import { figureOf, type FigureName } from './figures.ts';
import type { Alternative, NamingScheme } from './naming-schemes.ts';
import type { PrometheusTelemetry } from './config.ts';
import { ask, queryRange, refused, type Conversation, type Gap, type Grid, type RangeSeries } from './range-query.ts';
import type { Span } from '../load-test-run.ts';

/** A figure of a scheme that the source has, with the spelling found. */
export interface Candidate {
  scheme: NamingScheme;
  figure: FigureName;
  alternative: Alternative;
  /** Series by the labels that identify targets, with few points, only to show that they exist. */
  present: readonly RangeSeries[];
  scrapeSeconds: number;
}

export interface Discovery {
  candidates: readonly Candidate[];
  warnings: readonly string[];
  /** Failed queries: whether the source has these figures is unknown. */
  gaps: readonly { figure: FigureName; gap: Gap }[];
}

/** Moments of the window at which presence is queried. */
const presencePoints = 24;
const longestLookSeconds = 600;
const shortestLookSeconds = 60;
/** Names in one request: it uses GET, and a proxy may limit a URL to 8 KB. */
const namesPerRequest = 50;

const NameList = z.array(z.string()).catch([]);

export async function discover(
  talk: Conversation,
  schemes: readonly NamingScheme[],
  { from, to }: Span,
): Promise<Discovery> {
  const wanted = schemes.flatMap(({ figures }) =>
    Object.values(figures).flatMap((all) => all.flatMap((each) => each.metrics)),
  );
  const names = await existingNames(talk, [...new Set(wanted)], { from, to });
  const grid = presenceGrid(from, to);
  const warnings = new Set<string>();
  const candidates: Candidate[] = [];
  const gaps: { figure: FigureName; gap: Gap }[] = [];
  const scrapes = new Map<string, number | Gap>();
  for (const scheme of schemes) {
    for (const [figure, alternatives] of Object.entries(scheme.figures) as [FigureName, Alternative[]][]) {
      for (const alternative of alternatives) {
        if (!alternative.metrics.every((name) => names.has(name))) continue;
        const [metric] = alternative.metrics as [string];
        const matchers = matchersOf(talk.source, figure);
        const scraped = scrapes.get(metric) ?? (await scrapeSecondsOf(talk, metric, matchers, grid));
        scrapes.set(metric, scraped);
        if (typeof scraped !== 'number') {
          gaps.push({ figure, gap: scraped });
          continue;
        }
        const scrapeSeconds = Math.max(scraped, scheme.updateSeconds ?? 0);
        const filling: Filling = {
          matchers,
          // Each of the few windows must contain a sample: a missed scrape does not mean that the series is absent.
          gridSeconds: 5 * scrapeSeconds,
          windowSeconds: 5 * scrapeSeconds,
        };
        const answer = await queryRange(talk, expressionOf(scheme, figure, alternative, filling), grid, 1);
        for (const warning of answer.warnings) warnings.add(warning);
        gaps.push(...answer.gaps.map((gap) => ({ figure, gap })));
        if (answer.series.length > 0) {
          candidates.push({ scheme, figure, alternative, present: answer.series, scrapeSeconds });
        }
      }
    }
  }
  return { candidates, warnings: [...warnings], gaps };
}

export function matchersOf({ select }: PrometheusTelemetry, figure: FigureName): string {
  return (figureOf(figure).of === 'host' ? select.hosts : select.brokers) ?? '';
}

function presenceGrid(from: number, to: number): Grid {
  const points = Math.min(presencePoints, Math.max(2, Math.floor(to - from)));
  const gridSeconds = (to - from) / points;
  return { firstEnd: from + gridSeconds, gridSeconds, points };
}

async function existingNames(talk: Conversation, wanted: readonly string[], { from, to }: Span): Promise<Set<string>> {
  const found = new Set<string>();
  for (let first = 0; first < wanted.length; first += namesPerRequest) {
    const some = wanted.slice(first, first + namesPerRequest);
    const parameters = { 'match[]': `{__name__=~"${some.join('|')}"}`, start: String(from), end: String(to) };
    const answer = await ask(talk, 'label/__name__/values', Object.entries(parameters));
    if (answer.kind !== 'data') throw refused(talk, 'the names of its metrics', answer.reason);
    talk.wireBytes += answer.wireBytes;
    for (const name of NameList.parse(answer.data)) found.add(name);
  }
  return found;
}

/** Uses the most frequently scraped series at its busiest moment, since the other series of a scheme are scraped with it. */
async function scrapeSecondsOf(talk: Conversation, metric: string, matchers: string, grid: Grid) {
  const span = grid.gridSeconds * grid.points;
  const look = Math.round(Math.min(longestLookSeconds, Math.max(shortestLookSeconds, span)));
  const { series, gaps } = await queryRange(talk, `max(count_over_time(${metric}{${matchers}}[${look}s]))`, grid, 1);
  const counts = [...(series[0]?.values ?? [])].filter((count) => count > 0);
  const [gap] = gaps;
  if (counts.length === 0 && gap !== undefined) return gap;
  const most = Math.max(1, ...counts);
  // 40 samples in ten minutes mean 15 s; the count may be off by one by chance.
  const seconds = look / most;
  return commonIntervals.findLast((each) => Math.abs(each - seconds) <= Math.max(0.05 * each, each / most)) ?? seconds;
}

const commonIntervals = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300];
