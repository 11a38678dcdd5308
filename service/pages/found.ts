// Searches clusters, and topics, groups and brokers of their last readings, by a part of the name.

import { brokerPath, clusterPath } from '../../dashboards/web/cluster/cluster-frame.ts';
import type { Found, FoundKind } from '../../dashboards/web/found-page.ts';
import type { ServedCluster } from '../parts.ts';

/** Limit for each kind; more letters narrow a longer list. */
const mostOfKind = 25;
/** Limit of sorted hits, because 200 clusters can have 200,000 topics with the same letters. */
const mostSorted = 300;

type Searched = Pick<ServedCluster, 'name' | 'last'>;

interface Hit {
  name: string;
  cluster: string;
  path(): string;
}

/** Hits of one kind: names that equal the text, start with it, or contain it. */
const createHits = () => ({ all: 0, ranks: [[], [], []] as [Hit[], Hit[], Hit[]] });

/** Names that equal the text come first, then those that start with it. */
export function search(clusters: Iterable<Searched>, text: string): Found {
  const wanted = text.trim().toLowerCase();
  const found = { cluster: createHits(), topic: createHits(), group: createHits(), broker: createHits() };
  if (wanted === '') return { text: '', hits: [], all: 0 };
  for (const { name: cluster, last } of clusters) {
    const add = (kind: FoundKind, name: string, path: () => string) => {
      const at = name.toLowerCase().indexOf(wanted);
      if (at === -1) return;
      const of = found[kind];
      of.all++;
      const rank = of.ranks[at > 0 ? 2 : name.length > wanted.length ? 1 : 0];
      if (rank.length < mostSorted) rank.push({ name, cluster, path });
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
  const kinds = Object.keys(found) as FoundKind[];
  return {
    text: text.trim(),
    hits: kinds.flatMap((kind) =>
      found[kind].ranks
        .flatMap((rank) => rank.toSorted(byName))
        .slice(0, mostOfKind)
        .map(({ name, cluster, path }) => ({ kind, name, cluster, path: path() })),
    ),
    all: kinds.reduce((sum, kind) => sum + found[kind].all, 0),
  };
}

const order = new Intl.Collator('en', { numeric: true });
const byName = (one: Hit, other: Hit) => order.compare(one.name, other.name);
