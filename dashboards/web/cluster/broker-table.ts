// Renders the table of brokers with produced and consumed rates, now and per day.

import { html, type Html } from '../../../core/text/html.ts';
import { gcLanguages } from '../gc/gc-texts.ts';
import { named } from '../layout.ts';
import { limitText } from '../status-text.ts';
import { renderTable, renderTableAlone, type Column } from '../tables.ts';
import type { View } from '../view.ts';
import { brokerPath } from './cluster-frame.ts';
import type { BrokerRow } from './cluster-view.ts';
import { clusterLanguages } from './cluster-texts.ts';

/** @param isAlone whether the heading already names the broker */
export function renderBrokers(
  {
    cluster,
    brokers,
    day,
    isAlone = false,
  }: { cluster: string; brokers: readonly BrokerRow[]; day?: string; isAlone?: boolean },
  view: View,
): Html {
  const { strings, numbers, link } = view;
  const texts = strings.pages.cluster;
  const more = clusterLanguages[view.language];
  const rate = (value: number | undefined) => (value === undefined ? '–' : numbers.rate(value));
  const count = (value: number | undefined) => (value === undefined ? '–' : numbers.plain(value));
  const has = (known: (row: BrokerRow) => unknown) => brokers.some((row) => known(row) !== undefined);
  const columns: (Column<BrokerRow> | false)[] = [
    {
      title: texts.broker,
      text: true,
      cell: ({ id, address }) =>
        address === undefined
          ? html`${named(id)} <span class="quiet">${more.goneBroker}</span>`
          : html`<a href="${link(brokerPath(cluster, id))}">${named(id)}</a>
              <span class="quiet"><bdi>${address}</bdi></span>
              <a class="quiet" href="${link('/gc', { cluster, broker: id })}">${gcLanguages[view.language].title}</a>`,
    },
    has(({ answers }) => answers) && {
      title: strings.pages.fleet.state,
      text: 'brief',
      cell: ({ answers, lastSeenAt }) =>
        answers === undefined
          ? '–'
          : answers
            ? more.answers.yes
            : html`<strong class="state over">${more.answers.no}</strong>
                ${lastSeenAt !== undefined && html`<span class="quiet">${strings.pages.lastSeen(numbers.moment(lastSeenAt))}</span>`}`,
    },
    has(({ group }) => group) && {
      title: texts.brokerGroup,
      text: 'brief',
      cell: ({ group }) => (group === undefined ? '–' : named(group)),
    },
    has(({ role }) => role) && {
      title: texts.role,
      text: 'brief',
      cell: ({ role }) => (role === undefined ? '–' : texts.roles[role]),
    },
    { title: texts.version, text: 'brief', cell: ({ version }) => version ?? strings.unknown },
    { title: texts.produced, cell: ({ produceTps }) => rate(produceTps) },
    has(({ consumeTps }) => consumeTps) && { title: texts.consumed, cell: ({ consumeTps }) => rate(consumeTps) },
    has(({ today }) => today) && { title: texts.producedToday, cell: ({ today }) => count(today?.produced) },
    has(({ today }) => today) && { title: texts.consumedToday, cell: ({ today }) => count(today?.consumed) },
    has(({ yesterday }) => yesterday) && {
      title: texts.producedYesterday,
      cell: ({ yesterday }) => count(yesterday?.produced),
    },
    has(({ yesterday }) => yesterday) && {
      title: texts.consumedYesterday,
      cell: ({ yesterday }) => count(yesterday?.consumed),
    },
    day !== undefined &&
      has((row) => row.day?.produced) && { title: more.producedOn(day), cell: (row) => count(row.day?.produced) },
    day !== undefined &&
      has((row) => row.day?.consumed) && { title: more.consumedOn(day), cell: (row) => count(row.day?.consumed) },
    has(({ safeTps }) => safeTps) && {
      title: strings.safeMax,
      cell: ({ safeTps, limitedBy }) =>
        safeTps === undefined
          ? strings.unknown
          : html`${numbers.rate(safeTps)}
            ${limitedBy && html`<span class="quiet">${limitText(limitedBy, strings)}</span>`}`,
    },
  ];
  const classOf = ({ answers }: BrokerRow) => (answers === false ? 'over' : '');
  return isAlone
    ? renderTableAlone(texts.broker, brokers, columns, classOf)
    : renderTable('brokers', texts.brokers, brokers, columns, classOf);
}
