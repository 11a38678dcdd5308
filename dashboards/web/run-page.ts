// Renders the page of one run: verdict, charts, findings and tables.

import type { Analysis } from '../../core/documents/analysis.ts';
import { chartData, type ChartData } from './chart-data.ts';
import { renderChartTools } from './chart-tools.ts';
import { renderFactList } from './facts.ts';
import { renderFindings } from './findings.ts';
import { html, jsonBlock, type Content, type Html } from '../../core/text/html.ts';
import { ifKnown, nodeText } from '../../core/text/quantity-text.ts';
import { nodesText } from '../../core/text/scope-text.ts';
import { renderPage } from './layout.ts';
import type { View } from './view.ts';
import { renderDeliveryCheck } from './delivery-check.ts';
import { renderLoadLine } from './load-line.ts';
import type { Run } from './run-list.ts';
import { renderSearch } from './search.ts';
import { renderBrokers, renderResources, renderSteps } from './tables.ts';
import { renderVerdict } from './verdict.ts';

export function renderRunPage({ id, analysis }: Run, view: View): string {
  const { strings, link } = view;
  const { body, scripts } = renderAnalysis(analysis, view);
  return renderPage(
    view,
    id,
    html`<nav aria-label="${strings.allRuns}"><a href="${link('/')}">← ${strings.allRuns}</a></nav>
      <h1>${id}</h1>
      ${body}
      <p class="quiet"><a href="${view.prefix}/runs/${encodeURIComponent(id)}.json">${strings.asJson}</a></p>`,
    scripts,
  );
}

/** Renders all content of an analysis, and returns the scripts that draw its charts. */
export function renderAnalysis(analysis: Analysis, view: View): { body: Html; scripts: readonly string[] } {
  const data = chartData(analysis, view.strings);
  const hasCharts = data.latency.length > 0 || data.utilisation.length > 0 || data.search !== undefined;
  return {
    body: html`${renderFacts(analysis, view)} ${renderVerdict(analysis, view)} ${renderLoadLine(analysis, view)}
    ${renderFindings(analysis.findings, view)} ${renderSearch(analysis, view)} ${renderCharts(data, analysis, view)}
    ${renderDeliveryCheck(analysis, view)} ${renderSteps(analysis.steps, view)} ${renderResources(analysis, view)}
    ${renderBrokers(analysis, view)} ${hasCharts && jsonBlock('chart-data', { language: view.language, ...data })}`,
    scripts: hasCharts ? ['chart.js', 'charts.js'] : [],
  };
}

function renderFacts({ run, degraded, redline }: Analysis, { strings, numbers, language }: View): Html {
  return renderFactList([
    [strings.cluster, `${run.cluster} (${run.broker})`],
    [strings.brokersDown, degraded && nodesText(degraded.lost, language)],
    [strings.stepsAndResources, redline && strings.onlyBroker(nodeText(redline.broker, language))],
    [strings.started, run.startedAt && numbers.moment(run.startedAt)],
    [strings.duration, ifKnown(run.durationSeconds, numbers.seconds)],
    [strings.messageSize, ifKnown(run.messageBytes, (bytes) => `${numbers.plain(bytes)} B`)],
  ]);
}

function renderCharts(data: ChartData, { run }: Analysis, view: View): Content {
  const { strings } = view;
  const hasLatency = data.latency.length > 0;
  const hasUse = data.utilisation.length > 0;
  if (!hasLatency && !hasUse) {
    // A run of entered readings has no start time, because this program measured nothing.
    return html`<p class="quiet">${run.startedAt === undefined ? strings.noCurves : strings.noCurvesMeasured}</p>`;
  }
  return [
    renderRunChart(
      'latency',
      strings.latencyChart,
      hasLatency ? { explained: strings.latencyChartExplained } : { why: strings.noLatency },
      view,
    ),
    renderRunChart(
      'utilisation',
      strings.utilisationChart,
      hasUse
        ? {
            explained: [
              strings.utilisationChartExplained,
              ...(data.prediction ? [strings.predictionExplained] : []),
            ].join(' '),
          }
        : { why: strings.noUtilisation },
      view,
    ),
  ];
}

/** Renders a chart that is hidden until the script draws it; without scripts the tables below show the same data. */
export function renderRunChart(
  id: 'latency' | 'utilisation',
  title: string,
  content: { explained: string } | { why: string },
  view: View,
  table: string = id === 'latency' ? 'steps' : 'resources',
): Html {
  return html`<section aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${
      'why' in content
        ? html`<p class="quiet">${content.why}</p>`
        : html`<figure class="chart" hidden>
              <div class="canvas">
                <canvas id="${id}" role="img" aria-label="${title}" aria-describedby="${id}-explained"></canvas>
              </div>
              <figcaption id="${id}-explained">${content.explained}</figcaption>
              ${renderChartTools({ chart: id, table }, view)}
            </figure>
            <noscript
              ><p class="quiet"><a href="#${table}">↓</a> ${content.explained}</p></noscript
            >`
    }
  </section>`;
}
