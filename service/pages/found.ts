// Searches clusters, and the topics, groups and brokers of their last readings, by a part of the name.

import { brokerPath, clusterPath } from '../../dashboards/web/cluster/cluster-frame.ts';
import type { Found, FoundKind } from '../../dashboards/web/found-page.ts';
import type { ServedCluster } from '../parts.ts';

/** Of each kind; longer lists are narrowed by more letters. */
const mostOfKind = 25;

type Searched = Pick<ServedCluster, 'name' | 'last'>;

/** Names that are the text come first, then those that begin with it. */
export function search(clusters: Iterable<Searched>, text: string): Found {
  const wanted = text.trim().toLowerCase();
  const hits: Record<FoundKind, { name: string; cluster: string; path: string; rank: number }[]> = {
    cluster: [],
    topic: [],
    group: [],
    broker: [],
  };
  if (wanted === '') return { text: '', hits: [], all: 0 };
  for (const { name: cluster, last } of clusters) {
    const add = (kind: FoundKind, name: string, path: () => string) => {
      const at = name.toLowerCase().indexOf(wanted);
      if (at === -1) return;
      hits[kind].push({ name, cluster, path: path(), rank: name.length === wanted.length ? 0 : at === 0 ? 1 : 2 });
    };
    add('cluster', cluster, () => clusterPath(cluster));
    const { snapshot } = last() ?? {};
    if (snapshot === undefined) continue;
    for (const { name, internal } of snapshot.topics) {
      if (!internal) add('topic', name, () => clusterPath(cluster, 'topics', name));
    }
    for (const { name } of snapshot.groups) add('group', name, () => clusterPath(cluster, 'groups', name));
    for (const { id } of snapshot.cluster.brokers) add('broker', id, () => brokerPath(cluster, id));
  }
  const kinds = Object.keys(hits) as FoundKind[];
  return {
    text: text.trim(),
    hits: kinds.flatMap((kind) =>
      hits[kind]
        .toSorted((one, other) => one.rank - other.rank || one.name.localeCompare(other.name, 'en', { numeric: true }))
        .slice(0, mostOfKind)
        .map(({ name, cluster, path }) => ({ kind, name, cluster, path })),
    ),
    all: kinds.reduce((sum, kind) => sum + hits[kind].length, 0),
  };
}
