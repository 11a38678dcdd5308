// What does the page of a cluster show? Its standing, what was read of it last, and what the ledger has on it.

import type { RequestHandler } from 'express';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Busiest, ClusterView, GroupRow, TopicRow } from '../../dashboards/web/cluster/cluster-view.ts';
import { renderClusterPage } from '../../dashboards/web/cluster/cluster-page.ts';
import { renderMessage, sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import { shownSides } from '../clusters/shown-settings.ts';
import { brokerRows, groupRow, topicRows } from '../clusters/snapshot-rows.ts';
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
    brokers: last === undefined ? [] : brokerRows(last.snapshot, traffic, analysis),
    differences: (last?.snapshot.rocketmq?.disagreements ?? []).map(({ of, subject, sides }) => ({
      subject,
      sides: of === 'broker-config' ? shownSides(subject, sides) : sides,
    })),
    topics: topicsOf(last?.snapshot, traffic),
    groups: groupsOf(last?.snapshot, traffic),
    ...(foreseen?.kind === 'forecast' && { forecast: foreseen.document }),
    grades: ledger
      .entries({ cluster: name, kinds: ['grade'], limit: mostGrades })
      .flatMap((entry) => (entry.kind === 'grade' ? [entry.document] : [])),
    entries: ledger.entries({ cluster: name, limit: mostEntries }),
  };
}

function topicsOf(snapshot: ClusterSnapshot | undefined, traffic: ClusterTraffic | undefined): Busiest<TopicRow> {
  const load = ({ produceTps = 0, consumeTps = 0 }: TopicRow) => produceTps + consumeTps;
  return busiest(topicRows(snapshot, traffic), mostTopics, load);
}

function groupsOf(snapshot: ClusterSnapshot | undefined, traffic: ClusterTraffic | undefined): Busiest<GroupRow> {
  if (snapshot === undefined) return { rows: [], all: 0 };
  const { rows, all } = busiest(snapshot.groups, mostGroups, ({ name }) => traffic?.groups.get(name)?.consumeTps ?? 0);
  return { all, rows: rows.map((group) => groupRow(group, snapshot, traffic)) };
}

function busiest<Row>(all: readonly Row[], most: number, load: (row: Row) => number): Busiest<Row> {
  return { rows: all.toSorted((one, other) => load(other) - load(one)).slice(0, most), all: all.length };
}
