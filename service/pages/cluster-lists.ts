// Serves topics and groups of a cluster from its last reading.

import type { RequestHandler } from 'express';
import { detailsOf, settingsOf } from '../../brokers/reported.ts';
import type { ClusterSnapshot, GroupSnapshot } from '../../brokers/snapshot.ts';
import { lostIn } from '../../core/consumer-lag.ts';
import { defined } from '../../core/defined.ts';
import {
  groupSorts,
  renderGroupsPage,
  type GroupList,
  type GroupSort,
} from '../../dashboards/web/cluster/groups-page.ts';
import { type ReadTopic } from '../../dashboards/web/cluster/group-page.ts';
import type { TopicRow } from '../../dashboards/web/cluster/cluster-view.ts';
import { byFigure, readListQuery, selectRows, type ListQuery } from '../../dashboards/web/cluster/list-query.ts';
import {
  renderTopicPage,
  renderTopicsPage,
  topicSorts,
  type PartitionRow,
  type TopicContent,
  type TopicList,
  type TopicSort,
} from '../../dashboards/web/cluster/topics-page.ts';
import type { Site } from '../../dashboards/web/site.ts';
import { bindingLimit } from '../../core/documents/safe-tps.ts';
import { sharesOf, type ResourceShares } from '../clusters/resource-shares.ts';
import type { LagTimes } from '../../exporter/lag/lag-times.ts';
import { groupLag, groupLags } from '../clusters/group-lag.ts';
import { groupRow, mostAtMinimum, topicRows, withShares } from '../clusters/snapshot-rows.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { recentReadings, topicReadings, type RecentParts } from './shown-readings.ts';
import { naturalOrder } from '../../core/text/natural-order.ts';
import { partitionKey } from '../../brokers/delta/partition-key.ts';
import { pageOfCluster } from './served-page.ts';

type TopicParts = RecentParts & Pick<ServiceParts, 'clusters'>;

type ListParts = Pick<ServiceParts, 'clusters' | 'statuses' | 'readings'>;

function sharesIn(served: ServedCluster, { statuses }: Pick<ListParts, 'statuses'>): ResourceShares | undefined {
  const [last, traffic, status] = [served.last(), served.traffic(), statuses.cluster(served.name)];
  return last && traffic && status && sharesOf(bindingLimit(status), last.snapshot, traffic);
}

const topicOrders = {
  load: byFigure(({ produceTps, consumeTps }: TopicRow) => clusterTps(produceTps, consumeTps)),
  name: () => 0,
  partitions: byFigure(({ partitions }: TopicRow) => partitions),
};

/** @returns undefined if both are unknown */
function clusterTps(produceTps: number | undefined, consumeTps: number | undefined): number | undefined {
  return produceTps === undefined && consumeTps === undefined ? undefined : (produceTps ?? 0) + (consumeTps ?? 0);
}

export function createTopicsPage(parts: ListParts, site: Site): RequestHandler {
  return pageOfCluster(parts.clusters, site, (served, view) => {
    const query = readListQuery(view.query, topicSorts);
    return renderTopicsPage(topicList(served, query, parts), view);
  });
}

export function topicList(served: ServedCluster, query: ListQuery<TopicSort>, parts: ListParts): TopicList {
  const shares = sharesIn(served, parts);
  const rows = withShares(topicRows(served.last()?.snapshot, served.traffic()), shares?.topics);
  const page = selectRows(rows, query, ({ name }) => [name], topicOrders);
  return { cluster: served.name, broker: served.broker, page, query, ...(shares && { sharedBy: shares.of }) };
}

export function createGroupsPage(parts: ListParts, site: Site): RequestHandler {
  return pageOfCluster(parts.clusters, site, (served, view) => {
    const query = readListQuery(view.query, groupSorts);
    return renderGroupsPage(groupList(served, query, parts), view);
  });
}

export function groupList(served: ServedCluster, query: ListQuery<GroupSort>, parts: ListParts): GroupList {
  const snapshot = served.last()?.snapshot;
  const traffic = served.traffic();
  const lagTimes = parts.readings.of(served.name)?.lagTimes;
  const lags = query.sort === 'lag' && snapshot !== undefined ? groupLags(snapshot, lagTimes) : undefined;
  const bySeconds = byFigure(({ name }: { name: string }) => lags?.get(name)?.seconds);
  const byMessages = byFigure(({ name }: { name: string }) => lags?.get(name)?.messages);
  const page = selectRows(snapshot?.groups ?? [], query, ({ name }) => [name], {
    load: byFigure(({ name }) => traffic?.groups.get(name)?.consumeTps),
    name: () => 0,
    lag: (one, other) => bySeconds(one, other) || byMessages(one, other),
  });
  const shares = sharesIn(served, parts);
  const rows = snapshot === undefined ? [] : page.rows.map((group) => groupRow(group, snapshot, traffic, lagTimes));
  return {
    cluster: served.name,
    page: { ...page, rows: withShares(rows, shares?.groups) },
    query,
    ...(shares && { sharedBy: shares.of }),
  };
}

