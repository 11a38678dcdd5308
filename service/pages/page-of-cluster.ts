// Serves a page of one cluster; a page that has nothing to show does not exist.

import type { Request, RequestHandler } from 'express';
import { sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import type { View } from '../../dashboards/web/view.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { sendMissing } from './missing.ts';

type Render = (
  served: ServedCluster,
  view: View,
  params: Request['params'],
) => string | undefined | Promise<string | undefined>;

/** @param render the page as HTML; undefined where the cluster has no such part */
export function pageOfCluster(clusters: ServiceParts['clusters'], site: Site, render: Render): RequestHandler {
  return async (request, response) => {
    const view = viewOf(request, site);
    const served = clusters.get(String(request.params['cluster']));
    const page = served && (await render(served, view, request.params));
    if (page === undefined) sendMissing(response, view);
    else sendHtml(response, 200, page);
  };
}
