// Renders the page of a consumer group: its lag by topic, and its members as brokers report them.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { BrokerKind, MemberClient } from '../../../core/cluster.ts';
import { type Content, html } from '../../../core/text/html.ts';
import { emptyState, named } from '../layout.ts';
import { renderReadings } from '../readings/readings-section.ts';
import { readingsLanguages } from '../readings/readings-texts.ts';
import type { ReadingsContent } from '../readings/readings-view.ts';
import { numberColumn, renderTable, renderTableAlone, textColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { type LookupAnswer, renderLookup, renderNotices } from './lookup-notice.ts';
import { clusterPath, renderClusterFrame } from './cluster-frame.ts';
import type { GroupRow } from './cluster-view.ts';
import { clusterLanguages } from './cluster-texts.ts';
import { groupColumns, lagTimeColumn } from './groups-page.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { bilingual } from '../../../core/text/bilingual.ts';

export interface ReadTopic {
  topic: string;
  partitions: number;
  /** Number of partitions with a committed offset. */
  committed: number;
  /** Lag in messages; absent if the group never committed, or if an end offset was not read. */
  lag?: number;
  /** The longest lag of the partitions; absent if the lag of any is unknown. */
  lagSeconds?: number;
  /** Messages that retention deleted before the group read them; absent if none is known. */
  lost?: number;
}

export interface MemberRow extends MemberClient {
  /** Number of partitions or queues by topic that the member currently reads. */
  reads?: Readonly<Record<string, number>>;
}

export interface GroupContent {
  cluster: string;
  broker: BrokerKind;
  readAt: string;
  group: GroupRow;
  topics: readonly ReadTopic[];
  /** Absent if the page shows only the last reading. */
  readings?: ReadingsContent;
  answer: LookupAnswer<{
    assignor?: string;
    members: readonly MemberRow[];
    more: number;
    /** Topics to which the members subscribe differently. */
    conflicts: readonly string[];
    notices: readonly string[];
  }>;
}

/** Limit of listed topics of a member, which may have a hundred. */
const mostTopicsOfMember = 10;

export function renderGroupPage(content: GroupContent, view: View): string {
  const { cluster, broker, readAt, group, topics, readings } = content;
  const { strings, numbers, language, link } = view;
  const texts = clusterLanguages[language];
  const { cluster: shared } = strings.pages;
  const recent = readings && renderReadings(readings, readingsLanguages[language].subjects['lag-seconds'], view);
  return renderClusterFrame(
    {
      cluster,
      page: 'groups',
      title: shared.group,
      of: group.name,
      dashboard: { uid: 'plimsoll-lag', variables: { consumergroup: group.name } },
    },
    html`<div data-live="group">
        <p class="quiet">${texts.readAt(numbers.moment(readAt))}</p>
        ${renderTableAlone(shared.group, [group], groupColumns(cluster, [group], view))}
      </div>
      ${recent?.section}
      <div data-live="read-topics">
        ${
          topics.length === 0
            ? emptyState(texts.readsNothing)
            : renderTable('topics', shared.topics, topics, [
                textColumn(
                  shared.topic,
                  ({ topic }) => html`<a href="${link(clusterPath(cluster, 'topics', topic))}">${named(topic)}</a>`,
                ),
                numberColumn(texts.partitions[traitsOf(broker).terms.partitions], ({ partitions }) =>
                  numbers.plain(partitions),
                ),
                numberColumn(texts.committedIn, ({ committed }) => numbers.plain(committed)),
                topics.some(({ lagSeconds }) => lagSeconds !== undefined) && lagTimeColumn(view),
                numberColumn(shared.lag, ({ lag }) => (lag === undefined ? strings.unknown : numbers.plain(lag))),
                topics.some(({ lost }) => lost !== undefined) &&
                  numberColumn(texts.lost, ({ lost }) => ifKnown(lost, numbers.plain)),
              ])
        }
      </div>
      <div data-live="members">
        <h2 id="members">${shared.members}</h2>
        ${renderLookup(content.answer, view)} ${renderMembers(content, view)}
      </div>`,
    view,
    recent?.scripts,
  );
}

function renderMembers({ answer, broker }: GroupContent, view: View): Content {
  if (answer.kind === 'unanswered') return undefined;
  const { strings, numbers, language } = view;
  const [texts, own] = [clusterLanguages[language], groupLanguages[language]];
  const { members, more, conflicts, notices, assignor } = answer.value;
  if (members.length === 0) {
    return notices.length > 0 ? renderNotices(notices, view) : emptyState(texts.noMembers);
  }
  const has = (known: (row: MemberRow) => unknown) => members.some((row) => known(row) !== undefined);
  /** Isolated, so that a right-to-left name does not change the direction of its neighbours. */
  const some = (all: readonly (readonly [topic: string, more: string])[]) =>
    html`${all.slice(0, mostTopicsOfMember).map(([topic, more]) => html`${named(topic)}${more}<br />`)}${
      all.length > mostTopicsOfMember ? '…' : ''
    }`;
  return html`${
    conflicts.length > 0 &&
    html`<p class="verdict invalid">
      ${own.conflict} ${conflicts.map((topic, index) => html`${index > 0 && strings.list}${named(topic)}`)}
    </p>`
  }
  ${assignor !== undefined && html`<p class="quiet">${texts.assignor} <bdi>${assignor}</bdi></p>`}
  ${renderTableAlone(strings.pages.cluster.members, members, [
    textColumn(
      texts.client,
      ({ id, clientId }) =>
        html`${named(clientId)}${id !== clientId && html` <span class="quiet">${named(id)}</span>`}`,
    ),
    textColumn(strings.host, ({ address }) => html`<bdi>${address ?? '–'}</bdi>`),
    textColumn(texts.version, ({ version }) =>
      version === undefined ? texts.notReported : html`<bdi>${version}</bdi>`,
    ),
    has((row) => row.language) && textColumn(texts.language, (row) => html`<bdi>${row.language ?? '–'}</bdi>`),
    has(({ subscriptions }) => subscriptions) &&
      textColumn(texts.subscribed, ({ subscriptions }) =>
        subscriptions === undefined
          ? texts.notReported
          : some(Object.entries(subscriptions).map(([topic, what]) => [topic, what === '*' ? '' : ` (${what})`])),
      ),
    has(({ reads }) => reads) &&
      textColumn(texts.readsNow, ({ reads }) =>
        reads === undefined
          ? texts.notReported
          : Object.keys(reads).length === 0
            ? '0'
            : some(Object.entries(reads).map(([topic, count]) => [topic, `: ${numbers.plain(count)}`])),
      ),
  ])}
  ${renderConsumption(members, view)}
  ${more > 0 && html`<p class="quiet">${texts.moreMembers(numbers.plain(more))}</p>`}
  ${!traitsOf(broker).clients.groupVersions && html`<p class="quiet">${texts.kafkaReportsNoVersions}</p>`}
  ${renderNotices(notices, view)}`;
}

const groupLanguages = bilingual({
  conflict: [
    'The group misses messages, because its members have different subscriptions. Give all members the same topics and filters, or separate groups. Affected topics:',
    '组内成员订阅不一致，部分消息不会被消费。请让全部成员使用相同的 Topic 和过滤条件，或拆分为不同的消费组。受影响的 Topic：',
  ],
  title: ['Consumption', '消费情况'],
  explained: [
    'Java clients of RocketMQ report these values for the last minute. “Time per batch” is the mean time of the listener for a batch.',
    '由 RocketMQ Java 客户端上报，统计最近一分钟。耗时为监听器处理一批消息的平均时间。',
  ],
  time: ['Time per batch', '每批耗时'],
  ok: ['Consumed/s', '消费成功（条/秒）'],
  failed: ['Failed/s', '失败（条/秒）'],
  lastHour: ['Failed in the last hour', '最近一小时失败（条）'],
});

const mostRows = 200;

/** Renders message consumption by each member of a group: consumption time, successes and failures. */
function renderConsumption(members: readonly Pick<MemberClient, 'clientId' | 'consumption'>[], view: View): Content {
  const { numbers, strings } = view;
  const own = groupLanguages[view.language];
  const rows = members.flatMap(({ clientId, consumption = [] }) => consumption.map((row) => ({ clientId, ...row })));
  if (rows.length === 0) return undefined;
  return html`${renderTable(
      'consumption',
      own.title,
      rows.slice(0, mostRows),
      [
        textColumn(strings.pages.cluster.members, ({ clientId }) => named(clientId)),
        textColumn(strings.pages.cluster.topic, ({ topic }) => named(topic)),
        numberColumn(own.time, ({ secondsPerBatch }) => ifKnown(secondsPerBatch, numbers.seconds)),
        numberColumn(own.ok, ({ okPerSecond }) => ifKnown(okPerSecond, numbers.rate)),
        numberColumn(own.failed, ({ failedPerSecond }) => ifKnown(failedPerSecond, numbers.rate)),
        numberColumn(own.lastHour, ({ failedLastHour }) => ifKnown(failedLastHour, numbers.plain)),
      ],
      ({ failedPerSecond = 0 }) => (failedPerSecond > 0 ? 'over' : ''),
    )}
    <p class="quiet">${own.explained}</p>`;
}
