// Renders the predicted load of links and disks during replica moves, as a chart and a table.

import { html, type Content } from '../../../core/text/html.ts';
import type { RecordedOperation } from '../../../core/documents/recorded-operation.ts';
import { renderChartTools } from '../chart-tools.ts';
import { renderTable, textColumn, numberColumn } from '../tables.ts';
import { renderCanvas, type LinesData } from '../line-charts.ts';
import type { View } from '../view.ts';
import { roundedDurationText } from '../../../core/text/duration-text.ts';
import { planLanguages } from './plan-texts.ts';

const mostRows = 60;

/** @returns undefined if the plan has no load */
export function loadLines(
  { course }: RecordedOperation,
  networkLimit: number,
  { language, strings }: View,
): LinesData | undefined {
  if (course === undefined || course.points.length === 0) return undefined;
  const texts = planLanguages[language];
  const { points, stepSeconds } = course;
  return {
    charts: [
      {
        id: 'load',
        unit: 'ratio',
        x: points.map((_, index) => roundedDurationText(index * stepSeconds, language)),
        lines: [
          { label: texts.network, values: points.map(({ network }) => network) },
          ...(points.some(({ disk }) => disk !== undefined)
            ? [{ label: texts.disk, values: points.map(({ disk }) => disk) }]
            : []),
        ],
        limits: [{ label: `${strings.policyLimit}${strings.colon}${texts.network}`, value: networkLimit }],
      },
    ],
  };
}

export function renderLoad({ course, operation }: RecordedOperation, networkLimit: number, view: View): Content {
  if (operation !== 'reassignment') return undefined;
  const { strings, numbers, language } = view;
  const texts = planLanguages[language];
  if (course === undefined || course.points.length === 0) {
    return html`<section>
      <h2 id="load-heading">${texts.load}</h2>
      <p class="quiet">${texts.noLoad}</p>
    </section>`;
  }
  const every = Math.ceil(course.points.length / mostRows);
  const rows = course.points.flatMap((point, index) =>
    index % every === 0 ? [{ ...point, seconds: index * course.stepSeconds }] : [],
  );
  const ratio = (value: number | undefined) => (value === undefined ? strings.unknown : numbers.percent(value));
  return html`<section>
    <h2 id="load-heading">${texts.load}</h2>
    <figure>
      ${renderCanvas('load', texts.load)} ${renderChartTools({ chart: 'load', table: 'load-table' }, view)}
      <figcaption>${texts.loadExplained(numbers.percent(networkLimit))}</figcaption>
    </figure>
    <details class="printed">
      <summary>${strings.pages.cluster.table}</summary>
      ${renderTable(
        'load-table',
        texts.load,
        rows,
        [
          textColumn(texts.into, ({ seconds }) => roundedDurationText(seconds, language)),
          numberColumn(texts.network, ({ network }) => ratio(network)),
          numberColumn(texts.disk, ({ disk }) => ratio(disk)),
        ],
        ({ network }) => (network > networkLimit ? 'over' : ''),
      )}
    </details>
  </section>`;
}
