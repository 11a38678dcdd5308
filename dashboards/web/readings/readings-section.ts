// Renders charts of recorded readings with their tables; all of them share one time range.

import { html, jsonBlock, type Content, type Html } from '../../../core/text/html.ts';
import { readingsLevels } from '../../../core/readings-range.ts';
import { renderChartTools } from '../chart-tools.ts';
import { renderEntryRows } from '../entries/entry-rows.ts';
import { scrollable } from '../layout.ts';
import { renderTableAlone } from '../tables.ts';
import type { View } from '../view.ts';
import { renderRangePicker } from './range-picker.ts';
import type { ReadingsChart, ReadingsContent, ReadingsLine, ReadingsUnit, SlotValues } from './readings-view.ts';
import { readingsLanguages } from './readings-texts.ts';
import { renderTrend } from './trend.ts';

/** Longer tables are not read; each row is of several slots. Of the small charts there are many. */
const [rowsOfFirst, rowsOfSmall] = [48, 12];

/** Between marked times of the axis: six an hour, one an hour, one in four hours. */
const tickMs = { '1h': 600_000, '6h': 3_600_000, '24h': 14_400_000 };

export interface ReadingsSection {
  section: Html;
  /** Assets that draw it. */
  scripts: readonly string[];
}

/** @param heading of the section and of its first chart */
export function renderReadings(content: ReadingsContent, heading: string, view: View): ReadingsSection {
  const { charts, range } = content;
  const texts = readingsLanguages[view.language];
  const [first, ...small] = charts;
  const isEmpty = charts.every(({ lines }) => lines.length === 0);
  return {
    section: html`<section>
      <h2 id="readings">${heading}</h2>
      ${renderRangePicker(range, 'readings', view)}
      <p class="quiet" data-live="readings-state">${isEmpty ? texts.none : stateText(content, view)}</p>
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
      <div hidden data-live="readings-data">${jsonBlock('lines-data', chartData(content, view))}</div>
    </section>`,
    scripts: ['chart.js', 'lines.js'],
  };
}

/** Before the first reading a chart is empty, which is no outage. */
function stateText({ range, nowMs, recordedSince }: ReadingsContent, { language, numbers }: View): string {
  const texts = readingsLanguages[language];
  const isYounger = recordedSince !== undefined && Date.parse(recordedSince) > firstSlotMs(range, nowMs);
  return [
    ...(isYounger ? [texts.since(numbers.moment(recordedSince))] : []),
    texts.gaps,
    ...(range === '1h' ? [] : [texts.shaded]),
  ].join(' ');
}

function renderChart(chart: ReadingsChart, title: string, content: ReadingsContent, view: View): Html {
  const { of, lines, notDrawn } = chart;
  const texts = readingsLanguages[view.language];
  const id = `readings-${of}`;
  return html`<figure>
      <div class="canvas" hidden><canvas id="${id}" role="img" aria-label="${title}"></canvas></div>
      <div class="trends" data-instead="${id}">
        ${lines.slice(0, 1).map((line) => renderTrend(line.mean, chart.limits[0]?.value, `${title}: ${labelOf(line, chart, view)}`))}
      </div>
      ${renderChartTools({ chart: id, table: `${id}-table` }, view)}
      ${notDrawn > 0 && html`<figcaption class="quiet">${texts.notDrawn(view.numbers.plain(notDrawn))}</figcaption>`}
    </figure>
    <details class="printed">
      <summary id="${id}-table">${texts.table}</summary>
      <div data-live="${id}">${renderRows(chart, title, content, view)}</div>
    </details>`;
}

/** What is not drawn as a line: each entry of the history is a mark in the first chart, and a row. */
function renderMarks({ marks }: ReadingsContent, view: View): Content {
  if (marks.length === 0) return undefined;
  const title = readingsLanguages[view.language].marks;
  return html`<details class="printed">
    <summary>${title} (${view.numbers.plain(marks.length)})</summary>
    ${scrollable(title, renderEntryRows(marks.toReversed(), view))}
  </details>`;
}

function labelOf({ label }: ReadingsLine, { of }: Pick<ReadingsChart, 'of'>, { language }: View): string {
  const texts = readingsLanguages[language];
  return label === 'subject' ? texts.subjects[of] : 'name' in label ? label.name : texts.counted[label.counted];
}

