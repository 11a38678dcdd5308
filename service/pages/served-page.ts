// Serves pages as HTML; responds 404 if a page does not exist.

import type { Request, RequestHandler, Response } from 'express';
import { renderNotFound, sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import type { View } from '../../dashboards/web/view.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';

/** HTML; undefined if the page does not exist. */
type Rendered = string | undefined;

export function pageOf(
  site: Site,
  render: (view: View, params: Request['params']) => Rendered | Promise<Rendered>,
): RequestHandler {
  return async (request, response) => {
    const view = viewOf(request, site);
    const page = await render(view, request.params);
    if (page === undefined) sendMissing(response, view);
    else sendHtml(response, 200, page);
  };
}

export const pageOfCluster = (
  clusters: ServiceParts['clusters'],
  site: Site,
  render: (served: ServedCluster, view: View, params: Request['params']) => Rendered | Promise<Rendered>,
): RequestHandler =>
  pageOf(site, (view, params) => {
    const served = clusters.get(String(params['cluster']));
    return served && render(served, view, params);
  });

export function sendMissing(response: Response, view: View): void {
  sendHtml(response, 404, renderNotFound(view));
}
