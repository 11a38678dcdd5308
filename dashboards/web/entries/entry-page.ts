// Renders one entry of the history: a verdict like its run page, other kinds as rows.

import { html, type Html } from '../../../core/text/html.ts';
import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import { renderFindings } from '../findings.ts';
import { named, renderPage, scrollable } from '../layout.ts';
import { planTitle } from '../plans/plan-title.ts';
import { renderAnalysis } from '../run-page.ts';
import { renderTable } from '../tables.ts';
import type { View } from '../view.ts';
import { renderEntryRows } from './entry-rows.ts';
import { renderForecast } from './forecast-entry.ts';

export function renderEntryPage(entry: HistoryEntry, view: View): string {
  const { strings, link, numbers, prefix } = view;
  const texts = strings.pages.entries;
  const { cluster, evidence } = entry;
  const { body, scripts = [] } = renderDocument(entry, view);
  return renderPage(
    view,
    texts.entry(numbers.plain(entry.id)),
    html`<nav>
        <a href="${link('/ledger')}">${texts.title}</a>
        ${cluster !== undefined && html`› <a href="${link(`/clusters/${encodeURIComponent(cluster)}`)}">${named(cluster)}</a>`}
      </nav>
      <h1>${texts.entry(numbers.plain(entry.id))}: ${texts.kinds[entry.kind]}</h1>
      ${scrollable(texts.title, renderEntryRows([entry], view))}
      ${evidence !== undefined && html`<p class="quiet">${texts.evidence}: <bdi>${evidence}</bdi></p>`} ${body}
      <p class="quiet"><a href="${prefix}/api/v1/ledger/${entry.id}">${texts.asJson}</a></p>`,
    scripts,
  );
}

function renderDocument(entry: HistoryEntry, view: View): { body?: Html; scripts?: readonly string[] } {
  const { strings, numbers } = view;
  const { cluster: texts, tests, entries } = strings.pages;
  const table = <Row>(title: string, rows: readonly Row[], columns: Parameters<typeof renderTable<Row>>[3]) => ({
    body: renderTable('document', title, rows, columns),
  });
  switch (entry.kind) {
    case 'verdict':
    case 'test':
      return renderAnalysis(entry.document, view);
    case 'forecast':
      return renderForecast(entry.document, view);
    case 'plan': {
      const { name, resources, findings, partOf } = entry.document;
      const { body } = table(name, resources, [
        { title: tests.resource, text: true, cell: ({ resource, unit }) => `${resource} (${unit})` },
        { title: texts.atPeak, cell: ({ atPeak }) => numbers.plain(atPeak) },
        { title: texts.afterLoss, cell: ({ afterLoss }) => numbers.plain(afterLoss) },
        { title: texts.allowed, cell: ({ safe }) => numbers.plain(safe) },
        { title: texts.full, cell: ({ full }) => numbers.plain(full) },
      ]);
      return { body: html`${renderFindings([...findings, ...(partOf?.findings ?? [])], view)} ${body}` };
    }
    case 'operation':
      return {
        body: html`<p>
          <a href="${view.link(`/plans/${entry.id}`)}">${planTitle(entry, view.language)}</a>
        </p>`,
      };
    case 'report':
      return table(entry.document.promotion.name, entry.document.verdicts, [
        { title: strings.pages.domains, text: true, cell: ({ domain }) => named(domain) },
        { title: entries.summary, text: true, cell: ({ decision }) => entries.decisions[decision] },
        {
          title: strings.pages.headroom,
          cell: ({ headroom }) => (headroom === undefined ? strings.unknown : numbers.percent(headroom)),
        },
      ]);
    case 'grade':
    case 'change':
    case 'alert':
      return {};
  }
}
