// Renders the table of stored messages, without values.

import { html, type Html } from '../../../core/text/html.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { named } from '../layout.ts';
import { renderTableAlone, textColumn, numberColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { clusterLanguages } from './cluster-texts.ts';
import { exactTime } from './exact-time.ts';
import { messagesLanguages } from './messages-texts.ts';

export interface MessageRow {
  /** A partition, or a queue as broker:queue. */
  partition: string;
  offset: bigint;
  /** ISO 8601. */
  storedAt?: string;
  keys: readonly string[];
  headers: readonly (readonly [name: string, value: string])[];
  /** Absent for a tombstone. */
  valueBytes?: number;
}

/** @param linkTo returns the link to the value of a message */
export function renderMessageRows(rows: readonly MessageRow[], linkTo: (show: string) => string, view: View): Html {
  const texts = messagesLanguages[view.language];
  const { numbers } = view;
  return renderTableAlone(texts.title, rows, [
    textColumn(
      texts.storedAtIn(view.timeZone),
      ({ storedAt }) => storedAt && html`<span class="moment">${exactTime(storedAt, view)}</span>`,
    ),
    textColumn(clusterLanguages[view.language].partition, ({ partition }) => named(partition)),
    numberColumn(texts.offset, ({ offset }) => String(offset)),
    textColumn(texts.key, ({ keys }) => (keys.length === 0 ? '–' : named(keys.join(' ')))),
    textColumn(texts.headers, ({ headers }) =>
      headers.length === 0 ? '–' : named(headers.map(([name]) => name).join(', ')),
    ),
    numberColumn(texts.size, ({ valueBytes }) => ifKnown(valueBytes, numbers.bytes)),
    textColumn(
      texts.value,
      ({ partition, offset }) => html`<a href="${linkTo(`${partition}@${offset}`)}#message">${texts.showValue}</a>`,
    ),
  ]);
}
