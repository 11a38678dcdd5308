// Leads from the name of a cluster to the page of it that the reader was on with another cluster.

import type { RequestHandler } from 'express';
import { clusterPages, clusterPath, pagesBeside } from '../../dashboards/web/cluster/cluster-frame.ts';
import { viewOf, type Site } from '../../dashboards/web/site.ts';
import type { View } from '../../dashboards/web/view.ts';
import type { ServiceParts } from '../parts.ts';

export function createClusterSwitch({ clusters }: Pick<ServiceParts, 'clusters'>, site: Site): RequestHandler {
  return (request, response) => {
    const view = viewOf(request, site);
    response.redirect(303, placeOf(view, [...clusters.keys()]));
  };
}

/** The named cluster, or the only one whose name contains the text, in any case; else the list of those that match. */
function placeOf({ query, link }: Pick<View, 'query' | 'link'>, names: readonly string[]): string {
  const text = (query.get('name') ?? '').trim();
  if (text === '') return link('/');
  const found = names.filter((name) => name.toLowerCase().includes(text.toLowerCase()));
  const cluster = names.find((name) => name === query.get('name') || name === text) ?? found[0];
  if (cluster === undefined || (found.length > 1 && cluster !== text)) return link('/', { q: text });
  const asked = query.get('page');
  const beside = pagesBeside.find((page) => page === asked);
  if (beside !== undefined) return link(`/${beside}`, { cluster });
  return link(
    clusterPath(
      cluster,
      clusterPages.find((page) => page === asked),
    ),
  );
}
