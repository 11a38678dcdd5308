// Renders the list of topics with their load, and the page of one topic with partitions and readers.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { countText, ifKnown } from '../../../core/text/quantity-text.ts';
import { emptyState, named } from '../layout.ts';
import { renderReadings } from '../readings/readings-section.ts';
import { readingsLanguages } from '../readings/readings-texts.ts';
import type { ReadingsContent } from '../readings/readings-view.ts';
import {
  briefColumn,
  type Column,
  figuresOf,
  numberColumn,
  renderTable,
  renderTableAlone,
  textColumn,
} from '../tables.ts';
import { mayOperate, type View } from '../view.ts';
import { clusterPath, messagesPath, renderClusterFrame } from './cluster-frame.ts';
import type { SharedBy } from '../../../core/client-cost.ts';
import type { GroupRow, TopicRow } from './cluster-view.ts';
import { clusterLanguages } from './cluster-texts.ts';
import { messagesLanguages } from './messages-texts.ts';
import { groupColumns } from './groups-page.ts';
import { renderListFilter, renderListPage } from './list-filter.ts';
import type { ClusterList, ListPage } from './list-query.ts';

export const topicSorts = ['load', 'name', 'partitions'] as const;
export type TopicSort = (typeof topicSorts)[number];

export type TopicList = ClusterList<TopicRow, TopicSort> & { broker: BrokerKind };

export function renderTopicsPage({ cluster, broker, page, query, sharedBy }: TopicList, view: View): string {
  const texts = clusterLanguages[view.language];
  const { topics } = view.strings.pages.cluster;
  const table = renderTableAlone(topics, page.rows, topicColumns({ cluster, broker }, page.rows, view, sharedBy));
  return renderClusterFrame(
    { cluster, page: 'topics', title: topics },
    html`${renderListFilter(query, texts.topicSorts, view)}
      <div data-live="topics">${renderListPage(page, texts.noTopics, table, view)}</div>
      ${sharedBy !== undefined && html`<p class="quiet">${texts.sharesExplained[sharedBy]}</p>`}`,
    view,
  );
}

export function topicColumns(
  { cluster, broker }: { cluster: string; broker: BrokerKind },
  rows: readonly TopicRow[],
  { strings, numbers, language, link, visitor }: View,
  sharedBy?: SharedBy,
): (Column<TopicRow> | false)[] {
  const texts = clusterLanguages[language];
  const { cluster: shared } = strings.pages;
  const figure = figuresOf(rows);
  return [
    textColumn(
      shared.topic,
      ({ name }) => html`<a href="${link(clusterPath(cluster, 'topics', name))}">${named(name)}</a>`,
    ),
    rows.some(({ kind }) => kind !== undefined) &&
      briefColumn(texts.kind, ({ kind, messageType }) =>
        kind === undefined
          ? '–'
          : `${texts.topicKinds[kind]}${messageType === undefined || messageType === 'NORMAL' ? '' : strings.aside(messageType)}`,
      ),
    numberColumn(texts.partitions[traitsOf(broker).terms.partitions], ({ partitions }) => numbers.plain(partitions)),
    numberColumn(shared.produced, ({ produceTps }) => ifKnown(produceTps, numbers.rate)),
    numberColumn(shared.consumed, ({ consumeTps }) => ifKnown(consumeTps, numbers.rate)),
    figure(texts.stored, (row) => row.storedBytes, numbers.bytes),
    sharedBy !== undefined && figure(texts.shares[sharedBy], (row) => row.share, numbers.percent),
    // The page of a single topic has this link elsewhere.
    mayOperate(visitor) &&
      rows.length > 1 &&
      briefColumn(
        messagesLanguages[language].title,
        ({ name }) => html`<a href="${link(messagesPath(cluster, name))}">${messagesLanguages[language].browse}</a>`,
      ),
  ];
}

export interface PartitionRow {
  partition: number;
  /** RocketMQ: name of the broker with the queue. */
  brokerName?: string;
  leader?: string;
  replicas: number;
  inSync: number;
  /** Brokers whose replica is not in sync. */
  behind: readonly string[];
  start?: bigint;
  end?: bigint;
}

