// Redirects from a name or a Grafana dashboard to its cluster, topic, group or broker; lists the matches if there are several.

import type { RequestHandler } from 'express';
import { clusterPages, clusterPath, pagesBeside } from '../../dashboards/web/cluster/cluster-frame.ts';
import { renderFoundPage } from '../../dashboards/web/found-page.ts';
import { viewOf, type Site } from '../../dashboards/web/site.ts';
import type { View } from '../../dashboards/web/view.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { search } from './found.ts';
import { pageOf } from './served-page.ts';

type SearchParts = Pick<ServiceParts, 'clusters'>;

const foundPath = '/search';

export function createClusterSwitch({ clusters }: SearchParts, site: Site): RequestHandler {
  return (request, response) => response.redirect(303, placeOf(viewOf(request, site), clusters));
}

export function createFoundPage({ clusters }: SearchParts, site: Site): RequestHandler {
  return pageOf(site, (view) => renderFoundPage(search(clusters.values(), view.query.get('q') ?? ''), view));
}

/** Dashboards send their selection: `var-cluster=NAME`, once for each, or `All`. */
export function createClustersRedirect({ clusters }: SearchParts, site: Site): RequestHandler {
  return (request, response) => {
    const { query, link } = viewOf(request, site);
    const [cluster = '', ...others] = query.getAll('var-cluster');
    response.redirect(link(others.length === 0 && clusters.has(cluster) ? clusterPath(cluster) : '/'));
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
