// Redirects from a name or a Grafana dashboard to its cluster, topic, group or broker; lists the matches if there are several.

import type { RequestHandler } from 'express';
import { brokerPath, clusterPages, clusterPath, pagesBeside } from '../../dashboards/web/cluster/cluster-frame.ts';
import { type Found, type FoundKind, renderFoundPage } from '../../dashboards/web/found-page.ts';
import { type Site, viewOf } from '../../dashboards/web/site.ts';
import type { View } from '../../dashboards/web/view.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { pageOf } from './served-page.ts';

type SearchParts = Pick<ServiceParts, 'clusters'>;

const foundPath = '/search';

export function createClusterSwitch({ clusters }: SearchParts, site: Site): RequestHandler {
  return (request, response) => response.redirect(303, placeOf(viewOf(request, site), clusters));
}

export function createFoundPage({ clusters }: SearchParts, site: Site): RequestHandler {
  return pageOf(site, (view) => renderFoundPage(search(clusters.values(), view.query.get('q') ?? ''), view));
}

/** Dashboards send their selection: `var-cluster=NAME`, once for each, or `All`; also of groups and topics. */
export function createClustersRedirect({ clusters }: SearchParts, site: Site): RequestHandler {
  return (request, response) => {
    const { query, link } = viewOf(request, site);
    const only = (variable: string) => {
      const [name, ...others] = query.getAll(`var-${variable}`);
      return others.length === 0 ? name : undefined;
    };
    const served = clusters.get(only('cluster') ?? '');
    const { groups = [], topics = [] } = served?.last()?.snapshot ?? {};
    const group = groups.find(({ name }) => name === only('consumergroup'));
    const topic = topics.find(({ name }) => name === only('topic'));
    const [page, part] = group ? (['groups', group] as const) : topic ? (['topics', topic] as const) : [];
    response.redirect(link(served === undefined ? '/' : clusterPath(served.name, page, part?.name)));
  };
}

/**
 * Returns the page of the named cluster, or of the only object whose name contains the text (ignoring case); otherwise
 * the matches.
 */
function placeOf({ query, link }: Pick<View, 'query' | 'link'>, clusters: ReadonlyMap<string, ServedCluster>): string {
  const name = query.get('name') ?? '';
  const text = name.trim();
  if (text === '') return link('/');
  const found = search(clusters.values(), text);
  const [only] = found.hits;
  const cluster = [name, text].find((name) => clusters.has(name));
  if (cluster === undefined && (found.all !== 1 || only === undefined)) return link(foundPath, { q: text });
  if (cluster === undefined && only !== undefined && only.kind !== 'cluster') return link(only.path);
  return addressOf(cluster ?? only?.cluster ?? '', { query, link });
}

/** Returns the page that the reader was on, for another cluster. */
function addressOf(cluster: string, { query, link }: Pick<View, 'query' | 'link'>): string {
  const requestedPage = query.get('page');
  const beside = pagesBeside.find((page) => page === requestedPage);
  if (beside !== undefined) return link(`/${beside}`, { cluster });
  return link(
    clusterPath(
      cluster,
      clusterPages.find((page) => page === requestedPage),
    ),
  );
}

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
