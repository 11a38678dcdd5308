// Renders the table of stored messages, without values.

import { html, type Html } from '../../../core/text/html.ts';
import { named } from '../layout.ts';
import { renderTableAlone } from '../tables.ts';
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

/** @param linkTo the value of a message */
export function renderMessageRows(rows: readonly MessageRow[], linkTo: (show: string) => string, view: View): Html {
  const texts = messagesLanguages[view.language];
  const { numbers } = view;
  return renderTableAlone(texts.title, rows, [
    {
      title: texts.storedAtIn(view.timeZone),
      text: true,
      cell: ({ storedAt }) =>
        storedAt === undefined ? '–' : html`<span class="moment">${exactTime(storedAt, view)}</span>`,
    },
    { title: clusterLanguages[view.language].partition, text: true, cell: ({ partition }) => named(partition) },
    { title: texts.offset, cell: ({ offset }) => String(offset) },
    { title: texts.key, text: true, cell: ({ keys }) => (keys.length === 0 ? '–' : named(keys.join(' '))) },
    {
      title: texts.headers,
      text: true,
      cell: ({ headers }) => (headers.length === 0 ? '–' : named(headers.map(([name]) => name).join(', '))),
    },
    {
      title: texts.size,
      cell: ({ valueBytes }) => (valueBytes === undefined ? '–' : numbers.bytes(valueBytes)),
    },
    {
      title: texts.value,
      text: true,
      cell: ({ partition, offset }) =>
        html`<a href="${linkTo(`${partition}@${offset}`)}#message">${texts.showValue}</a>`,
    },
  ]);
}
