// Renders the page of one run: verdict, charts, findings and tables.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { chartData, type ChartData } from './chart-data.ts';
import { renderChartTools } from './chart-tools.ts';
import { renderBrokers, renderFactList, renderResources, renderSteps } from './tables.ts';
import { renderFindings } from './findings.ts';
import { type Content, html, type Html, jsonBlock } from '../../core/text/html.ts';
import { ifKnown, nodeText } from '../../core/text/quantity-text.ts';
import { nodesText } from '../../core/text/scope-text.ts';
import { renderPage } from './layout.ts';
import type { View } from './view.ts';
import type { Run } from './run-list.ts';
import { renderSearch } from './search.ts';
import { renderVerdict } from './verdict.ts';
import { punctuation } from '../../core/text/punctuation.ts';
import { messageFaults } from '../../core/documents/delivery-account.ts';

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
    ${renderFindings(analysis.findings, view, analysis.perBroker)} ${renderSearch(analysis, view)}
    ${renderCharts(data, analysis, view)} ${renderDeliveryCheck(analysis, view)} ${renderSteps(analysis.steps, view)}
    ${renderResources(analysis, view)} ${renderBrokers(analysis, view)}
    ${hasCharts && jsonBlock('chart-data', { language: view.language, ...data })}`,
    scripts: hasCharts ? ['chart.js', 'charts.js'] : [],
  };
}

function renderFacts({ run, degraded, redline }: Analysis, { strings, numbers, language }: View): Html {
  return renderFactList([
    [strings.cluster, run.cluster + (ifKnown(traitsOf(run.broker)?.displayName, strings.aside) ?? '')],
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
            ].join(punctuation[view.language].space),
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

/**
 * Uses percentages instead of a view box, so that the bar stretches but its text does not.
 *
 * @returns undefined if no rate is known to mark, or if the steps load one broker, as in a redline
 */
function renderLoadLine({ steps, safeMaxTps, saturationTps, redline }: Analysis, view: View): Html | undefined {
  const { strings, numbers } = view;
  if (redline !== undefined) return undefined;
  if (safeMaxTps.kind !== 'confirmed' && safeMaxTps.kind !== 'predicted') return undefined;
  const safe = safeMaxTps.tps;
  const full =
    saturationTps.kind === 'confirmed' || saturationTps.kind === 'predicted' ? saturationTps.estimateTps : undefined;
  const highest = Math.max(safe, full ?? 0, ...steps.map(({ achievedTps }) => achievedTps));
  const at = (rate: number) => `${((rate / highest) * 94 + 1).toFixed(2)}%`;
  const between = (from: number, to: number) => `${(((to - from) / highest) * 94).toFixed(2)}%`;
  const anchor = (rate: number) => (rate / highest > 0.7 ? 'end' : rate / highest < 0.3 ? 'start' : 'middle');
  const label = [
    `${strings.safeMax}${strings.colon}${numbers.rate(safe)} ${strings.perSecond}`,
    ...(full === undefined ? [] : [`${strings.saturation}${strings.colon}${numbers.rate(full)} ${strings.perSecond}`]),
  ];
  return html`<figure class="load-line">
    <svg id="load-line" role="img" aria-label="${label.join('. ')}" width="100%" height="92">
      <rect class="track" x="1%" y="36" width="98%" height="20" rx="3" />
      <rect class="zone-safe" x="1%" y="36" width="${between(0, safe)}" height="20" rx="3" />
      ${
        full !== undefined &&
        full > safe &&
        html`<rect class="zone-reserve" x="${at(safe)}" y="36" width="${between(safe, full)}" height="20" />`
      }
      ${
        full !== undefined &&
        html`<line class="mark-full" x1="${at(full)}" x2="${at(full)}" y1="28" y2="60" />
          <text x="${at(full)}" y="20" text-anchor="${anchor(full)}">${label[1]}</text>`
      }
      <line class="mark-safe" x1="${at(safe)}" x2="${at(safe)}" y1="32" y2="66" />
      <text class="strong" x="${at(safe)}" y="84" text-anchor="${anchor(safe)}">${label[0]}</text>
      ${steps.map(
        ({ achievedTps, verdict }) =>
          html`<circle class="dot ${verdict.kind}" cx="${at(achievedTps)}" cy="46" r="5" />`,
      )}
    </svg>
    <figcaption>${strings.loadLineExplained}</figcaption>
    ${renderChartTools({ chart: 'load-line', ...(steps.length > 0 && { table: 'steps' }) }, view)}
  </figure>`;
}

/** Renders the delivery check of a run: sent messages, and one row per consumer group. */
function renderDeliveryCheck({ ledger }: Analysis, { strings, numbers, language }: View): Content {
  if (ledger === undefined) return undefined;
  const { sent, acknowledged, groups, agreement, isExact } = ledger;
  const faults = (counts: Readonly<Partial<Record<keyof typeof strings.ledgerFaults, number>>>) =>
    Object.entries(counts).flatMap(([name, count]) =>
      count > 0 ? [strings.ledgerFault(numbers.rate(count), strings.ledgerFaults[name as keyof typeof counts])] : [],
    );
  const { refused, unknownFate } = ledger;
  const counts = [
    strings.ledgerSent(numbers.rate(sent), numbers.rate(acknowledged)),
    ...faults({ refused, unknownFate }),
  ];
  const { agrees = false, partitions = 0, disagreements = [] } = agreement ?? {};
  const logs = [
    ...(agrees ? [strings.ledgerAgrees(partitions)] : []),
    ...(disagreements.length > 0 ? [strings.ledgerDisagrees(disagreements.length)] : []),
  ];
  return html`<section aria-labelledby="ledger">
    <h2 id="ledger">${strings.ledger}</h2>
    <p>${[...counts, ...logs].join(punctuation[language].comma)}</p>
    ${
      groups.length > 0 &&
      html`<ul>
        ${groups.map((group) => {
          const counts = Object.fromEntries(messageFaults.map((name) => [name, group[name] ?? 0]));
          const { untoldButDelivered } = group;
          const received = strings.ledgerOf(group.group, numbers.rate(group.received));
          const line = [received, ...faults({ untoldButDelivered, ...counts })];
          return html`<li>${line.join(punctuation[language].comma)}</li>`;
        })}
      </ul>`
    }
    ${!isExact && html`<p class="quiet">${strings.ledgerInexact}</p>`}
  </section>`;
}
