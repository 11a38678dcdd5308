// What did one run find? Verdict, findings, curves and tables; the tables hold everything the curves show.

import type { AnalysedResource, AnalysedStep, Analysis, Finding } from '../../core/analysis.ts';
import { bindingResource, chartData } from './chart-data.ts';
import { html, jsonBlock, type Content, type Html } from './html.ts';
import { renderPage, scrollable, type View } from './layout.ts';
import { renderLoadLine } from './load-line.ts';
import type { Run } from './run-list.ts';
import { renderVerdict } from './verdict.ts';

export function renderRunPage({ id, analysis }: Run, view: View): string {
  const { strings, link } = view;
  const data = chartData(analysis, strings);
  const hasCharts = data.latency.length > 0 || data.utilisation.length > 0;
  return renderPage(
    view,
    id,
    html`<nav aria-label="${strings.allRuns}"><a href="${link('/')}">← ${strings.allRuns}</a></nav>
      <h1>${id}</h1>
      ${renderFacts(analysis, view)} ${renderVerdict(analysis, view)} ${renderLoadLine(analysis, view)}
      ${renderFindings(analysis.findings, view)} ${renderLatencyChart(data.latency.length > 0, analysis, view)}
      ${renderUtilisationChart(data.utilisation.length > 0, view)} ${renderSteps(analysis.steps, view)}
      ${renderResources(analysis, view)} ${renderBrokers(analysis, view)}
      <p class="quiet"><a href="/runs/${encodeURIComponent(id)}.json">${strings.asJson}</a></p>
      ${hasCharts && jsonBlock('chart-data', { language: view.language, ...data })}`,
    hasCharts ? ['/assets/chart.js', '/assets/charts.js'] : [],
  );
}

