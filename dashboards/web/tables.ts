// Renders tables, the tables of steps, resources and brokers of a run, and lists of facts.

import { forKind } from '../../core/kind-table.ts';
import type { AnalysedResource, AnalysedStep, Analysis } from '../../core/documents/analysis.ts';
import { bindingResource } from './chart-data.ts';
import { type Content, html, type Html } from '../../core/text/html.ts';
import { ifKnown } from '../../core/text/quantity-text.ts';
import { scrollable } from './layout.ts';
import { describeLimit, type View } from './view.ts';

export interface Column<Row> {
  title: Content;
  /** Undefined is shown as `–`. */
  cell(row: Row, index: number): Content;
  /** Raw value for a spreadsheet, in base units; by default the text of the cell. */
  value?(row: Row, index: number): string | number | undefined;
  /** Text columns are aligned left, figures right; `brief` is for text of one or two words, which needs little room. */
  text?: boolean | 'brief';
}

export function renderTable<Row>(
  id: string,
  title: string,
  rows: readonly Row[],
  offered: readonly (Column<Row> | false)[],
  classOf: (row: Row) => string = () => '',
): Html {
  return html`<section>
    <h2 id="${id}">${title}</h2>
    ${renderTableAlone(title, rows, offered, classOf)}
  </section>`;
}

/** For places where a heading already names the subject. */
export function renderTableAlone<Row>(
  title: string,
  rows: readonly Row[],
  offered: readonly (Column<Row> | false)[],
  classOf: (row: Row) => string = () => '',
): Html {
  const columns = offered.filter((column) => column !== false);
  const kindOf = ({ text }: Column<Row>) => (text === true ? '' : text === 'brief' ? 'brief' : 'number');
  const valueOf = ({ value }: Column<Row>, row: Row, index: number) =>
    value !== undefined && html`data-value="${value(row, index) ?? ''}"`;
  return scrollable(
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
              ${columns.map((column, at) => {
                const content = column.cell(row, index) ?? '–';
                const attributes = html`class="${kindOf(column)}" ${valueOf(column, row, index)}`;
                return at === 0
                  ? html`<th scope="row" ${attributes}>${content}</th>`
                  : html`<td ${attributes}>${content}</td>`;
              })}
            </tr>`,
        )}
      </tbody>
    </table>`,
  );
}

export const textColumn = <Row>(title: Content, cell: Column<Row>['cell']): Column<Row> => ({
  title,
  text: true,
  cell,
});
export const briefColumn = <Row>(title: Content, cell: Column<Row>['cell']): Column<Row> => ({
  title,
  text: 'brief',
  cell,
});
export const numberColumn = <Row>(title: Content, cell: Column<Row>['cell']): Column<Row> => ({ title, cell });

/** Returns a column of figures, with unrounded values for spreadsheets. @param unknown shown for an unknown figure */
export const figureColumn = <Row>(
  title: string,
  of: (row: Row) => number | undefined,
  text: (value: number) => string,
  unknown?: Content,
): Column<Row> => ({ title, cell: (row) => ifKnown(of(row), text) ?? unknown, value: of });

/** Returns a function that builds columns of figures; a column without any value is omitted. */
export function figuresOf<Row>(rows: readonly Row[]) {
  return (title: string, of: (row: Row) => number | undefined, text: (value: number) => string): Column<Row> | false =>
    rows.some((row) => of(row) !== undefined) && figureColumn(title, of, text);
}

export function renderSteps(steps: readonly AnalysedStep[], { strings, numbers }: View): Content {
  if (steps.length === 0) return undefined;
  const figure = figuresOf(steps);
  const percentile = (title: string, of: (step: AnalysedStep) => number | undefined) =>
    figure(title, of, numbers.seconds);
  const columns: (Column<AnalysedStep> | false)[] = [
    textColumn(strings.step, (_, index) => index + 1),
    figure(`${strings.target}${strings.inPerSecond}`, (step) => step.targetTps, numbers.rate),
    figure(strings.lanes, (step) => step.lanes, numbers.rate),
    figureColumn(`${strings.achieved}${strings.inPerSecond}`, (step) => step.achievedTps, numbers.rate),
    textColumn(strings.result, ({ verdict }) => describeStep(verdict, strings)),
    percentile(strings.latencyOf('p50'), (step) => step.latencySeconds?.p50),
    percentile(strings.latencyOf('p99'), (step) => step.latencySeconds?.p99),
    percentile(strings.latencyOf('p99.9'), (step) => step.latencySeconds?.p999),
    percentile(strings.latencyOf(strings.max), (step) => step.latencySeconds?.max),
    percentile(strings.sendDelay, (step) => step.sendDelaySeconds?.p99),
    percentile(strings.endToEnd, (step) => step.endToEndSeconds?.p99),
    figure(strings.failed, (step) => step.failedSends, numbers.rate),
    steps.some(({ backgroundTps = 0 }) => backgroundTps >= 1) &&
      figureColumn(`${strings.background}${strings.inPerSecond}`, (step) => step.backgroundTps, numbers.rate),
  ];
  return renderTable('steps', strings.steps, steps, columns, ({ verdict }) => verdict.kind);
}

