// Parses the time range of recorded readings from the address, and renders the links that choose it.

import { html, type Html } from '../../../core/text/html.ts';
import { readingsRanges, type ReadingsRange } from '../../../core/readings-range.ts';
import type { View } from '../view.ts';
import { readingsLanguages } from './readings-texts.ts';

/** @returns undefined for none, and for an unknown one, so that old links still work */
export function readRange(query: URLSearchParams): ReadingsRange | undefined {
  return readingsRanges.find((range) => range === query.get('range'));
}

/** @param anchor of the charts, so that a choice does not lead away from them */
export function renderRangePicker(chosen: ReadingsRange, anchor: string, { language, here }: View): Html {
  const texts = readingsLanguages[language];
  return html`<nav class="ways" aria-label="${texts.range}">
    ${readingsRanges.map(
      (range) =>
        html`<a href="${here({ range })}#${anchor}" ${range === chosen && html`aria-current="true"`}
          >${texts.ranges[range]}</a
        > `,
    )}
  </nav>`;
}
