// Serves the pages of the history: list, CSV, single entries and load tests.

import type { RequestHandler } from 'express';
import { historyCsv } from '../../dashboards/web/entries/history-csv.ts';
import { renderEntryPage } from '../../dashboards/web/entries/entry-page.ts';
import { renderHistoryPage } from '../../dashboards/web/entries/history-page.ts';
import { entriesPerPage, idOf, readEntryFilter } from '../../dashboards/web/entries/entry-filter.ts';
import { renderTestsPage, type JudgedEntry } from '../../dashboards/web/entries/tests-page.ts';
import { renderMessage, sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import type { ServiceParts } from '../parts.ts';

type LedgerParts = Pick<ServiceParts, 'ledger'>;

/** A whole spreadsheet at once; the command `plimsoll history export` has no such end. */
const mostOfCsv = 500;
const mostTests = 100;

export function createHistoryPage({ ledger }: LedgerParts, site: Site): RequestHandler {
  return (request, response) => {
    const view = viewOf(request, site);
    const asked = readEntryFilter(view.query);
    sendHtml(response, 200, renderHistoryPage(entriesOf(ledger, asked, entriesPerPage), asked, view));
  };
}

export function createHistoryCsv({ ledger }: LedgerParts, site: Site): RequestHandler {
  return (request, response) => {
    const asked = readEntryFilter(viewOf(request, site).query);
    response
      .attachment('ledger.csv')
      .type('csv')
      .send(historyCsv(entriesOf(ledger, asked, mostOfCsv)));
  };
}

export function createEntryPage({ ledger }: LedgerParts, site: Site): RequestHandler {
  return (request, response) => {
    const view = viewOf(request, site);
    const id = idOf(String(request.params['id']));
    const entry = id === undefined ? undefined : ledger.entry(id);
    if (entry === undefined) return sendHtml(response, 404, renderMessage(view, view.strings.pages.notFound));
    sendHtml(response, 200, renderEntryPage(entry, view));
  };
}

export function createTestsPage({ ledger }: LedgerParts, site: Site): RequestHandler {
  return (request, response) => {
    const view = viewOf(request, site);
    const [left, right] = ['left', 'right'].map((name) => judged(ledger, idOf(view.query.get(name))));
    const entries = ledger.entries({ kinds: ['verdict', 'test'], limit: mostTests }).filter(isJudged);
    const content = { entries, ...(left && right && { compared: [left, right] as const }) };
    sendHtml(response, 200, renderTestsPage(content, view));
  };
}

function entriesOf(ledger: LedgerParts['ledger'], asked: ReturnType<typeof readEntryFilter>, limit: number) {
  const { cluster, kind, beforeId } = asked;
  return ledger.entries({
    limit,
    ...(cluster !== undefined && { cluster }),
    ...(kind !== undefined && { kinds: [kind] }),
    ...(beforeId !== undefined && { beforeId }),
  });
}

const isJudged = (entry: { kind: string }): entry is JudgedEntry => entry.kind === 'verdict' || entry.kind === 'test';

function judged(ledger: LedgerParts['ledger'], id: number | undefined): JudgedEntry | undefined {
  const entry = id === undefined ? undefined : ledger.entry(id);
  return entry !== undefined && isJudged(entry) ? entry : undefined;
}
