// Serves the pages of the history: list, CSV, single entries and load tests.

import type { RequestHandler } from 'express';
import { historyCsv } from '../../dashboards/web/entries/history-csv.ts';
import { renderEntryPage } from '../../dashboards/web/entries/entry-page.ts';
import { renderHistoryPage } from '../../dashboards/web/entries/history-page.ts';
import { entriesPerPage, idOf, readEntryFilter } from '../../dashboards/web/entries/entry-filter.ts';
import { renderTestsPage, type JudgedEntry } from '../../dashboards/web/entries/tests-page.ts';
import { viewOf, type Site } from '../../dashboards/web/site.ts';
import type { ServiceParts } from '../parts.ts';
import { defined } from '../../core/defined.ts';
import { pageOf } from './served-page.ts';

type HistoryParts = Pick<ServiceParts, 'history'>;

/** Limit because all documents are read at once; the command `plimsoll history export` has no limit. */
const mostOfCsv = 500;
const mostTests = 100;

export function createHistoryPage({ history }: HistoryParts, site: Site): RequestHandler {
  return pageOf(site, (view) => {
    const filter = readEntryFilter(view.query, view.timeZone);
    return renderHistoryPage(entriesOf(history, filter, entriesPerPage), filter, view);
  });
}

export function createHistoryCsv({ history }: HistoryParts, site: Site): RequestHandler {
  return (request, response) => {
    const { query, timeZone, strings } = viewOf(request, site);
    const filter = readEntryFilter(query, timeZone);
    const entries = entriesOf(history, filter, mostOfCsv);
    const last = entries.length < mostOfCsv ? undefined : entries.at(-1);
    const isCut = last !== undefined && entriesOf(history, { ...filter, beforeId: last.id }, 1).length > 0;
    response
      .attachment('ledger.csv')
      .type('csv')
      .send(historyCsv(entries, isCut ? strings.pages.entries.csvIsCut(mostOfCsv) : undefined));
  };
}

export function createEntryPage({ history }: HistoryParts, site: Site): RequestHandler {
  return pageOf(site, (view, params) => {
    const id = idOf(String(params['id']));
    const entry = id === undefined ? undefined : history.entry(id);
    return entry && renderEntryPage(entry, view);
  });
}

export function createTestsPage({ history }: HistoryParts, site: Site): RequestHandler {
  return pageOf(site, (view) => {
    const [left, right] = ['left', 'right'].map((name) => judged(history, idOf(view.query.get(name))));
    const entries = history.entries({ kinds: ['verdict', 'test'], limit: mostTests }).filter(isJudged);
    const content = { entries, ...(left && right && { compared: [left, right] as const }) };
    return renderTestsPage(content, view);
  });
}

function entriesOf(history: HistoryParts['history'], filter: ReturnType<typeof readEntryFilter>, limit: number) {
  const { cluster, kind, change, sinceMs, untilMs, beforeId } = filter;
  return history.entries(defined({ limit, cluster, kinds: kind && [kind], change, sinceMs, untilMs, beforeId }));
}

const isJudged = (entry: { kind: string }): entry is JudgedEntry => entry.kind === 'verdict' || entry.kind === 'test';

function judged(history: HistoryParts['history'], id: number | undefined): JudgedEntry | undefined {
  const entry = id === undefined ? undefined : history.entry(id);
  return entry !== undefined && isJudged(entry) ? entry : undefined;
}
