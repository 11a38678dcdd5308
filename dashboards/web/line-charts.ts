// Defines the line charts that assets/lines.js draws, and renders that of a forecast.

import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import { safeTpsOf } from '../../core/documents/safe-tps.ts';
import { html, jsonBlock, type Html } from '../../core/text/html.ts';
import type { RecordedForecast } from '../../core/documents/history-entry.ts';
import { renderChartTools, type SourceQuery } from './chart-tools.ts';
import { figureColumn, renderTable, type Column } from './tables.ts';
import type { View } from './view.ts';

type Values = readonly (number | null | undefined)[];

export interface DrawnLine {
  /** If empty, the line is not in the legend or the tooltip. */
  label: string;
  values: Values;
  /** Fills the area up to a peak of the previous line, or between the lines `low` and `high`; absent for a line. */
  role?: 'peak' | 'low' | 'high';
}

interface DrawnLimit {
  label: string;
  value: number;
  /** Upper bound of its interval. */
  high?: number;
  role?: 'safe' | 'saturation' | 'policy';
}

/** An event; positions are point indexes and may be fractional. */
export interface DrawnMark {
  index: number;
  /** Empty if there is no room for a name. */
  label: string;
  /** End of an alert: when it was resolved, or now. */
  until?: number;
}

export interface LineChart {
  /** Id of the canvas. */
  id: string;
  unit: 'rate' | 'ratio' | 'bytes' | 'bytesPerSecond' | 'seconds' | 'count';
  axis?: string;
  /** Names of the points; or `times`, the index of shared points for several charts of a block. */
  x?: readonly string[];
  times?: number;
  lines: readonly DrawnLine[];
  limits?: readonly DrawnLimit[];
  marks?: readonly DrawnMark[];
  /** Stacked areas. */
  isStacked?: boolean;
  /** The axis starts near the lowest value instead of at 0. */
  isFitted?: boolean;
}

/** Points and axis labels shared by several charts. */
export interface SharedTimes {
  x: readonly string[];
  /** Points whose names the axis shows; the last is now. */
  ticks: readonly number[];
  /** Number of last points whose values are current; the legend dates older ones. Absent for a range of the past. */
  current?: number;
}

export interface LinesData {
  times?: readonly SharedTimes[];
  charts: readonly LineChart[];
}

/** A section of a page with a chart. */
export interface DrawnSection {
  section: Html;
  /** Scripts that draw the chart; empty without a curve. */
  scripts: readonly string[];
}

/** @param id one of the ids that assets/lines.js reads */
export const linesBlock = (id: 'lines-data' | 'course-data' | 'day-data', data: LinesData): Html => jsonBlock(id, data);

/** @param id of the canvas, which is hidden until it is drawn */
export const renderCanvas = (id: string, title: string): Html =>
  html`<div class="canvas" hidden><canvas id="${id}" role="img" aria-label="${title}"></canvas></div>`;

interface DrawnForecast {
  points: RecordedForecast['points'];
  limits?: readonly DrawnLimit[];
  queries?: readonly SourceQuery[];
}

/** Limit, because more points make no visible difference. */
const mostPoints = 200;

/** Renders a forecast as a chart with its band, and as a table of the same points. */
export function renderForecast(
  title: string,
  { points: all, limits = [], queries = [] }: DrawnForecast,
  view: View,
): DrawnSection {
  const { strings, numbers } = view;
  const texts = strings.pages.cluster;
  const every = Math.max(1, Math.ceil(all.length / mostPoints));
  const points = all.filter((_, index) => index % every === 0);
  const chart: LineChart = {
    id: 'course',
    unit: 'rate',
    axis: `${texts.forecast}${strings.inPerSecond}`,
    x: points.map(({ at }) => numbers.dayTime(at)),
    lines: [
      { label: texts.forecast, values: points.map(({ tps }) => tps) },
      { label: '', values: points.map(({ low }) => low), role: 'low' },
      { label: texts.band, values: points.map(({ high }) => high), role: 'high' },
    ],
    limits,
  };
  const columns: Column<RecordedForecast['points'][number]>[] = [
    { title: texts.at, text: true, cell: ({ at }) => numbers.moment(at), value: ({ at }) => at },
    figureColumn(chart.axis ?? '', ({ tps }) => tps, numbers.rate),
    figureColumn(texts.low, ({ low }) => low, numbers.rate),
    figureColumn(texts.high, ({ high }) => high, numbers.rate),
  ];
  return {
    section: html`<figure data-key="chart">
        ${renderCanvas('course', title)} ${renderChartTools({ chart: 'course', table: 'course-table', queries }, view)}
      </figure>
      <details data-key="table">
        <summary>${texts.table}</summary>
        ${renderTable('course-table', texts.forecast, points, columns)}
      </details>
      ${linesBlock('course-data', { charts: [chart] })}`,
    scripts: ['chart.js', 'lines.js'],
  };
}

/** @returns no limit if the safe maximum is unknown */
export function safeLimit(safe: ClusterStatus['safeMaxTps'], label: string): DrawnLimit[] {
  const value = safe && safeTpsOf(safe);
  if (safe === undefined || value === undefined) return [];
  const high = 'interval' in safe ? safe.interval.high : undefined;
  return [{ label, value, role: 'safe', ...(high !== undefined && { high }) }];
}
