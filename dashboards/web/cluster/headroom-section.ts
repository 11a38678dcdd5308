// Renders the cost of a cluster's reserves, which brokers can be removed, and the cost of the next 10%.

import type { HeadroomPrice } from '../../../core/documents/headroom-price.ts';
import { headroomLanguages, headroomLines } from '../../../core/text/headroom-text.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { prose } from '../layout.ts';
import { renderTableAlone, textColumn, numberColumn } from '../tables.ts';
import type { View } from '../view.ts';

export function renderHeadroom(headroom: HeadroomPrice, view: View): Content {
  const texts = headroomLanguages[view.language];
  return html`<h3 id="headroom">${texts.title}</h3>
    ${headroomLines(headroom, view.language, (at) => view.numbers.moment(at)).map((line) => html`<p>${prose(line)}</p>`)}
    ${headroom.reserves.kind === 'known' && renderReserves(headroom.reserves, headroom.price, view)}`;
}

function renderReserves(
  { baseCost, entries }: Extract<HeadroomPrice['reserves'], { kind: 'known' }>,
  price: HeadroomPrice['price'],
  { language, numbers }: View,
): Content {
  const texts = headroomLanguages[language];
  const rows = [
    { name: texts.base, cost: baseCost },
    ...entries.map(({ reserve, factor, cost }) => ({ name: texts.reserves[reserve], factor, cost })),
  ];
  return renderTableAlone(texts.title, rows, [
    textColumn(texts.reserve, ({ name }) => name.charAt(0).toUpperCase() + name.slice(1)),
    numberColumn(texts.factor, (row) => ('factor' in row ? row.factor.toFixed(2) : undefined)),
    price !== undefined && numberColumn(texts.perMonth(price.currency), ({ cost }) => ifKnown(cost, numbers.plain)),
  ]);
}
