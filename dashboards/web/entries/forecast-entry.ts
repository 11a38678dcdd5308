// Renders a recorded forecast as a chart with its band and a table.

import { html, type Html } from '../../../core/text/html.ts';
import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import { renderChartTools } from '../chart-tools.ts';
import { forecastChart, forecastColumns, linesBlock, renderCanvas } from '../line-charts.ts';
import { renderTable } from '../tables.ts';
import type { View } from '../view.ts';

type Forecast = Extract<HistoryEntry, { kind: 'forecast' }>['document'];

/** Hours: four days. */
const mostPoints = 96;

export function renderForecast(forecast: Forecast, view: View): { body: Html; scripts: readonly string[] } {
  const texts = view.strings.pages.cluster;
  const points = forecast.points.slice(0, mostPoints);
  return {
    body: html`<h2>${texts.forecast}</h2>
      <figure>
        ${renderCanvas('course', texts.forecast)} ${renderChartTools({ chart: 'course', table: 'course-table' }, view)}
      </figure>
      <details>
        <summary>${texts.table}</summary>
        ${renderTable('course-table', texts.forecast, points, forecastColumns(view))}
      </details>
      ${linesBlock('course-data', { charts: [forecastChart(points, [], view)] })}`,
    scripts: ['chart.js', 'lines.js'],
  };
}