export function createTopicPage({ clusters, ...parts }: TopicParts, site: Site): RequestHandler {
  return pageOfCluster(clusters, site, (served, view, params) => {
    const lagTimes = parts.readings.of(served.name)?.lagTimes;
    const content = topicContent(served, String(params['topic']), view.query, lagTimes);
    if (content === undefined) return undefined;
    const recent = recentReadings(served.name, { topic: content.topic.name }, view, parts, (kept, query) =>
      topicReadings(kept, content.topic.name, query),
    );
    return renderTopicPage({ ...content, readings: recent }, view);
  });
}

/** Limit of listed groups; all groups are searched. */
const mostReaders = 100;

export function topicContent(
  served: Pick<ServedCluster, 'name' | 'broker' | 'last' | 'traffic'>,
  name: string,
  parameters: URLSearchParams,
  lagTimes?: LagTimes,
): TopicContent | undefined {
  const last = served.last();
  const found = last?.snapshot.topics.find((topic) => topic.name === name);
  if (last === undefined || found === undefined) return undefined;
  const { snapshot, at } = last;
  const traffic = served.traffic();
  const only = { ...snapshot, topics: [{ ...found, internal: false }] };
  const [topic] = topicRows(only, traffic) as [TopicRow];
  return {
    cluster: served.name,
    broker: served.broker,
    readAt: at.toISOString(),
    topic,
    partitions: selectRows(partitionRows(snapshot, name), readListQuery(parameters, ['place']), () => [], {
      place: (one, other) =>
        naturalOrder(one.brokerName ?? '', other.brokerName ?? '') || one.partition - other.partition,
    }),
    groups: snapshot.groups
      .filter(({ partitions }) => hasTopic(partitions, name))
      .slice(0, mostReaders)
      .map((group) => {
        const own = [...group.partitions].filter((each) => each.topic === name);
        const consumeTps = traffic?.groups.get(group.name)?.topics?.get(name);
        return {
          ...groupRow(inTopic(group, name, own), snapshot, undefined, lagTimes),
          ...(consumeTps !== undefined && { consumeTps }),
        };
      }),
    atMinimum: mostAtMinimum(only),
    settings: detailsOf(snapshot).topicConfigs === undefined ? [] : Object.entries(settingsOf(snapshot, name)),
  };
}

function inTopic(group: GroupSnapshot, topic: string, partitions: GroupSnapshot['partitions']): GroupSnapshot {
  const unread = group.withoutEnd?.get(topic);
  return { ...group, partitions, withoutEnd: new Map(unread && [[topic, unread]]) };
}

function hasTopic(lags: ClusterSnapshot['groups'][number]['partitions'], name: string): boolean {
  if (lags.topics !== undefined) return lags.topics.includes(name);
  for (const { topic } of lags) if (topic === name) return true;
  return false;
}

function partitionRows({ topics, offsets }: ClusterSnapshot, name: string): PartitionRow[] {
  const own = offsets.filter(({ topic }) => topic === name);
  const read = new Map(own.map((each) => [partitionKey(each), each]));
  const partitions = topics.find((topic) => topic.name === name)?.partitions ?? [];
  return partitions.map((each) => {
    const { partition, brokerName, leader, replicas, inSyncReplicas, unknownReplicas = [] } = each;
    const { start, end } = read.get(partitionKey(each)) ?? {};
    const known = defined({ brokerName, leader, start, end });
    const behind = replicas.filter((id) => !inSyncReplicas.includes(id) && !unknownReplicas.includes(id));
    return { partition, replicas: replicas.length, inSync: inSyncReplicas.length, behind, ...known };
  });
}

/** The topic with the highest lag first. */
export function readTopics(group: GroupSnapshot, lagTimes: LagTimes | undefined): ReadTopic[] {
  const topics = Map.groupBy(group.partitions, ({ topic }) => topic);
  return Array.from(topics, ([topic, partitions]): ReadTopic => {
    const { messages, seconds } = groupLag(inTopic(group, topic, partitions), lagTimes);
    return {
      topic,
      partitions: partitions.length,
      committed: partitions.filter(({ committed }) => committed !== undefined).length,
      ...defined({ lag: messages, lagSeconds: seconds, lost: lostIn(partitions) }),
    };
  }).toSorted((one, other) => (other.lagSeconds ?? 0) - (one.lagSeconds ?? 0) || (other.lag ?? -1) - (one.lag ?? -1));
}
