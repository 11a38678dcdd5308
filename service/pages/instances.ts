// Serves the page of instances from the last reading of each.

import type { RequestHandler } from 'express';
import { renderInstancesPage } from '../../dashboards/web/instances/instances-page.ts';
import type { Site } from '../../dashboards/web/site.ts';
import type { ServiceParts } from '../parts.ts';
import { pageOf } from './served-page.ts';

export function createInstancesPage(parts: Pick<ServiceParts, 'instances'>, site: Site): RequestHandler {
  return pageOf(site, (view) => {
    const last = parts.instances?.last();
    return renderInstancesPage(last && { ...last, at: last.at.toISOString() }, view);
  });
}