export interface TopicContent {
  cluster: string;
  broker: BrokerKind;
  /** ISO 8601. */
  readAt: string;
  topic: TopicRow;
  partitions: ListPage<PartitionRow>;
  /** Groups that committed in the topic. */
  groups: readonly GroupRow[];
  /** Kafka: partitions that reject acks=all after the loss of one more broker. */
  atMinimum: number;
  /** Settings of the topic or its brokers; empty if they are not read. */
  settings: readonly (readonly [name: string, value: string])[];
  /** Absent if the page shows only the last reading. */
  readings?: ReadingsContent;
}

export function renderTopicPage(
  { cluster, broker, readAt, topic, partitions, groups, atMinimum, settings, readings }: TopicContent,
  view: View,
): string {
  const { strings, numbers, language } = view;
  const texts = clusterLanguages[language];
  const { cluster: shared } = strings.pages;
  const recent = readings && renderReadings(readings, readingsLanguages[language].subjects.load, view);
  const hasName = partitions.rows.some(({ brokerName }) => brokerName !== undefined);
  return renderClusterFrame(
    { cluster, page: 'topics', title: shared.topic, of: topic.name },
    html`<div data-live="topic">
        <p class="quiet">
          ${texts.readAt(numbers.moment(readAt))}
          <a href="${view.link(messagesPath(cluster, topic.name))}">${messagesLanguages[language].browse}</a>
        </p>
        ${atMinimum > 0 && html`<p class="verdict invalid">${texts.oneMoreLost(numbers.plain(atMinimum))}</p>`}
        ${renderTableAlone(shared.topic, [topic], topicColumns({ cluster, broker }, [topic], view))}
      </div>
      ${recent?.section}
      <div data-live="topic-parts">
        <h2 id="readers">${shared.groups}</h2>
        ${
          groups.length === 0
            ? emptyState(texts.noReaders)
            : renderTableAlone(shared.groups, groups, groupColumns(cluster, groups, view))
        }
        ${renderTable<PartitionRow>(
          'partitions',
          texts.partitions[traitsOf(broker).terms.partitions],
          partitions.rows,
          [
            hasName && textColumn(shared.brokerGroup, ({ brokerName }) => brokerName && named(brokerName)),
            numberColumn(hasName ? texts.queue : texts.partition, ({ partition }) => String(partition)),
            textColumn(texts.leader, ({ leader }) =>
              leader === undefined
                ? html`<strong class="state over">${texts.noLeader}</strong>`
                : html`<bdi>${leader}</bdi>`,
            ),
            !hasName &&
              numberColumn(
                texts.inSync,
                ({ inSync, replicas, behind }) =>
                  html`${numbers.plain(inSync)} /
                  ${numbers.plain(replicas)}${behind.length > 0 && html` <span class="quiet"><bdi>${texts.notInSync(behind.join(strings.list))}</bdi></span>`}`,
              ),
            numberColumn(texts.start, ({ start }) => ifKnown(start, String)),
            numberColumn(texts.end, ({ end }) => ifKnown(end, String)),
            numberColumn(texts.messages, ({ start, end }) =>
              start === undefined || end === undefined ? '–' : countText(end - start),
            ),
          ],
          ({ leader, inSync, replicas }) => (leader === undefined || (!hasName && inSync < replicas) ? 'over' : ''),
        )}
        ${partitions.pages > 1 && html`<p class="quiet">${texts.firstPartitions(numbers.plain(partitions.rows.length), numbers.plain(partitions.all))}</p>`}
        ${renderSettings(settings, view)}
      </div>`,
    view,
    recent?.scripts,
  );
}

function renderSettings(settings: TopicContent['settings'], { strings, language }: View): Content {
  if (settings.length === 0) return undefined;
  const texts = clusterLanguages[language];
  return html`<details>
    <summary>${texts.pages.settings}</summary>
    ${renderTable('topic-settings', texts.pages.settings, settings, [
      textColumn(strings.pages.cluster.setting, ([name]) => html`<code>${name}</code>`),
      textColumn(texts.value, ([, value]) => html`<bdi>${value}</bdi>`),
    ])}
  </details>`;
}
