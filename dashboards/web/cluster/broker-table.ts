// Renders the table of brokers with produced and consumed rates, now and per day.

import { html, type Html } from '../../../core/text/html.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { isAsDesired } from '../../../core/documents/instances.ts';
import { gcLanguages } from '../gc/gc-texts.ts';
import { stateOf } from '../instances/instances-page.ts';
import { named } from '../layout.ts';
import { limitText } from '../status-text.ts';
import {
  figuresOf,
  renderTable,
  renderTableAlone,
  textColumn,
  briefColumn,
  numberColumn,
  type Column,
} from '../tables.ts';
import type { View } from '../view.ts';
import { brokerPath } from './cluster-frame.ts';
import type { BrokerRow } from './cluster-view.ts';
import { clusterLanguages } from './cluster-texts.ts';

/** A slave receives no messages from producers. */
const ofMaster = ({ role }: BrokerRow, value: number | undefined) => (role === 'slave' ? undefined : value);

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
  const figure = figuresOf(brokers);
  const has = (known: (row: BrokerRow) => unknown) => brokers.some((row) => known(row) !== undefined);
  const columns: (Column<BrokerRow> | false)[] = [
    textColumn(strings.broker, ({ id, address }) =>
      address === undefined
        ? html`${named(id)} <span class="quiet">${more.goneBroker}</span>`
        : html`<a href="${link(brokerPath(cluster, id))}">${named(id)}</a>
            <span class="quiet"><bdi>${address}</bdi></span>
            <a class="quiet" href="${link('/gc', { cluster, broker: id })}">${gcLanguages[view.language].title}</a>`,
    ),
    has(({ answers }) => answers) &&
      briefColumn(strings.pages.fleet.state, ({ answers, lastSeenAt, instance }) =>
        answers === undefined
          ? '–'
          : answers
            ? html`${more.answers.yes}
              ${instance !== undefined && !isAsDesired(instance) && html`<a href="${link('/instances')}">${stateOf(instance, view)}</a>`}`
            : html`<strong class="state over">${more.answers.no}</strong>
                ${lastSeenAt !== undefined && html`<span class="quiet">${strings.pages.lastSeen(numbers.moment(lastSeenAt))}</span>`}`,
      ),
    has(({ group }) => group) && briefColumn(texts.brokerGroup, ({ group }) => group && named(group)),
    has(({ role }) => role) && briefColumn(texts.role, ({ role }) => role && texts.roles[role]),
    // The class path of a process has the exact version; Kafka reports only that of its protocol.
    briefColumn(texts.version, ({ instance, version }) => instance?.version ?? version ?? strings.unknown),
    has(({ certificateExpiresAt }) => certificateExpiresAt) &&
      briefColumn(more.certificateExpires, ({ certificateExpiresAt }) => ifKnown(certificateExpiresAt, numbers.moment)),
    numberColumn(texts.produced, ({ produceTps }) => ifKnown(produceTps, numbers.rate)),
    figure(texts.delivered, (row) => row.consumeTps, numbers.rate),
    figure(texts.producedToday, (row) => ofMaster(row, row.today?.produced), numbers.plain),
    figure(texts.deliveredToday, (row) => row.today?.consumed, numbers.plain),
    figure(texts.producedYesterday, (row) => ofMaster(row, row.yesterday?.produced), numbers.plain),
    figure(texts.deliveredYesterday, (row) => row.yesterday?.consumed, numbers.plain),
    day !== undefined && figure(more.producedOn(day), (row) => row.day?.produced, numbers.plain),
    day !== undefined && figure(more.deliveredOn(day), (row) => row.day?.consumed, numbers.plain),
    has(({ safeTps }) => safeTps) &&
      numberColumn(more.limitAt, ({ safeTps, limitedBy, role }) =>
        safeTps === undefined
          ? role === 'slave'
            ? undefined
            : strings.unknown
          : html`${numbers.rate(safeTps)}
            ${limitedBy && html`<span class="quiet">${limitText(limitedBy, strings)}</span>`}`,
      ),
  ];
  const classOf = ({ answers }: BrokerRow) => (answers === false ? 'over' : '');
  return html`${
    isAlone
      ? renderTableAlone(strings.broker, brokers, columns, classOf)
      : renderTable('brokers', texts.brokers, brokers, columns, classOf)
  }
  ${has(({ consumeTps }) => consumeTps) && html`<p class="quiet">${more.deliveredExplained}</p>`}`;
}