function renderRows(chart: ReadingsChart, title: string, { charts, range, nowMs }: ReadingsContent, view: View): Html {
  const { strings, numbers } = view;
  const texts = readingsLanguages[view.language];
  const { slotMs, slots } = readingsLevels[range];
  const each = Math.ceil(slots / (chart === charts[0] ? rowsOfFirst : rowsOfSmall));
  const firstMs = firstSlotMs(range, nowMs);
  const rows = Array.from({ length: Math.ceil(slots / each) }, (_, index) => index * each).toReversed();
  const format = formatOf(chart.unit, view);
  const column = (label: string, valueOf: (from: number) => number | undefined) => ({
    title: label,
    cell: (from: number) => {
      const value = valueOf(from);
      return value === undefined ? html`<span class="quiet">${strings.unknown}</span>` : format(value);
    },
    value: valueOf,
  });
  return renderTableAlone<number>(
    title,
    rows,
    [
      {
        title: texts.at,
        text: true,
        cell: (from) => numbers.moment(new Date(firstMs + from * slotMs).toISOString()),
        value: (from) => new Date(firstMs + from * slotMs).toISOString(),
      },
      ...chart.lines.flatMap((line) => {
        const { mean, max } = line;
        const label = labelOf(line, chart, view);
        return [
          column(label, (from) => meanOf(mean.slice(from, from + each))),
          ...(max === undefined
            ? []
            : [column(texts.highest(label), (from) => highestOf(max.slice(from, from + each)))]),
        ];
      }),
    ],
    () => '',
  );
}

/** A chart shows no more. */
const rounded = (value: number) => Number(value.toPrecision(3));

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

const firstSlotMs = (range: ReadingsContent['range'], nowMs: number): number => {
  const { slotMs, slots } = readingsLevels[range];
  return (Math.floor(nowMs / slotMs) - slots + 1) * slotMs;
};

/** What assets/lines.js draws: the small charts have half as many points. */
function chartData(content: ReadingsContent, view: View): object {
  const { charts, range, nowMs, marks } = content;
  const { strings, language } = view;
  const texts = readingsLanguages[language];
  const { slotMs } = readingsLevels[range];
  const firstMs = firstSlotMs(range, nowMs);
  const limitTexts = { safe: strings.safeMax, saturation: strings.saturation, policy: texts.policy };
  return {
    language,
    times: [timesOf(content, 1, view), timesOf(content, slotsOfSmall, view)],
    charts: charts.map((chart, index) => ({
      id: `readings-${chart.of}`,
      times: index === 0 ? 0 : 1,
      unit: chart.unit,
      ...(chart.unit === 'rate' && { axis: strings.perSecond }),
      lines: chart.lines.flatMap((line) =>
        linesOf(line, {
          label: labelOf(line, chart, view),
          highest: texts.highest,
          each: index === 0 ? 1 : slotsOfSmall,
        }),
      ),
      limits: chart.limits.map(({ of: limit, value }) => ({ label: limitTexts[limit], value, role: limit })),
      ...(index === 0 && {
        marks: marks.map(({ at, kind }) => ({
          index: (Date.parse(at) - firstMs) / slotMs,
          label: strings.pages.entries.kinds[kind],
        })),
      }),
    })),
  };
}

const slotsOfSmall = 2;

/** Names of the points, and which of them the axis shows. */
function timesOf({ range, nowMs }: ReadingsContent, each: number, { numbers, language }: View) {
  const { slotMs, slots } = readingsLevels[range];
  const firstMs = firstSlotMs(range, nowMs);
  const count = slots / each;
  const points = Array.from({ length: count }, (_, point) => firstMs + point * each * slotMs);
  const pastMark = (atMs: number) => atMs % tickMs[range];
  const isMarked = (atMs: number) => pastMark(atMs) < each * slotMs;
  const x = points.map((atMs) => numbers.time(new Date(atMs - (isMarked(atMs) ? pastMark(atMs) : 0)).toISOString()));
  // A label near the right end would lie below `now`.
  const ticks = points.flatMap((atMs, point) => (isMarked(atMs) && point < 0.95 * count ? [point] : []));
  return { x: [...x.slice(0, -1), readingsLanguages[language].now], ticks: [...ticks, count - 1] };
}

function linesOf(
  { mean, max }: ReadingsLine,
  { label, highest, each }: { label: string; highest: (line: string) => string; each: number },
): object[] {
  const thinned = (all: SlotValues, of: typeof meanOf) =>
    Array.from({ length: all.length / each }, (_, point) => of(all.slice(point * each, (point + 1) * each)) ?? null);
  return [
    { label, values: thinned(mean, meanOf) },
    ...(max === undefined ? [] : [{ label: highest(label), values: thinned(max, highestOf), isPeak: true }]),
  ];
}

function meanOf(values: SlotValues): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : rounded(known.reduce((sum, value) => sum + value, 0) / known.length);
}

function highestOf(values: SlotValues): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : rounded(Math.max(...known));
}
