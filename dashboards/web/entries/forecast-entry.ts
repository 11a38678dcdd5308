// Renders a recorded forecast as a chart with its band and a table.

import { html, jsonBlock, type Html } from '../../../core/text/html.ts';
import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import { renderChartTools } from '../chart-tools.ts';
import type { CourseData } from '../cluster/load-course.ts';
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
  const data: CourseData = {
    id: 'course',
    language: view.language,
    axis: strings.rateAxis,
    lines: [{ key: 'tps', label: texts.forecast }],
    band: texts.band,
    points: points.map(({ at, tps, low, high }) => ({ label: numbers.moment(at), tps, low, high })),
  };
  const columns: Parameters<typeof renderTable<(typeof points)[number]>>[3] = [
    { title: texts.at, text: true, cell: ({ at }) => numbers.moment(at), value: ({ at }) => at },
    { title: strings.rateAxis, cell: ({ tps }) => rate(tps), value: ({ tps }) => tps },
    { title: texts.low, cell: ({ low }) => rate(low), value: ({ low }) => low },
    { title: texts.high, cell: ({ high }) => rate(high), value: ({ high }) => high },
  ];
  return {
    body: html`<h2>${texts.forecast}</h2>
      <figure>
        <div class="canvas" hidden>
          <canvas id="course" role="img" aria-label="${texts.forecast}"></canvas>
        </div>
        ${renderChartTools({ chart: 'course', table: 'course-table' }, view)}
      </figure>
      <details>
        <summary>${texts.table}</summary>
        ${renderTable('course-table', texts.forecast, points, columns, () => '')}
      </details>
      ${jsonBlock('course-data', data)}`,
    scripts: ['chart.js', 'chart-annotation.js', 'course.js'],
  };
}
