// Renders a list of terms and values.

import { html, type Content, type Html } from '../../core/text/html.ts';

export type Fact = readonly [term: string, value: Content];

/** Omits facts without a value. */
export function renderFactList(facts: readonly Fact[]): Html {
  return html`<dl class="facts">
    ${facts.map(
      ([term, value]) =>
        value !== undefined &&
        html`<div>
          <dt>${term}</dt>
          <dd class="name">${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** Renders one fact of a list whose facts vary. */
export const renderFact = (term: string, value: Content): Html =>
  html`<div>
    <dt>${term}</dt>
    <dd>${value}</dd>
  </div>`;
