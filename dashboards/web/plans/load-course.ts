// Renders the predicted load of links and disks during replica moves, as a chart and a table.

import { html, type Content } from '../../../core/text/html.ts';
import type { RecordedOperation } from '../../../core/documents/recorded-operation.ts';
import { renderChartTools } from '../chart-tools.ts';
import { renderTable } from '../tables.ts';
import type { View } from '../view.ts';
import { roundedDurationText } from '../../../core/text/duration-text.ts';
import { planLanguages } from './plan-texts.ts';

const mostRows = 60;

/** What assets/lines.js draws. @returns nothing where the plan has no load */
export function loadOf({ course }: RecordedOperation, networkLimit: number, { language }: View): object | undefined {
  if (course === undefined || course.points.length === 0) return undefined;
  const words = planLanguages[language];
  const { points, stepSeconds } = course;
  return {
    language,
    charts: [
      {
        id: 'load',
        unit: 'ratio',
        x: points.map((_, index) => roundedDurationText(index * stepSeconds, language)),
        title: words.load,
        lines: [
          { label: words.network, values: points.map(({ network }) => network) },
          ...(points.some(({ disk }) => disk !== undefined)
            ? [{ label: words.disk, values: points.map(({ disk }) => disk) }]
            : []),
        ],
        limits: [{ label: `${words.limit}: ${words.network}`, value: networkLimit }],
      },
    ],
  };
}

export function renderLoad({ course, operation }: RecordedOperation, networkLimit: number, view: View): Content {
  if (operation !== 'reassignment') return undefined;
  const { strings, numbers, language } = view;
  const words = planLanguages[language];
  if (course === undefined || course.points.length === 0) {
    return html`<section>
      <h2 id="load-heading">${words.load}</h2>
      <p class="quiet">${words.noLoad}</p>
    </section>`;
  }
  const every = Math.ceil(course.points.length / mostRows);
  const rows = course.points.flatMap((point, index) =>
    index % every === 0 ? [{ ...point, seconds: index * course.stepSeconds }] : [],
  );
  const ratio = (value: number | undefined) => (value === undefined ? strings.unknown : numbers.percent(value));
  return html`<section>
    <h2 id="load-heading">${words.load}</h2>
    <figure>
      <div class="canvas" hidden>
        <canvas id="load" role="img" aria-label="${words.load}"></canvas>
      </div>
      ${renderChartTools({ chart: 'load', table: 'load-table' }, view)}
      <figcaption>${words.loadExplained(numbers.percent(networkLimit))}</figcaption>
    </figure>
    <details class="printed">
      <summary>${words.table}</summary>
      ${renderTable(
        'load-table',
        words.load,
        rows,
        [
          { title: words.into, text: true, cell: ({ seconds }) => roundedDurationText(seconds, language) },
          { title: words.network, cell: ({ network }) => ratio(network) },
          { title: words.disk, cell: ({ disk }) => ratio(disk) },
        ],
        ({ network }) => (network > networkLimit ? 'over' : ''),
      )}
    </details>
  </section>`;
}
