// Renders the list of runs with their verdicts.

import type { Analysis } from '../../core/documents/analysis.ts';
import { firstLimit } from './chart-data.ts';
import { html, type Content } from '../../core/text/html.ts';
import { ifKnown } from '../../core/text/quantity-text.ts';
import { scopeText } from '../../core/text/scope-text.ts';
import { emptyState, renderPage } from './layout.ts';
import { safeMaxText } from './status-text.ts';
import { numberColumn, renderTableAlone, textColumn, type Column } from './tables.ts';
import { describeLimit, type View } from './view.ts';

export interface Run {
  id: string;
  analysis: Analysis;
}

export function renderRunList(runs: readonly Run[], view: View): string {
  const { strings } = view;
  // Newest first; runs without a start time are entered readings, and come last.
  const sorted = runs.toSorted((a, b) =>
    (b.analysis.run.startedAt ?? '').localeCompare(a.analysis.run.startedAt ?? ''),
  );
  return renderPage(
    view,
    strings.runs,
    html`<h1>${strings.runs}</h1>
      ${runs.length === 0 ? emptyState(strings.noRuns) : renderTableAlone(strings.runs, sorted, columnsOf(view))}`,
  );
}

function columnsOf(view: View): Column<Run>[] {
  const { strings, numbers, link } = view;
  return [
    textColumn(strings.run, ({ id }) => html`<a href="${link(`/runs/${encodeURIComponent(id)}`)}">${id}</a>`),
    numberColumn(`${strings.safeMax}${strings.inPerSecond}`, ({ analysis }) => safeMaxText(analysis, view)),
    textColumn(strings.limitedBy, ({ analysis }) => {
      const limit = firstLimit(analysis);
      return limit && describeLimit(limit, strings);
    }),
    textColumn(strings.cluster, ({ analysis }) => clusterText(analysis, view)),
    textColumn(strings.started, ({ analysis: { run } }) => ifKnown(run.startedAt, numbers.moment)),
  ];
}

function clusterText(analysis: Analysis, { language }: View): Content {
  const { cluster, broker } = analysis.run;
  const scope = scopeText(analysis, language);
  return html`${cluster}
    <span class="quiet">${broker}</span> ${scope !== undefined && html`<span class="quiet">${scope}</span>`}`;
}
