// Renders a recorded forecast as a chart with its band and a table.

import { html, type Html } from '../../../core/text/html.ts';
import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import { renderChartTools } from '../chart-tools.ts';
import { forecastChart, linesBlock, renderCanvas } from '../line-charts.ts';
import { renderTable } from '../tables.ts';
import type { View } from '../view.ts';

type Forecast = Extract<HistoryEntry, { kind: 'forecast' }>['document'];

/** Hours: four days. */
const mostPoints = 96;

export function renderForecast(forecast: Forecast, view: View): { body: Html; scripts: readonly string[] } {
  const { strings, numbers } = view;
  const texts = strings.pages.cluster;
  const rate = (value: number | undefined) => (value === undefined ? '–' : numbers.rate(value));
  const points = forecast.points.slice(0, mostPoints);
  const columns: Parameters<typeof renderTable<(typeof points)[number]>>[3] = [
    { title: texts.at, text: true, cell: ({ at }) => numbers.moment(at), value: ({ at }) => at },
    { title: strings.rateAxis, cell: ({ tps }) => rate(tps), value: ({ tps }) => tps },
    { title: texts.low, cell: ({ low }) => rate(low), value: ({ low }) => low },
    { title: texts.high, cell: ({ high }) => rate(high), value: ({ high }) => high },
  ];
  return {
    body: html`<h2>${texts.forecast}</h2>
      <figure>
        ${renderCanvas('course', texts.forecast)} ${renderChartTools({ chart: 'course', table: 'course-table' }, view)}
      </figure>
      <details>
        <summary>${texts.table}</summary>
        ${renderTable('course-table', texts.forecast, points, columns)}
      </details>
      ${linesBlock('course-data', { charts: [forecastChart(points, [], view)] })}`,
    scripts: ['chart.js', 'lines.js'],
  };
}
