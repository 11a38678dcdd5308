// Renders the tools of a chart: save the picture, save the data, copy the address, show the query.

import { html, type Content } from '../../core/text/html.ts';
import type { View } from './view.ts';

/** A query, and its address in the source. */
export interface SourceQuery {
  expression: string;
  url?: string;
}

interface ChartTools {
  /** Id of the canvas or SVG; without it the picture cannot be saved. */
  chart?: string;
  /** Id of the heading of the table with the same data. */
  table?: string;
  queries?: readonly SourceQuery[];
}

export function renderChartTools({ chart, table, queries = [] }: ChartTools, view: View): Content {
  const texts = view.strings.pages.charts;
  return html`${renderQueries(queries, view)}
    <p class="tools of-chart" hidden>
      ${chart !== undefined && html`<button type="button" data-png="${chart}">PNG</button>`}
      ${table !== undefined && html`<button type="button" data-csv="${table}">CSV</button>`}
      <button type="button" data-copy="${texts.copied}">${texts.copyLink}</button>
    </p>`;
}

export function renderQueries(queries: readonly SourceQuery[], { strings }: View): Content {
  if (queries.length === 0) return undefined;
  const texts = strings.pages.charts;
  return html`<details class="query">
    <summary>${texts.showQuery}</summary>
    ${queries.map(
      ({ expression, url }) =>
        html`<p>
          <bdi><code>${expression}</code></bdi>
          ${url !== undefined && html`<a href="${url}" rel="noreferrer">${texts.inSource}</a>`}
        </p>`,
    )}
  </details>`;
}
