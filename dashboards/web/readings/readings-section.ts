// Renders charts of recorded readings with their tables; all share one time range.

import { html, type Content, type Html } from '../../../core/text/html.ts';
import { spanText } from '../../../core/text/duration-text.ts';
import { punctuation } from '../../../core/text/punctuation.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { renderReason } from '../broker-reason.ts';
import { renderChartTools } from '../chart-tools.ts';
import { alertSubject } from '../cluster/attention.ts';
import { clusterPlace } from '../cluster-switch.ts';
import { renderEntries } from '../entries/entry-page.ts';
import { named } from '../layout.ts';
import { linesBlock, renderCanvas, type DrawnSection } from '../line-charts.ts';
import { renderTableAlone, textColumn, briefColumn, figureColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { renderRangePicker } from './range-picker.ts';
import {
  alertSummary,
  slotsOf,
  type AlertMark,
  type ReadingsChart,
  type ReadingsContent,
  type ReadingsUnit,
  severityText,
} from './readings-view.ts';
import { chartData, highestOf, labelOf, meanOf } from './readings-data.ts';
import { readingsLanguages } from './readings-texts.ts';
import { renderTrend } from './trend.ts';

/** Longer tables are not read, so each row combines several slots. Small charts have fewer rows, because there are many. */
const [rowsOfFirst, rowsOfSmall] = [60, 12];

/** @param heading of the section and of its first chart */
export function renderReadings(content: ReadingsContent, heading: string, view: View): DrawnSection {
  const { charts } = content;
  const texts = readingsLanguages[view.language];
  const [first, ...small] = charts;
  const isEmpty = charts.every(({ lines }) => lines.length === 0);
  return {
    section: html`<section>
      <h2 id="readings">${heading}</h2>
      ${renderRangePicker(content, 'readings', view)}
      <p class="quiet" data-live="readings-state">
        ${content.failure === undefined ? (isEmpty ? emptyText(content, view) : stateText(content, view)) : html`${texts.sourceFailed} ${renderReason(content.failure, view)}`}
      </p>
      ${first !== undefined && renderChart(first, heading, content, view)}
      <div class="small-charts">
        ${small.map(
          (chart) =>
            html`<section>
              <h3>${texts.subjects[chart.of]}</h3>
              ${renderChart(chart, texts.subjects[chart.of], content, view)}
            </section>`,
        )}
      </div>
      <div data-live="readings-marks">${renderMarks(content, view)}</div>
      <div hidden data-live="readings-data">${linesBlock('lines-data', chartData(content, view))}</div>
    </section>`,
    scripts: ['chart.js', 'lines.js'],
  };
}

const isPast = ({ level }: ReadingsContent) => level !== undefined;

const emptyText = (content: ReadingsContent, { language }: View): string =>
  readingsLanguages[language][isPast(content) ? 'noneInSource' : 'none'];

/** Explains gaps: before the first reading a chart is empty, which does not mean an outage. */
function stateText(content: ReadingsContent, { language, numbers }: View): string {
  const texts = readingsLanguages[language];
  const { space } = punctuation[language];
  const { slotMs, firstMs } = slotsOf(content);
  if (isPast(content)) return `${texts.fromSource(spanText(slotMs / 1000, language))}${space}${texts.gaps}`;
  const { range, recordedSince } = content;
  const isYounger = recordedSince !== undefined && Date.parse(recordedSince) > firstMs;
  return [
    ...(isYounger ? [texts.since(numbers.moment(recordedSince))] : []),
    texts.gaps,
    ...(range === '1h' ? [] : [texts.shaded]),
  ].join(space);
}

function renderChart(chart: ReadingsChart, title: string, content: ReadingsContent, view: View): Html {
  const { of, lines, notDrawn } = chart;
  const texts = readingsLanguages[view.language];
  const id = `readings-${of}`;
  return html`<figure>
      ${renderCanvas(id, title)}
      <div class="trends" data-instead="${id}">
        ${lines.slice(0, 1).map((line) => renderTrend({ values: line.mean, limit: chart.limits[0]?.value, label: `${title}: ${labelOf(line, chart, view)}`, format: formatOf(chart.unit, view) }))}
      </div>
      ${notDrawn > 0 && html`<figcaption class="quiet">${texts.notDrawn(view.numbers.plain(notDrawn))}</figcaption>`}
      ${of === 'heap' && html`<figcaption class="quiet">${texts.heapExplained}</figcaption>`}
      ${renderChartTools({ chart: id, table: `${id}-table`, ...(chart === content.charts[0] && content.queries && { queries: content.queries }) }, view)}
    </figure>
    <details class="printed">
      <summary id="${id}-table">${texts.table}</summary>
      <div data-live="${id}">${renderRows(chart, title, content, view)}</div>
    </details>`;
}

/** Renders events as tables; each is also a mark in every chart. */
function renderMarks({ marks, alerts, mostAlerts }: ReadingsContent, view: View): Content {
  const { marks: title, alerts: alertsTitle, alertsCut } = readingsLanguages[view.language];
  const { plain } = view.numbers;
  const { aside } = view.strings;
  return html`${mostAlerts !== undefined && html`<p class="quiet">${alertsCut(plain(mostAlerts))}</p>`}
  ${
    alerts.length > 0 &&
    html`<details class="printed">
      <summary>${alertsTitle}${aside(plain(alerts.length))}</summary>
      ${renderAlerts(alerts, alertsTitle, view)}
    </details>`
  }
  ${
    marks.length > 0 &&
    html`<details class="printed">
      <summary>${title}${aside(plain(marks.length))}</summary>
      ${renderEntries(title, marks.toReversed(), view)}
    </details>`
  }`;
}

function renderAlerts(alerts: readonly AlertMark[], title: string, view: View): Html {
  const { numbers, language } = view;
  const texts = readingsLanguages[language];
  const { cluster = '' } = clusterPlace(view) ?? {};
  return renderTableAlone(title, alerts.toReversed(), [
    textColumn(texts.alert, ({ name }) => named(name)),
    textColumn(texts.firedAt, ({ startMs }) => numbers.moment(startMs)),
    textColumn(texts.resolvedAt, ({ endMs }) =>
      endMs === undefined ? html`<strong class="bad">▲ ${texts.firing}</strong>` : numbers.moment(endMs),
    ),
    briefColumn(texts.severity, ({ severity }) => ifKnown(severity, (known) => severityText(known, view.strings))),
    textColumn(texts.alertSubject, (alert) => alertSubject(cluster, alert, view) ?? view.strings.cluster),
    textColumn(texts.summary, (alert) => html`<bdi>${alertSummary(alert, language) ?? '–'}</bdi>`),
  ]);
}

function renderRows(chart: ReadingsChart, title: string, content: ReadingsContent, view: View): Html {
  const { strings, numbers } = view;
  const texts = readingsLanguages[view.language];
  const { slotMs, slots, firstMs } = slotsOf(content);
  const least = Math.ceil(slots / (chart === content.charts[0] ? rowsOfFirst : rowsOfSmall));
  // Whole minutes, because times are shown without seconds.
  const unit = Math.max(1, 60_000 / slotMs);
  const each = Math.ceil(least / unit) * unit;
  const rows = Array.from({ length: Math.ceil(slots / each) }, (_, index) => index * each).toReversed();
  const format = formatOf(chart.unit, view);
  const unknown = html`<span class="quiet">${strings.unknown}</span>`;
  const column = (label: string, valueOf: (from: number) => number | undefined, firstSlot = 0) => ({
    ...figureColumn(label, valueOf, format),
    // Before its first reading, a new topic did not exist.
    cell: (from: number) => ifKnown(valueOf(from), format) ?? (from + each <= firstSlot ? undefined : unknown),
  });
  return renderTableAlone<number>(title, rows, [
    {
      title: texts.at,
      text: true,
      cell: (from) => numbers.moment(firstMs + from * slotMs),
      value: (from) => new Date(firstMs + from * slotMs).toISOString(),
    },
    ...chart.lines.flatMap((line) => {
      const { mean, max } = line;
      const label = labelOf(line, chart, view);
      const isNew = typeof line.label === 'object' && line.label.isNew === true;
      const firstSlot = isNew ? mean.findIndex((value) => value !== undefined) : 0;
      return [
        column(label, (from) => meanOf(mean.slice(from, from + each)), firstSlot),
        ...(max === undefined
          ? []
          : [column(texts.highest(label), (from) => highestOf(max.slice(from, from + each)), firstSlot)]),
      ];
    }),
  ]);
}

function formatOf(unit: ReadingsUnit, { numbers }: View): (value: number) => string {
  const formats: Readonly<Record<ReadingsUnit, (value: number) => string>> = {
    rate: numbers.rate,
    ratio: numbers.percent,
    bytesPerSecond: (value) => `${numbers.bytes(value)}/s`,
    seconds: numbers.seconds,
    count: numbers.plain,
  };
  return formats[unit];
}
