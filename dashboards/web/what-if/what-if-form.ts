// Renders the what-if form: one field per quantity, with a slider.

import { html, type Content, type Html } from '../../../core/text/html.ts';
import { bitRateText } from '../../../core/text/quantity-text.ts';
import type { View } from '../view.ts';
import { quantityText, sliderStops, type QuantityField } from './quantities.ts';
import { whatIfLanguages, type WhatIfTexts } from './what-if-texts.ts';

/** Maximum length of a field; no valid value is longer. */
export const longestText = 24;

export function renderWhatIfForm(
  cluster: string,
  fields: readonly QuantityField[],
  { language, link, prefix, path, chosen }: View,
): Html {
  const texts = whatIfLanguages[language];
  return html`<form class="quantities" method="get" action="${prefix}${path}" novalidate data-follow>
    <input type="hidden" name="cluster" value="${cluster}" />
    ${Object.entries(chosen).map(([name, value]) => value !== undefined && html`<input type="hidden" name="${name}" value="${value}" />`)}
    <div class="grid">${fields.map((field) => renderField(field, texts))}</div>
    <p class="tools">
      <button>${texts.carryOver}</button> <a href="${link(path, { cluster })}">${texts.allAsMeasured}</a>
    </p>
    <p class="unseen" role="status" data-answered="${texts.answered}"></p>
  </form>`;
}

function renderField(field: QuantityField, texts: WhatIfTexts): Html {
  const { name, fault, measured } = field;
  const known = measured === undefined ? texts.notRecorded : texts.measured(valueText(field, measured, texts));
  return html`<div class="quantity">
    <label for="quantity-${name}">${texts.quantities[name]}</label>
    ${name === 'acks' ? renderChoice(field, texts) : renderNumber(field, texts)}
    <p class="quiet" id="help-${name}">${known}${boundsText(field, texts)}</p>
    <p class="fault" id="fault-${name}" data-part="fault-${name}">${fault !== undefined && faultText(field, texts)}</p>
  </div>`;
}

function renderNumber(field: QuantityField, texts: WhatIfTexts): Html {
  const { name, text, measured, fault } = field;
  const slider = sliderStops(field);
  return html`<input
      id="quantity-${name}"
      name="${name}"
      value="${text}"
      inputmode="${name === 'messageBytes' || name === 'nic' ? 'text' : 'decimal'}"
      maxlength="${longestText}"
      autocomplete="off"
      placeholder="${measured !== undefined && quantityText(name, measured)}"
      aria-describedby="help-${name} fault-${name}"
      ${fault !== undefined && html`aria-invalid="true"`}
    />
    ${
      slider &&
      html`<input
        type="range"
        hidden
        id="slider-${name}"
        data-of="quantity-${name}"
        data-stops="${slider.texts.join(' ')}"
        data-measured="${slider.measuredAt}"
        min="0"
        max="${slider.texts.length - 1}"
        value="${slider.at}"
        autocomplete="off"
        aria-label="${texts.slider(texts.quantities[name])}"
        aria-valuetext="${slider.texts[slider.at]}"
      />`
    }`;
}

function renderChoice({ name, value, fault }: QuantityField, texts: WhatIfTexts): Html {
  const option = (choice: string, text: string) =>
    html`<option value="${choice}" ${choice === (value ?? '') && html`selected`}>${text}</option>`;
  return html`<select
    id="quantity-${name}"
    name="${name}"
    autocomplete="off"
    aria-describedby="help-${name} fault-${name}"
    ${fault !== undefined && html`aria-invalid="true"`}
  >
    ${option('', texts.asMeasured)} ${option('all', texts.acks.all)} ${option('leader', texts.acks.leader)}
    ${option('none', texts.acks.none)}
  </select>`;
}

function boundsText({ name, bounds }: QuantityField, texts: WhatIfTexts): Content {
  const example = texts.examples[name];
  const range =
    bounds && texts.bounds(valueText({ name }, bounds.least, texts), valueText({ name }, bounds.most, texts));
  return [range, example]
    .filter((each) => each !== undefined && each !== '')
    .map((each) => html`${texts.separator}${each}`);
}

export function valueText({ name }: Pick<QuantityField, 'name'>, value: number | string, texts: WhatIfTexts): string {
  if (name === 'acks' && (value === 'all' || value === 'leader' || value === 'none')) return texts.acks[value];
  if (name === 'nic' && typeof value === 'number') return bitRateText(value);
  return quantityText(name, value).replace(/(?=[A-Z])/, ' ');
}

function faultText({ name, text, fault, bounds }: QuantityField, texts: WhatIfTexts): Content {
  if (fault === undefined) return undefined;
  const facts = {
    text,
    least: bounds ? valueText({ name }, bounds.least, texts) : '',
    most: bounds ? valueText({ name }, bounds.most, texts) : '',
  };
  return html`<bdi>${texts.faults[fault](facts)}</bdi>`;
}
