// Redirects from a Grafana dashboard to the cluster that it shows, or to all clusters.

import type { RequestHandler } from 'express';
import { viewOf, type Site } from '../../dashboards/web/site.ts';
import { clusterPath } from '../../dashboards/web/cluster/cluster-frame.ts';
import type { ServiceParts } from '../parts.ts';

/** Dashboards hand over what is selected in them: `var-cluster=NAME`, once for each, or `All`. */
export function createClustersRedirect({ clusters }: Pick<ServiceParts, 'clusters'>, site: Site): RequestHandler {
  return (request, response) => {
    const view = viewOf(request, site);
    const [cluster = '', ...others] = view.query.getAll('var-cluster');
    const isOne = others.length === 0 && clusters.has(cluster);
    response.redirect(view.link(isOne ? clusterPath(cluster) : '/'));
  };
}
