// Renders the grades of earlier predictions: actual over predicted with intervals, as a chart and a table.

import { html, type Content, type Html } from '../../core/text/html.ts';
import { ifKnown } from '../../core/text/quantity-text.ts';
import type { Grade } from '../../core/documents/history-entry.ts';
import { renderChartTools } from './chart-tools.ts';
import { biasOf, meanBias } from '../../core/trust.ts';
import { eventLanguages } from './event-texts.ts';
import { renderTable, textColumn, numberColumn } from './tables.ts';
import type { View } from './view.ts';

/** @returns the predicted quantity, and the event that tested it */
export function gradedText({ event, what }: Grade, { strings, language }: Pick<View, 'strings' | 'language'>): string {
  const texts = eventLanguages[language].calibration;
  const name = strings.pages.entries.events[event];
  return what === undefined || event === 'forecast-end' ? name : texts.graded(name, texts.of[what]);
}

/** Larger values are drawn at the edge, so that one outlier does not compress the others. */
const most = 2;
const rowHeight = 22;

/** @param grades newest first. @returns undefined if nothing was graded */
export function renderCalibration(grades: readonly Grade[], view: View): Content {
  const drawn = grades.filter(({ predicted }) => predicted.value > 0);
  if (drawn.length === 0) return undefined;
  const { strings, numbers, language } = view;
  const { calibration: texts, trust: title } = eventLanguages[language];
  const bias = meanBias(drawn.map(biasOf));
  const range = ({ value, low, high }: Grade['predicted']) =>
    low === undefined && high === undefined
      ? numbers.rate(value)
      : numbers.rate(value) +
        strings.aside(`${ifKnown(low, numbers.rate) ?? '…'}–${ifKnown(high, numbers.rate) ?? '…'}`);
  return html`${renderTable('calibration', title, drawn, [
      textColumn(texts.when, ({ startedAt }) => numbers.moment(startedAt)),
      textColumn(texts.event, (grade) => gradedText(grade, view)),
      numberColumn(texts.predicted, ({ predicted }) => range(predicted)),
      numberColumn(texts.actual, ({ actual }) => numbers.rate(actual)),
      textColumn(texts.held, ({ held }) => (held ? texts.yes : texts.no)),
    ])}
    <figure class="calibration">
      <svg
        id="calibration-chart"
        role="img"
        aria-label="${texts.explained}"
        width="100%"
        height="${rowHeight * (drawn.length + 1)}"
      >
        <line class="axis" x1="${at(1)}" x2="${at(1)}" y1="0" y2="${rowHeight * drawn.length}" />
        ${drawn.map((grade, index) => renderRow(grade, rowHeight * index + rowHeight / 2))}
        ${[0, 0.5, 1, 1.5, 2].map(
          (ratio) =>
            html`<text x="${at(ratio)}" y="${rowHeight * (drawn.length + 1) - 6}" text-anchor="${anchor(ratio)}">
              ${numbers.percent(ratio)}
            </text>`,
        )}
      </svg>
      <figcaption>
        ${texts.explained} ${bias !== undefined && texts.bias(numbers.percent(Math.abs(bias)), bias >= 0)}
      </figcaption>
      ${renderChartTools({ chart: 'calibration-chart', table: 'calibration' }, view)}
    </figure>`;
}

const at = (ratio: number): string => `${(1 + (97 * Math.min(most, Math.max(0, ratio))) / most).toFixed(2)}%`;
const anchor = (ratio: number): string => (ratio === 0 ? 'start' : ratio === most ? 'end' : 'middle');

/** Renders a row; of an interval with one bound, the bar extends to the edge. */
function renderRow({ predicted: { value, low, high }, actual, held }: Grade, y: number): Html {
  const [from, to] = [(low ?? 0) / value, high === undefined ? most : high / value];
  const width = `${((97 * (Math.min(most, to) - Math.min(most, from))) / most).toFixed(2)}%`;
  const hasInterval = low !== undefined || high !== undefined;
  return html`${
    hasInterval && html`<rect class="span" x="${at(from)}" y="${y - 4}" width="${width}" height="8" rx="2" />`
  }
  ${
    held
      ? html`<circle class="dot sustained" cx="${at(actual / value)}" cy="${y}" r="5" />`
      : html`<svg x="${at(actual / value)}" y="${y}" overflow="visible">
          <path class="cross" d="M-5 -5l10 10m0 -10l-10 10" />
        </svg>`
  }`;
}