function describeStep(verdict: AnalysedStep['verdict'], strings: View['strings']): Html {
  const detail = stepDetail(verdict, strings);
  return html`<span class="verdict ${verdict.kind}">${strings.verdicts[verdict.kind]}</span
    >${detail === undefined ? '' : `${strings.colon}${detail}`}`;
}

const stepDetail = (verdict: AnalysedStep['verdict'], strings: View['strings']): string | undefined =>
  forKind(verdict, {
    sustained: () => undefined,
    saturated: ({ bottleneck }) => (bottleneck ? describeLimit(bottleneck, strings) : strings.causeUnknown),
    invalid: ({ reason }) => strings.invalid[reason],
    'not-judged': ({ reason }) => strings.notJudged[reason],
  });

export function renderResources(analysis: Analysis, view: View): Content {
  const { strings, numbers } = view;
  const { resources } = analysis;
  if (resources.length === 0) return undefined;
  const binding = bindingResource(analysis);
  // The first limit comes first; resources that could not be assessed come last.
  const sorted = resources.toSorted(
    (a, b) =>
      Number(b === binding) - Number(a === binding) || (a.safeTps?.value ?? Infinity) - (b.safeTps?.value ?? Infinity),
  );
  const estimate = (node: string, value: AnalysedResource['safeTps']) =>
    value === undefined
      ? // The limit of the load generator is not one of the cluster.
        node === 'generator'
        ? undefined
        : html`<span class="quiet">${strings.unknown}</span>`
      : html`${numbers.rate(value.value)}
          <span class="quiet"
            >${strings.range(numbers.rate(value.low), ifKnown(value.high, numbers.rate) ?? '…')}</span
          >`;
  const columns: (Column<AnalysedResource> | false)[] = [
    textColumn(
      strings.resource,
      (row) =>
        html`${strings.names[row.resource]}
        ${row === binding && html`<span class="kind binding">${strings.limits}</span>`}`,
    ),
    textColumn(strings.node, ({ node }) => (node === 'generator' ? strings.generator : node)),
    numberColumn(strings.used, (row) => describeUse(row, view)),
    figureColumn(strings.policyLimit, (row) => row.policyLimit, numbers.percent),
    resources.some(({ safeTps }) => safeTps !== undefined) && {
      title: `${strings.safeTps}${strings.inPerSecond}`,
      cell: ({ node, safeTps }) => estimate(node, safeTps),
      value: ({ safeTps }) => safeTps?.value,
    },
    resources.some(({ saturationTps }) => saturationTps !== undefined) && {
      title: `${strings.saturationTps}${strings.inPerSecond}`,
      cell: ({ node, saturationTps }) => estimate(node, saturationTps),
      value: ({ saturationTps }) => saturationTps?.value,
    },
    resources.some(({ fit }) => fit !== undefined) &&
      textColumn(strings.fit, ({ fit }) => fit && strings.fitOf(fit.r2.toFixed(3), fit.points)),
    textColumn(strings.capacity, ({ capacity }) =>
      capacity === undefined
        ? html`<span class="quiet">${strings.unknown}</span>`
        : html`${numbers.capacity(capacity)} <span class="quiet">${capacity.source}</span>`,
    ),
  ];
  return renderTable('resources', strings.resources, sorted, columns, (row) => (row === binding ? 'binding' : ''));
}

/** Formats use without adding precision, because an entered figure may be rounded or one-sided. */
export function describeUse(
  { utilisationAtHighestStep: use, utilisationBounds: bounds }: AnalysedResource,
  { strings, numbers }: View,
): string | undefined {
  if (use !== undefined) return numbers.percent(use);
  const { low, high } = bounds ?? {};
  if (low !== undefined && high !== undefined) return strings.range(numbers.percent(low), numbers.percent(high));
  if (high !== undefined) return strings.atMost(numbers.percent(high));
  return low === undefined ? undefined : strings.leastUse(numbers.percent(low));
}

export function renderBrokers({ perBroker }: Analysis, { strings, numbers }: View): Content {
  // One broker's row would repeat the verdict.
  if (perBroker.length < 2) return undefined;
  const columns: Column<Analysis['perBroker'][number]>[] = [
    textColumn(strings.broker, ({ broker }) => broker),
    textColumn(strings.host, ({ host }) => host),
    numberColumn(strings.safeLowEnd, ({ safeTps }) => ifKnown(safeTps, numbers.rate)),
    numberColumn(strings.saturationEstimate, ({ saturationTps }) => ifKnown(saturationTps, numbers.rate)),
    textColumn(strings.limitedBy, ({ limitedBy }) =>
      limitedBy && 'resource' in limitedBy ? strings.names[limitedBy.resource] : undefined,
    ),
  ];
  return renderTable('brokers', strings.perBroker, perBroker, columns);
}

export type Fact = readonly [term: string, value: Content];

/** Omits facts without a value. */
export function renderFactList(facts: readonly Fact[]): Html {
  return html`<dl class="facts">
    ${facts.map(
      ([term, value]) =>
        value !== undefined &&
        html`<div>
          <dt>${term}</dt>
          <dd class="name">${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** Renders one fact of a list whose facts vary. */
export const renderFact = (term: string, value: Content): Html =>
  html`<div>
    <dt>${term}</dt>
    <dd>${value}</dd>
  </div>`;
