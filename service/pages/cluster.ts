// What does the page of a cluster show? Its standing, what was read of it last, and what the ledger has on it.

import type { RequestHandler } from 'express';
import { parseRuntimeInfo } from '../../brokers/rocketmq/runtime-info.ts';
import type { RocketmqBroker } from '../../brokers/rocketmq/details.ts';
import type { ClusterSnapshot, GroupSnapshot } from '../../brokers/snapshot.ts';
import type { Analysis } from '../../core/analysis.ts';
import type { BrokerRow, Busiest, ClusterView, GroupRow, TopicRow } from '../../dashboards/web/cluster/cluster-view.ts';
import { renderClusterPage } from '../../dashboards/web/cluster/cluster-page.ts';
import { renderMessage, sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import type { ClusterTraffic } from '../clusters/traffic.ts';
import type { ServiceParts } from '../parts.ts';

/** Longer lists are read with a search, not by eye. */
const mostTopics = 50;
/** The lag of each is summed over its partitions when the page is made. */
const mostGroups = 50;
const mostEntries = 10;
const mostGrades = 20;

export type ClusterParts = Pick<ServiceParts, 'standings' | 'ledger' | 'clusters'>;

export function createClusterPage(parts: ClusterParts, site: Site): RequestHandler {
  return (request, response) => {
    const view = viewOf(request, site);
    const content = clusterView(String(request.params['cluster']), parts);
    if (content === undefined) return sendHtml(response, 404, renderMessage(view, view.strings.pages.notFound));
    sendHtml(response, 200, renderClusterPage(content, view));
  };
}

export function clusterView(name: string, { standings, ledger, clusters }: ClusterParts): ClusterView | undefined {
  const standing = standings.cluster(name);
  const served = clusters.get(name);
  if (standing === undefined || served === undefined) return undefined;
  const last = served.last();
  const traffic = served.traffic();
  const trouble = served.trouble();
  const judged = standing.verdict && ledger.entry(standing.verdict.entry);
  const analysis = judged?.kind === 'verdict' || judged?.kind === 'test' ? judged.document : undefined;
  const foreseen = standing.forecast && ledger.entry(standing.forecast.entry);
  return {
    standing,
    ...(last && { readAt: last.at.toISOString() }),
    ...(trouble && { trouble: { at: trouble.at.toISOString(), reason: trouble.reason } }),
    brokers: last === undefined ? [] : brokersOf(last.snapshot, traffic, analysis),
    differences: (last?.snapshot.rocketmq?.disagreements ?? []).map(({ subject, sides }) => ({ subject, sides })),
    topics: topicsOf(last?.snapshot, traffic),
    groups: groupsOf(last?.snapshot, traffic),
    ...(foreseen?.kind === 'forecast' && { forecast: foreseen.document }),
    grades: ledger
      .entries({ cluster: name, kinds: ['grade'], limit: mostGrades })
      .flatMap((entry) => (entry.kind === 'grade' ? [entry.document] : [])),
    entries: ledger.entries({ cluster: name, limit: mostEntries }),
  };
}

function brokersOf(
  { cluster, rocketmq }: ClusterSnapshot,
  traffic: ClusterTraffic | undefined,
  analysis: Analysis | undefined,
): BrokerRow[] {
  return cluster.brokers.map(({ id, address }) => {
    const own = rocketmq?.brokers.find((broker) => broker.id === id);
    const version = own?.runtime === undefined ? cluster.version : parseRuntimeInfo(own.runtime).version;
    const { safeTps, limitedBy } = analysis?.perBroker.find(({ broker }) => broker === id) ?? {};
    return {
      id,
      address,
      ...(own && { group: own.brokerName, role: own.role }),
      ...(own === undefined && id === cluster.controllerId && { role: 'controller' as const }),
      ...(version !== undefined && { version }),
      ...traffic?.brokers.get(id),
      ...(own?.runtime && daysOf(own.runtime)),
      ...(safeTps !== undefined && { safeTps }),
      ...(limitedBy !== undefined && { limitedBy }),
    };
  });
}

/** Of counters since boot, as they stood at two midnights: 0 at the last one is a broker that was not there the day before, or had nothing. */
function daysOf(runtime: NonNullable<RocketmqBroker['runtime']>): Pick<BrokerRow, 'today' | 'yesterday'> {
  const at = (key: string) => {
    const text = runtime.get(key);
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const between = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined || to < from ? undefined : to - from;
  const counts = (of: string) => ({
    today: between(at(`msg${of}TotalTodayMorning`), at(`msg${of}TotalTodayNow`)),
    yesterday: between(at(`msg${of}TotalYesterdayMorning`), at(`msg${of}TotalTodayMorning`) || undefined),
  });
  const [put, get] = [counts('Put'), counts('Get')];
  const day = (which: 'today' | 'yesterday') => ({
    ...(put[which] !== undefined && { produced: put[which] }),
    ...(get[which] !== undefined && { consumed: get[which] }),
  });
  return { today: day('today'), yesterday: day('yesterday') };
}

function topicsOf(snapshot: ClusterSnapshot | undefined, traffic: ClusterTraffic | undefined): Busiest<TopicRow> {
  const topics = (snapshot?.topics ?? [])
    .filter(({ internal }) => !internal)
    .map(({ name, partitions }) => ({ name, partitions: partitions.length, ...traffic?.topics.get(name) }));
  return busiest(topics, mostTopics, ({ produceTps = 0, consumeTps = 0 }) => produceTps + consumeTps);
}

function groupsOf(snapshot: ClusterSnapshot | undefined, traffic: ClusterTraffic | undefined): Busiest<GroupRow> {
  const groups = (snapshot?.groups ?? []).map((group) => ({ group, ...traffic?.groups.get(group.name) }));
  const { rows, all } = busiest(groups, mostGroups, ({ consumeTps = 0 }) => consumeTps);
  const versions = new Map(snapshot?.rocketmq?.groups.map(({ name, clientVersions }) => [name, clientVersions]));
  return {
    all,
    rows: rows.map(({ group, consumeTps }) => {
      const lag = lagOf(group);
      return {
        name: group.name,
        clientVersions: versions.get(group.name) ?? [],
        ...(group.state !== undefined && { state: group.state }),
        ...(group.members !== undefined && { members: group.members }),
        ...(lag !== undefined && { lag }),
        ...(consumeTps !== undefined && { consumeTps }),
      };
    }),
  };
}

/** @returns undefined where it never committed: that is no lag of 0 */
function lagOf({ partitions }: GroupSnapshot): number | undefined {
  let lag: bigint | undefined;
  for (const { end, committed } of partitions) {
    if (committed !== undefined) lag = (lag ?? 0n) + (end > committed ? end - committed : 0n);
  }
  return lag === undefined ? undefined : Number(lag);
}

function busiest<Row>(all: readonly Row[], most: number, load: (row: Row) => number): Busiest<Row> {
  return { rows: all.toSorted((one, other) => load(other) - load(one)).slice(0, most), all: all.length };
}
