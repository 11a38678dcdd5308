// Serves the page of instances from their last reading.

import type { RequestHandler } from 'express';
import { renderInstancesPage } from '../../dashboards/web/instances/instances-page.ts';
import { sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import type { ServiceParts } from '../parts.ts';

export function createInstancesPage(parts: Pick<ServiceParts, 'instances'>, site: Site): RequestHandler {
  return (request, response) => {
    const last = parts.instances?.last();
    const content = last && { ...last, at: last.at.toISOString() };
    sendHtml(response, 200, renderInstancesPage(content, viewOf(request, site)));
  };
}
