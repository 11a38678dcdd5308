// Serves the event-day page from verdicts, forecasts and last readings.

import type { RequestHandler } from 'express';
import { limitOutlook } from '../../analyzer/forecast/event/limit-outlook.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import { renderEventPage, type EventCluster, type EventContent } from '../../dashboards/web/event-page.ts';
import type { Site } from '../../dashboards/web/site.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { documentsOf, leversOf, outlookInputs } from '../status/prepared-actions.ts';
import { pageOf } from './served-page.ts';

/** Shows only the worst clusters of the fleet; the list of clusters has the others. */
const mostShown = 10;

export interface EventParts extends Pick<ServiceParts, 'statuses' | 'history' | 'clock' | 'loadTests'> {
  config: Pick<ServiceParts['config'], 'clientIds'>;
  clusters: ReadonlyMap<string, Pick<ServedCluster, 'traffic' | 'last' | 'shown'>>;
}

export function createEventPage(parts: EventParts, site: Site): RequestHandler {
  return pageOf(site, (view) => renderEventPage(eventOf(parts), view));
}

export function eventOf(parts: EventParts): EventContent {
  const { at, promotion, clusters } = parts.statuses.fleet();
  const judged = clusters.filter(({ verdict }) => verdict !== undefined);
  return {
    at,
    ...(promotion && { promotion }),
    clusters: judged.slice(0, mostShown).map((status) => eventCluster(status, parts)),
    more: Math.max(0, judged.length - mostShown),
  };
}

function eventCluster(
  status: ClusterStatus,
  { history, clusters, clock, config, loadTests }: EventParts,
): EventCluster {
  const test = loadTests?.of(status.cluster);
  const { cluster } = status;
  const { analysis, forecast } = documentsOf(status, history);
  const nowMs = clock.now().getTime();
  return {
    status,
    isUnderTest: test !== undefined && test.end === undefined,
    outlook: limitOutlook(outlookInputs({ status, forecast, nowMs })),
    levers: leversOf({
      status,
      analysis,
      forecast,
      nowMs,
      served: clusters.get(cluster),
      clientIds: config.clientIds[cluster],
    }),
  };
}