function renderFacts({ run }: Analysis, { strings, numbers }: View): Html {
  const facts: readonly [string, string | undefined][] = [
    [strings.cluster, `${run.cluster} (${run.broker})`],
    [strings.started, run.startedAt && numbers.moment(run.startedAt)],
    [strings.duration, run.durationSeconds === undefined ? undefined : numbers.seconds(run.durationSeconds)],
    [strings.messageSize, run.messageBytes === undefined ? undefined : `${numbers.plain(run.messageBytes)} B`],
  ];
  return html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        value !== undefined &&
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function renderFindings(findings: readonly Finding[], { strings, numbers }: View): Html {
  const order = ['critical', 'warning', 'info'];
  const sorted = findings.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const symbols = { critical: '✕', warning: '!', info: 'i' };
  return html`<section aria-labelledby="findings">
    <h2 id="findings">${strings.findings}</h2>
    ${
      findings.length === 0
        ? html`<p>${strings.noFindings}</p>`
        : html`<ul class="findings">
            ${sorted.map(
              ({ severity, code, message, evidence }) =>
                html`<li class="${severity}">
                  <p>
                    <span class="symbol" aria-hidden="true">${symbols[severity]}</span>
                    <strong>${strings.severity[severity]}</strong> <code>${code}</code>
                  </p>
                  <p lang="en">${message}</p>
                  ${
                    evidence.length > 0 &&
                    html`<details>
                      <summary>${strings.evidence} (${evidence.length})</summary>
                      <ul lang="en">
                        ${evidence.map(
                          ({ name, value, unit, source }) =>
                            html`<li>
                              ${name}:
                              <strong>${typeof value === 'number' ? numbers.plain(value) : value} ${unit}</strong>
                              <span class="quiet">(${source})</span>
                            </li>`,
                        )}
                      </ul>
                    </details>`
                  }
                </li>`,
            )}
          </ul>`
    }
  </section>`;
}

function renderLatencyChart(hasData: boolean, { run, steps }: Analysis, { strings }: View): Html {
  // A run of readings has no time stamps: nothing was measured by this program.
  const why = run.startedAt === undefined || steps.length === 0 ? strings.noLatency : strings.noLatencyMeasured;
  return chart('latency', strings.latencyChart, hasData ? { explained: strings.latencyChartExplained } : { why });
}

function renderUtilisationChart(hasData: boolean, { strings }: View): Html {
  return chart(
    'utilisation',
    strings.utilisationChart,
    hasData ? { explained: strings.utilisationChartExplained } : { why: strings.noUtilisation },
  );
}

/** Hidden until the script has something to draw; without a script the tables below say the same. */
function chart(id: string, title: string, content: { explained: string } | { why: string }): Html {
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
            </figure>
            <noscript
              ><p class="quiet">
                <a href="#${id === 'latency' ? 'steps' : 'resources'}">↓</a> ${content.explained}
              </p></noscript
            >`
    }
  </section>`;
}

interface Column<Row> {
  title: string;
  cell(row: Row, index: number): Content;
  /** Text columns are aligned left, figures right. */
  text?: boolean;
}

function renderTable<Row>(
  id: string,
  title: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  classOf: (row: Row) => string,
): Html {
  const kindOf = ({ text }: Column<Row>) => (text === true ? '' : 'number');
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${scrollable(
      title,
      html`<table>
        <thead>
          <tr>
            ${columns.map((column) => html`<th scope="col" class="${kindOf(column)}">${column.title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row, index) =>
              html`<tr class="${classOf(row)}">
                ${columns.map((column, at) =>
                  at === 0
                    ? html`<th scope="row" class="${kindOf(column)}">${column.cell(row, index)}</th>`
                    : html`<td class="${kindOf(column)}">${column.cell(row, index)}</td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
  </section>`;
}

function renderSteps(steps: readonly AnalysedStep[], { strings, numbers }: View): Content {
  if (steps.length === 0) return undefined;
  const percentile = (title: string, of: (step: AnalysedStep) => number | undefined): Column<AnalysedStep> | false =>
    steps.some((step) => of(step) !== undefined) && {
      title,
      cell: (step) => {
        const value = of(step);
        return value === undefined ? '–' : numbers.seconds(value);
      },
    };
  const columns: (Column<AnalysedStep> | false)[] = [
    { title: strings.step, cell: (_, index) => index + 1 },
    steps.some(({ targetTps }) => targetTps !== undefined) && {
      title: strings.target,
      cell: ({ targetTps }) => (targetTps === undefined ? '–' : numbers.rate(targetTps)),
    },
    { title: `${strings.achieved} (${strings.perSecond})`, cell: ({ achievedTps }) => numbers.rate(achievedTps) },
    { title: strings.result, text: true, cell: ({ verdict }) => describeStep(verdict, strings) },
    percentile(strings.latencyOf('p50'), (step) => step.latencySeconds?.p50),
    percentile(strings.latencyOf('p99'), (step) => step.latencySeconds?.p99),
    percentile(strings.latencyOf('p99.9'), (step) => step.latencySeconds?.p999),
    percentile(strings.latencyOf(strings.max), (step) => step.latencySeconds?.max),
    percentile(strings.sendDelay, (step) => step.sendDelaySeconds?.p99),
    percentile(strings.endToEnd, (step) => step.endToEndSeconds?.p99),
    steps.some(({ failedSends }) => failedSends !== undefined) && {
      title: strings.failed,
      cell: ({ failedSends }) => (failedSends === undefined ? '–' : numbers.rate(failedSends)),
    },
  ];
  return renderTable(
    'steps',
    strings.steps,
    steps,
    columns.filter((column) => column !== false),
    ({ verdict }) => verdict.kind,
  );
}

function describeStep(verdict: AnalysedStep['verdict'], strings: View['strings']): Html {
  const detail =
    verdict.kind === 'saturated'
      ? `: ${strings.ofNode(strings.names[verdict.bottleneck.resource], verdict.bottleneck.node)}`
      : verdict.kind === 'invalid'
        ? `: ${strings.invalid[verdict.reason]}`
        : '';
  return html`<span class="verdict ${verdict.kind}">${strings.verdicts[verdict.kind]}</span>${detail}`;
}

function renderResources(analysis: Analysis, { strings, numbers }: View): Content {
  const { resources } = analysis;
  if (resources.length === 0) return undefined;
  const binding = bindingResource(analysis);
  // What limits first stands first; what nobody could judge stands last.
  const sorted = resources.toSorted(
    (a, b) =>
      Number(b === binding) - Number(a === binding) || (a.safeTps?.value ?? Infinity) - (b.safeTps?.value ?? Infinity),
  );
  const estimate = (value: AnalysedResource['safeTps']) =>
    value === undefined
      ? html`<span class="quiet">${strings.unknown}</span>`
      : html`${numbers.rate(value.value)}
          <span class="quiet"
            >${numbers.rate(value.low)} – ${value.high === undefined ? '…' : numbers.rate(value.high)}</span
          >`;
  const columns: Column<AnalysedResource>[] = [
    {
      title: strings.resource,
      text: true,
      cell: (row) =>
        html`${strings.names[row.resource]}
        ${row === binding && html`<span class="kind binding">${strings.limits}</span>`}`,
    },
    { title: strings.node, text: true, cell: ({ node }) => node },
    {
      title: strings.used,
      cell: ({ utilisationAtHighestStep: use }) => (use === undefined ? '–' : numbers.percent(use)),
    },
    { title: strings.policyLimit, cell: ({ policyLimit }) => numbers.percent(policyLimit) },
    { title: `${strings.safeTps} (${strings.perSecond})`, cell: ({ safeTps }) => estimate(safeTps) },
    { title: `${strings.saturationTps} (${strings.perSecond})`, cell: ({ saturationTps }) => estimate(saturationTps) },
    {
      title: strings.fit,
      text: true,
      cell: ({ fit }) => (fit === undefined ? '–' : strings.fitOf(fit.r2.toFixed(3), fit.points)),
    },
    {
      title: strings.capacity,
      text: true,
      cell: ({ capacity }) =>
        capacity === undefined
          ? html`<span class="quiet">${strings.unknown}</span>`
          : html`${numbers.capacity(capacity)} <span class="quiet" lang="en">${capacity.source}</span>`,
    },
  ];
  return renderTable('resources', strings.resources, sorted, columns, (row) => (row === binding ? 'binding' : ''));
}

function renderBrokers({ perBroker }: Analysis, { strings, numbers }: View): Content {
  // One broker's row would repeat the verdict.
  if (perBroker.length < 2) return undefined;
  const rate = (value: number | undefined) => (value === undefined ? '–' : numbers.rate(value));
  const columns: Column<Analysis['perBroker'][number]>[] = [
    { title: strings.broker, text: true, cell: ({ broker }) => broker },
    { title: strings.host, text: true, cell: ({ host }) => host ?? '–' },
    { title: `${strings.safeTps} (${strings.perSecond})`, cell: ({ safeTps }) => rate(safeTps) },
    { title: `${strings.saturationTps} (${strings.perSecond})`, cell: ({ saturationTps }) => rate(saturationTps) },
    {
      title: strings.limitedBy,
      text: true,
      cell: ({ limitedBy }) => (limitedBy && 'resource' in limitedBy ? strings.names[limitedBy.resource] : '–'),
    },
  ];
  return renderTable('brokers', strings.perBroker, perBroker, columns, () => '');
}
