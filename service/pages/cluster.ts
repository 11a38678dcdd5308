// Serves the overview of a cluster from its state, last reading and history.

import type { Request, RequestHandler } from 'express';
import type { Clock } from '../../core/clock.ts';
import { clusterPath } from '../../dashboards/web/cluster/cluster-frame.ts';
import { renderClusterPage } from '../../dashboards/web/cluster/cluster-page.ts';
import { readPast, readRange } from '../../dashboards/web/readings/range-picker.ts';
import type { RequestedDay, DayContent } from '../../dashboards/web/cluster/day-view.ts';
import { viewOf, type Site } from '../../dashboards/web/site.ts';
import type { View } from '../../dashboards/web/view.ts';
import { createDays, type Days } from '../clusters/day-traffic.ts';
import { createPastLoads } from '../clusters/past-ranges.ts';
import { dayAt, localDay } from '../clusters/local-day.ts';
import { ChangeRequest, recordIfPresent, type ChangeParts } from '../history/operator-change.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { pastReadings } from './past-readings.ts';
import { type ClusterParts, clusterView } from './cluster-content.ts';
import { pageOfCluster, sendMissing } from './served-page.ts';

/** Longer input is not repeated in the error message. */
const longestDay = 40;

export function createClusterPage(parts: ClusterParts, site: Site): RequestHandler {
  const days = createDays(parts.clock);
  const loads = createPastLoads(parts.clock);
  return pageOfCluster(parts.clusters, site, async (served, view) => {
    const chosen = readPast(view.query, view.timeZone, parts.clock.now().getTime());
    const [day, past] = await Promise.all([
      requestedDay(served, view, { days, clock: parts.clock }),
      chosen.past && pastReadings(served, chosen.past, loads),
    ]);
    const { from, to, isFaulty } = chosen;
    const choice = { hasSource: served.source?.config.kind === 'prometheus', from, to, isFaulty };
    const content = clusterView(served.name, { day, range: readRange(view.query), past, choice }, parts);
    return content && renderClusterPage(content, view);
  });
}

/** Records a note or an extra analysis, and shows the history of the cluster. */
export function createClusterChange(parts: ChangeParts & Pick<ServiceParts, 'access'>, site: Site): RequestHandler {
  return async (request, response) => {
    const view = viewOf(request, site);
    const name = String(request.params['cluster']);
    const change = ChangeRequest.safeParse({ ...fieldsOf(request), cluster: name });
    if (!parts.clusters.has(name) || !change.success) return sendMissing(response, view);
    const by = { user: parts.access.userOf(request), through: 'page' } as const;
    if (!(await recordIfPresent(change.data, by, parts))) return sendMissing(response, view);
    response.redirect(303, `${view.link(clusterPath(name))}#ledger`);
  };
}

/** Converts form fields: a form sends text, and an empty field if nothing was entered. */
function fieldsOf({ body }: Request): object {
  const { hours, note, ...fields } = (body ?? {}) as Record<string, unknown>;
  return {
    ...fields,
    ...(hours !== undefined && { hours: Number(hours) }),
    ...(note !== undefined && (note !== '' || fields['what'] !== 'acknowledged') && { note }),
  };
}

async function requestedDay(
  served: ServedCluster,
  { query, timeZone }: Pick<View, 'query' | 'timeZone'>,
  { days, clock }: { days: Days; clock: Pick<Clock, 'now'> },
): Promise<DayContent> {
  const nowMs = clock.now().getTime();
  const today = dayAt(nowMs, timeZone);
  const yesterday = new Date(Date.parse(today) - 86_400_000).toISOString().slice(0, 10);
  const text = query.get('day') ?? '';
  const day = localDay(text, timeZone);
  const requested: RequestedDay =
    text === ''
      ? { kind: 'not-requested' }
      : day === undefined
        ? { kind: 'not-a-day', text: text.slice(0, longestDay) }
        : await days.ask(served, day);
  return { today, yesterday, requested };
}
