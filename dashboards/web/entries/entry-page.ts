// Renders one entry of the history: a verdict like its run page, other kinds as rows.

import { html, type Html } from '../../../core/text/html.ts';
import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import { renderChartTools } from '../chart-tools.ts';
import { renderFindings } from '../findings.ts';
import { named, renderPage, scrollable } from '../layout.ts';
import { forecastChart, forecastColumns, linesBlock, renderCanvas } from '../line-charts.ts';
import { planTitle } from '../plans/plan-title.ts';
import { renderAnalysis } from '../run-page.ts';
import { renderTable, textColumn, numberColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { renderEntryRows } from './entry-rows.ts';

export function renderEntryPage(entry: HistoryEntry, view: View): string {
  const { strings, link, numbers, prefix } = view;
  const texts = strings.pages.entries;
  const { cluster, evidence } = entry;
  const { body, scripts = [] } = renderDocument(entry, view);
  return renderPage(
    view,
    texts.entry(numbers.plain(entry.id)),
    html`<nav>
        <a href="${link('/ledger')}">${strings.pages.sections.ledger}</a>
        ${cluster !== undefined && html`› <a href="${link(`/clusters/${encodeURIComponent(cluster)}`)}">${named(cluster)}</a>`}
      </nav>
      <h1>${texts.entry(numbers.plain(entry.id))}${strings.colon}${texts.kinds[entry.kind]}</h1>
      ${scrollable(strings.pages.sections.ledger, renderEntryRows([entry], view))}
      ${evidence !== undefined && html`<p class="quiet">${strings.evidence}${strings.colon}<bdi>${evidence}</bdi></p>`}
      ${body}
      <p class="quiet"><a href="${prefix}/api/v1/ledger/${entry.id}">${texts.asJson}</a></p>`,
    scripts,
  );
}

function renderDocument(entry: HistoryEntry, view: View): { body?: Html; scripts?: readonly string[] } {
  const { strings, numbers } = view;
  const { cluster: texts, entries } = strings.pages;
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
        textColumn(strings.resource, ({ resource, unit }) => `${resource} (${unit})`),
        numberColumn(texts.atPeak, ({ atPeak }) => numbers.plain(atPeak)),
        numberColumn(texts.afterLoss, ({ afterLoss }) => numbers.plain(afterLoss)),
        numberColumn(strings.policyLimit, ({ safe }) => numbers.plain(safe)),
        numberColumn(strings.capacity, ({ full }) => numbers.plain(full)),
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
        textColumn(strings.pages.domains, ({ domain }) => named(domain)),
        textColumn(entries.summary, ({ decision }) => entries.decisions[decision]),
        numberColumn(strings.pages.headroom, ({ headroom }) =>
          headroom === undefined ? strings.unknown : numbers.percent(headroom),
        ),
      ]);
    case 'grade':
    case 'change':
    case 'alert':
      return {};
  }
}

type Forecast = Extract<HistoryEntry, { kind: 'forecast' }>['document'];

/** In hours: four days. */
const mostPoints = 96;

/** Renders the forecast as a chart with its band, and as a table. */
function renderForecast(forecast: Forecast, view: View): { body: Html; scripts: readonly string[] } {
  const texts = view.strings.pages.cluster;
  const points = forecast.points.slice(0, mostPoints);
  return {
    body: html`<h2>${texts.forecast}</h2>
      <figure>
        ${renderCanvas('course', texts.forecast)} ${renderChartTools({ chart: 'course', table: 'course-table' }, view)}
      </figure>
      <details>
        <summary>${texts.table}</summary>
        ${renderTable('course-table', texts.forecast, points, forecastColumns(view))}
      </details>
      ${linesBlock('course-data', { charts: [forecastChart(points, [], view)] })}`,
    scripts: ['chart.js', 'lines.js'],
  };
}
