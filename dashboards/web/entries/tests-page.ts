// Renders the list of load tests and verdicts, and a comparison of two of them.

import { defined } from '../../../core/defined.ts';
import type { Analysis } from '../../../core/documents/analysis.ts';
import { type Content, html, type Html, jsonBlock } from '../../../core/text/html.ts';
import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import { scopeText } from '../../../core/text/scope-text.ts';
import { chartData, type ChartData, firstLimit } from '../chart-data.ts';
import { emptyState, keptFields, named, renderPage } from '../layout.ts';
import { limitText, safeMaxText } from '../status-text.ts';
import { briefColumn, type Column, numberColumn, renderTable, renderTableAlone, textColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { summaryOf } from './entry-page.ts';
import { renderRunChart } from '../run-page.ts';

export type JudgedEntry = Extract<HistoryEntry, { kind: 'verdict' | 'test' }>;

interface TestsContent {
  entries: readonly JudgedEntry[];
  compared?: readonly [left: JudgedEntry, right: JudgedEntry];
}

export function renderTestsPage({ entries, compared }: TestsContent, view: View): string {
  const texts = view.strings.pages.tests;
  return renderPage(
    view,
    texts.title,
    html`<h1>${texts.title}</h1>
      ${compared && renderComparison(compared, view)}
      ${compared && renderCurves([compared[0].document, compared[1].document], view)}
      <p class="quiet">${texts.explained}</p>
      ${entries.length === 0 ? emptyState(texts.none) : renderList(entries, compared, view)}`,
    compared === undefined ? [] : curveScripts,
  );
}

function renderList(entries: readonly JudgedEntry[], compared: TestsContent['compared'], view: View): Html {
  const { strings, numbers, link, prefix, path, query } = view;
  const { tests: texts, entries: columns } = strings.pages;
  const [left, right] = compared ?? newestOfOne(entries);
  const choice = (name: 'left' | 'right', { id }: JudgedEntry, chosen: JudgedEntry | undefined) =>
    html`<div class="choice">
      <input
        type="radio"
        name="${name}"
        value="${id}"
        aria-label="${texts[name]}: ${columns.entry(String(id))}"
        ${id === chosen?.id && html`checked`}
      />
    </div>`;
  return html`<form method="get" action="${prefix}${path}">
    ${keptFields(query, ['left', 'right'])}
    ${renderTableAlone(texts.title, entries, [
      textColumn(
        columns.at,
        ({ id, at }) => html`<a class="moment" href="${link(`/ledger/${id}`)}">${numbers.moment(at)}</a>`,
      ),
      briefColumn(texts.left, (entry) => choice('left', entry, left)),
      briefColumn(texts.right, (entry) => choice('right', entry, right)),
      textColumn(columns.kind, ({ kind }) => columns.kinds[kind]),
      textColumn(strings.cluster, (entry) => named(clusterOf(entry))),
      textColumn(columns.summary, (entry) => summaryOf(entry, view)),
    ])}
    ${entries.length > 1 && html`<p><button>${texts.compare}</button></p>`}
  </form>`;
}

/** Returns the two newest verdicts of one cluster, with the same brokers down, whose rate is known. */
function newestOfOne(entries: readonly JudgedEntry[]): readonly [JudgedEntry?, JudgedEntry?] {
  const known = entries.filter(({ document }) => document.safeMaxTps.kind !== 'unknown');
  for (const [index, right] of known.entries()) {
    const left = known.slice(index + 1).find((each) => measuredOf(each) === measuredOf(right));
    if (left !== undefined) return [left, right];
  }
  return [];
}

const measuredOf = (entry: JudgedEntry): string =>
  [clusterOf(entry), ...(entry.document.degraded?.lost.toSorted() ?? [])].join('\0');

interface ComparedRow {
  what: Content;
  /** Absent if the difference of both values is meaningless. */
  left?: number;
  right?: number;
  texts?: readonly [Content, Content];
}

function renderComparison([left, right]: readonly [JudgedEntry, JudgedEntry], view: View): Html {
  const { strings, numbers, language } = view;
  const texts = strings.pages.tests;
  const figure = (value: number | undefined) => (value === undefined ? strings.unknown : numbers.rate(value));
  const limit = ({ document }: JudgedEntry): Content => {
    const first = firstLimit(document);
    return first === undefined ? strings.unknown : limitText(first, strings);
  };
  const saturation = ({ document: { saturationTps: full } }: JudgedEntry): Content => {
    if (full.kind === 'unknown') return strings.unknown;
    const tps = 'estimateTps' in full ? full.estimateTps : full.tps;
    return html`${full.kind === 'at-least' ? '≥ ' : ''}${numbers.rate(tps)}
      <span class="kind">${full.kind === 'confirmed' ? strings.reached : strings.kinds[full.kind]}</span>`;
  };
  const headOf = (entry: JudgedEntry) => {
    const scope = scopeText(entry.document, language);
    return html`${named(clusterOf(entry))}
    ${numbers.moment(entry.at)}${scope !== undefined && html` <bdi>${scope}</bdi>`}`;
  };
  const rows: ComparedRow[] = [
    {
      ...comparedRow(strings.safeMax + strings.inPerSecond, safeOf(left.document), safeOf(right.document)),
      texts: [safeMaxText(left.document, view), safeMaxText(right.document, view)],
    },
    {
      ...comparedRow(strings.saturation + strings.inPerSecond, fullOf(left.document), fullOf(right.document)),
      texts: [saturation(left), saturation(right)],
    },
    { what: strings.limitedBy, texts: [limit(left), limit(right)] },
  ];
  const resources = resourcesOf(left.document, right.document).map(({ resource, node, safe }) =>
    comparedRow(html`${limitText({ resource, node }, strings)}`, safe[0], safe[1]),
  );
  const columnsUnder = (title: string): Column<ComparedRow>[] => [
    { title, text: true, cell: ({ what }) => what },
    numberColumn(headOf(left), (row) => row.texts?.[0] ?? figure(row.left)),
    numberColumn(headOf(right), (row) => row.texts?.[1] ?? figure(row.right)),
    numberColumn(texts.change, (row) =>
      row.left === undefined || row.right === undefined || row.left === 0
        ? '–'
        : numbers.percent(row.right / row.left - 1),
    ),
  ];
  return html`${renderTable('compared', texts.compared, rows, columnsUnder(strings.verdict))}
  ${resources.length > 0 && renderTable('safe-rates', texts.safeRates, resources, columnsUnder(strings.resource))}`;
}

const clusterOf = ({ cluster, document }: JudgedEntry) => cluster ?? document.run.cluster;

const comparedRow = (what: Content, left: number | undefined, right: number | undefined): ComparedRow => ({
  what,
  ...defined({ left, right }),
});

/** Only a confirmed or predicted rate has an estimate; other rates are not compared. */
const safeOf = ({ safeMaxTps }: Analysis) => ('estimateTps' in safeMaxTps ? safeMaxTps.tps : undefined);
const fullOf = ({ saturationTps }: Analysis) =>
  'estimateTps' in saturationTps ? saturationTps.estimateTps : undefined;

/** Resources whose safe rate both know; rates of a redline apply to one broker, so its broker must match. */
function resourcesOf(left: Analysis, right: Analysis) {
  if (left.redline?.broker !== right.redline?.broker) return [];
  return left.resources.flatMap(({ resource, node, safeTps }) => {
    const other = right.resources.find((each) => each.resource === resource && each.node === node)?.safeTps;
    return safeTps === undefined || other === undefined
      ? []
      : [{ resource, node, safe: [safeTps.value, other.value] as const }];
  });
}

/** Scripts that draw the curves. */
const curveScripts = ['chart.js', 'charts.js'];

/** @returns undefined if neither run has steps with curves, for example manually entered readings */
function renderCurves(runs: readonly [left: Analysis, right: Analysis], view: View): Content {
  const data = comparedCurves(runs, view);
  const { strings } = view;
  if (data.latency.length === 0 && data.utilisation.length === 0) return undefined;
  const chart = (id: 'latency' | 'utilisation', title: string, explained: string) =>
    data[id].length > 0 && renderRunChart(id, title, { explained }, view, 'compared');
  return html`${chart('latency', strings.latencyChart, strings.latencyChartExplained)}
  ${chart('utilisation', strings.utilisationChart, strings.utilisationChartExplained)}
  ${jsonBlock('chart-data', { language: view.language, ...data })}`;
}

function comparedCurves(runs: readonly Analysis[], { strings }: View): ChartData {
  const texts = strings.pages.tests;
  const named = runs.map((run, index) => ({
    name: index === 0 ? texts.left : texts.right,
    data: chartData(run, strings),
  }));
  const [first] = named;
  const limits = named.flatMap(({ data }) => data.limits);
  return {
    labels: first?.data.labels ?? { rate: '', latency: '', utilisation: '' },
    latency: named.flatMap(({ name, data }) =>
      data.latency
        .filter((each) => each.name === 'p99')
        .map(({ points }) => ({ name: `${name}${strings.colon}p99`, points })),
    ),
    // The most used resource comes first.
    utilisation: named.flatMap(({ name, data }) =>
      data.utilisation.slice(0, 1).map(({ label, points }) => ({ label: `${name}${strings.colon}${label}`, points })),
    ),
    limits: limits.filter(({ label }, index) => limits.findIndex((other) => other.label === label) === index),
    marks: named.flatMap(({ name, data }) =>
      data.marks
        .filter(({ role }) => role === 'safe')
        .map((mark) => ({ ...mark, label: `${name}${strings.colon}${mark.label}` })),
    ),
    highestRate: Math.max(...named.map(({ data }) => data.highestRate)),
  };
}
