// Renders the list of runs with their verdicts.

import type { Analysis } from '../../core/documents/analysis.ts';
import { firstLimit } from './chart-data.ts';
import { html, type Html } from '../../core/text/html.ts';
import { scopeText } from '../../core/text/scope-text.ts';
import { emptyState, renderPage, scrollable } from './layout.ts';
import { safeMaxText } from './status-text.ts';
import type { View } from './view.ts';
import { describeLimit } from './strings.ts';

export interface Run {
  id: string;
  analysis: Analysis;
}

export function renderRunList(runs: readonly Run[], view: View): string {
  const { strings } = view;
  // Newest first; runs without a time stamp are readings, and are last.
  const sorted = runs.toSorted((a, b) =>
    (b.analysis.run.startedAt ?? '').localeCompare(a.analysis.run.startedAt ?? ''),
  );
  return renderPage(
    view,
    strings.runs,
    html`<h1>${strings.runs}</h1>
      ${runs.length === 0 ? emptyState(strings.noRuns) : scrollable(strings.runs, table(sorted, view))}`,
  );
}

function table(runs: readonly Run[], view: View): Html {
  const { strings } = view;
  return html`<table>
    <thead>
      <tr>
        <th scope="col">${strings.run}</th>
        <th scope="col" class="number">${strings.safeMax} (${strings.perSecond})</th>
        <th scope="col">${strings.limitedBy}</th>
        <th scope="col">${strings.cluster}</th>
        <th scope="col">${strings.started}</th>
      </tr>
    </thead>
    <tbody>
      ${runs.map((run) => row(run, view))}
    </tbody>
  </table>`;
}

function row({ id, analysis }: Run, view: View): Html {
  const { strings, numbers, link, language } = view;
  const { run } = analysis;
  const scope = scopeText(analysis, language);
  const limit = firstLimit(analysis);
  return html`<tr>
    <th scope="row"><a href="${link(`/runs/${encodeURIComponent(id)}`)}">${id}</a></th>
    <td class="number">${safeMaxText(analysis, view)}</td>
    <td>${limit === undefined ? '–' : describeLimit(limit, strings)}</td>
    <td>
      ${run.cluster} <span class="quiet">${run.broker}</span>
      ${scope !== undefined && html`<span class="quiet">${scope}</span>`}
    </td>
    <td>${run.startedAt === undefined ? '–' : numbers.moment(run.startedAt)}</td>
  </tr>`;
}
