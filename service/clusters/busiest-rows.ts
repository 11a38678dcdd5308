// Selects the topics and groups of a cluster with the highest load.

import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Busiest, GroupRow, TopicRow } from '../../dashboards/web/cluster/cluster-view.ts';
import type { LagTimes } from '../../exporter/lag/lag-times.ts';
import type { ResourceShares } from './resource-shares.ts';
import { groupRow, topicRows, withShares } from './snapshot-rows.ts';
import type { ClusterTraffic } from './traffic.ts';

/** Users search in longer lists instead of reading them. */
const mostTopics = 50;
/** Limits the cost of a page, which sums the lag of each group over its partitions. */
const mostGroups = 50;

export function topicsOf(
  snapshot: ClusterSnapshot | undefined,
  traffic: ClusterTraffic | undefined,
  shares: ResourceShares | undefined,
): Busiest<TopicRow> {
  const load = ({ share, produceTps = 0, consumeTps = 0 }: TopicRow) => share ?? produceTps + consumeTps;
  return busiest(withShares(topicRows(snapshot, traffic), shares?.topics), mostTopics, load);
}

export function groupsOf(
  snapshot: ClusterSnapshot | undefined,
  traffic: ClusterTraffic | undefined,
  shares: ResourceShares | undefined,
  lagTimes: LagTimes | undefined,
): Busiest<GroupRow> {
  if (snapshot === undefined) return { rows: [], all: 0 };
  const load = ({ name }: { name: string }) => shares?.groups.get(name) ?? traffic?.groups.get(name)?.consumeTps ?? 0;
  const { rows, all } = busiest(snapshot.groups, mostGroups, load);
  const shown = rows.map((group) => groupRow(group, snapshot, traffic, lagTimes));
  return { all, rows: withShares(shown, shares?.groups) };
}

function busiest<Row>(all: readonly Row[], most: number, load: (row: Row) => number): Busiest<Row> {
  return { rows: all.toSorted((one, other) => load(other) - load(one)).slice(0, most), all: all.length };
}
