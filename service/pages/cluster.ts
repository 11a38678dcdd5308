// Serves the overview of a cluster from its state, its last reading and its history.

import type { Request, RequestHandler } from 'express';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { BrokerRow, ClusterView } from '../../dashboards/web/cluster/cluster-view.ts';
import { clusterPath } from '../../dashboards/web/cluster/cluster-frame.ts';
import { renderClusterPage } from '../../dashboards/web/cluster/cluster-page.ts';
import type { ReadingsRange } from '../../core/readings-range.ts';
import { readPast, readRange } from '../../dashboards/web/readings/range-picker.ts';
import type { PastChoice } from '../../dashboards/web/readings/readings-view.ts';
import type { RequestedDay, DayContent } from '../../dashboards/web/cluster/day-view.ts';
import { sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import type { View } from '../../dashboards/web/view.ts';
import { createDays, type Days } from '../clusters/days.ts';
import { createPastLoads } from '../clusters/past-ranges.ts';
import { graphUrl } from '../clusters/graph-url.ts';
import { dayAt, localDay } from '../clusters/local-day.ts';
import { shownSides } from '../clusters/shown-settings.ts';
import { groupsOf, topicsOf } from '../clusters/busiest-rows.ts';
import { bindingLimit } from '../../app/observe/resource-demand.ts';
import { sharesOf } from '../clusters/resource-shares.ts';
import { brokerRows } from '../clusters/snapshot-rows.ts';
import type { HistoryReader } from '../history/history.ts';
import { ChangeRequest, recordChange, type ChangeParts } from '../history/operator-change.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { documentsOf, leversOf } from '../status/prepared-actions.ts';
import { fullestDisk } from './fullest-disk.ts';
import { sendMissing } from './missing.ts';
import { pastReadings, type PastReadings } from './past-readings.ts';
import { readingsQuery, clusterReadings } from './shown-readings.ts';

const mostEntries = 10;
const mostGrades = 20;
/** Of the end of a load test that the page still shows. */
const shownForMs = 86_400_000;
/** Longer ones are not repeated to who wrote them. */
const longestDay = 40;

export type ClusterParts = Pick<
  ServiceParts,
  'statuses' | 'clusters' | 'clock' | 'readings' | 'policy' | 'alerts' | 'loadTests'
> & {
  schedule: Pick<ServiceParts['schedule'], 'states'>;
  history: HistoryReader;
  config: Pick<ServiceParts['config'], 'clientIds'>;
};

export function createClusterPage(parts: ClusterParts, site: Site): RequestHandler {
  const days = createDays(parts.clock);
  const loads = createPastLoads(parts.clock);
  return async (request, response) => {
    const view = viewOf(request, site);
    const served = parts.clusters.get(String(request.params['cluster']));
    if (served === undefined) return sendMissing(response, view);
    const chosen = readPast(view.query, view.timeZone, parts.clock.now().getTime());
    const [day, past] = await Promise.all([
      requestedDay(served, view, { days, clock: parts.clock }),
      chosen.past && pastReadings(served, chosen.past, loads),
    ]);
    const { from, to, isFaulty } = chosen;
    const choice = { hasSource: served.source?.config.kind === 'prometheus', from, to, isFaulty };
    const content = clusterView(served.name, { day, range: readRange(view.query), past, choice }, parts);
    if (content === undefined) return sendMissing(response, view);
    sendHtml(response, 200, renderClusterPage(content, view));
  };
}

/** Records a note or an analysis out of turn, and shows the history of the cluster. */
export function createClusterChange(parts: ChangeParts & Pick<ServiceParts, 'access'>, site: Site): RequestHandler {
  return async (request, response) => {
    const view = viewOf(request, site);
    const name = String(request.params['cluster']);
    const change = ChangeRequest.safeParse({ ...fieldsOf(request), cluster: name });
    if (!parts.clusters.has(name) || !change.success) return sendMissing(response, view);
    try {
      await recordChange(change.data, { name: parts.access.userOf(request).name, through: 'page' }, parts);
    } catch (cause) {
      // What was asked for is over, as a state that changed since the page was made.
      if (!(cause instanceof AppError && cause.code === 'not-found')) throw cause;
      return sendMissing(response, view);
    }
    response.redirect(303, `${view.link(clusterPath(name))}#ledger`);
  };
}

/** A form sends text, and an empty field where nothing was written. */
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

export function clusterView(
  name: string,
  {
    day,
    range,
    past,
    choice,
  }: {
    day: DayContent;
    range?: ReadingsRange | undefined;
    past?: PastReadings | undefined;
    choice?: PastChoice;
  },
  parts: ClusterParts,
): ClusterView | undefined {
  const { statuses, history, clusters, clock, config, schedule } = parts;
  const status = statuses.cluster(name);
  const served = clusters.get(name);
  if (status === undefined || served === undefined) return undefined;
  const last = served.last();
  const traffic = served.traffic();
  const trouble = served.trouble();
  const { analysis, forecast } = documentsOf(status, history);
  const shares = last && traffic && sharesOf(bindingLimit(status), last.snapshot, traffic);
  const nowMs = clock.now().getTime();
  const kept = parts.readings.of(name);
  const disk = fullestDisk(kept, parts.policy, nowMs);
  return {
    status,
    readings: {
      ...clusterReadings(status, analysis, past ?? readingsQuery(kept, range, nowMs), parts),
      ...(choice && { choice }),
    },
    ...(disk && { disk }),
    ...(last && { readAt: last.at.toISOString() }),
    ...(trouble && { trouble: { at: trouble.at.toISOString(), reason: trouble.reason } }),
    brokers: withDay(brokerRows(last?.snapshot, served.presence(), traffic, analysis), day.requested),
    day,
    differences: (last?.snapshot.rocketmq?.disagreements ?? []).map(({ of, subject, sides }) => ({
      subject,
      sides: of === 'broker-config' ? shownSides(subject, sides) : sides,
    })),
    topics: topicsOf(last?.snapshot, traffic, shares),
    groups: groupsOf(last?.snapshot, traffic, shares),
    ...(shares && { sharedBy: shares.of }),
    ...(forecast && { forecast }),
    jobs: schedule
      .states()
      .filter(({ cluster }) => cluster === name)
      .map(({ name: job, lastEnd }) => ({
        name: job,
        ...(lastEnd?.failure !== undefined && { failed: { at: lastEnd.at.toISOString(), reason: lastEnd.failure } }),
      })),
    levers: leversOf({
      status,
      analysis,
      forecast,
      served,
      clientIds: config.clientIds[name],
      nowMs,
    }),
    ...loadQuery(served),
    ...recentTest(name, parts),
    alerts: parts.alerts.firing(name, nowMs),
    grades: history
      .entries({ cluster: name, kinds: ['grade'], limit: mostGrades })
      .flatMap((entry) => (entry.kind === 'grade' ? [entry.document] : [])),
    entries: history.entries({ cluster: name, limit: mostEntries }),
  };
}

/** Brokers that existed on that day only are last. */
function withDay(rows: readonly BrokerRow[], requested: RequestedDay): BrokerRow[] {
  if (requested.kind !== 'answered' || requested.answer.kind !== 'answered') return [...rows];
  const days = new Map(requested.answer.brokers.map(({ id, ...day }) => [id, day]));
  const known = rows.map((row) => {
    const day = days.get(row.id);
    days.delete(row.id);
    return { ...row, ...(day && { day }) };
  });
  return [...known, ...Array.from(days, ([id, day]) => ({ id, day }))];
}

function loadQuery({ source }: ServedCluster): Pick<ClusterView, 'loadQuery'> {
  if (source?.load === undefined || source.config.kind !== 'prometheus') return {};
  const url = graphUrl(source.config, source.load);
  return { loadQuery: { expression: source.load, ...(url !== undefined && { url }) } };
}

function recentTest(cluster: string, { loadTests, clock }: ClusterParts): Pick<ClusterView, 'loadTest'> {
  const loadTest = loadTests?.of(cluster);
  const endMs = Date.parse(loadTest?.end?.at ?? '');
  return loadTest === undefined || clock.now().getTime() - endMs > shownForMs ? {} : { loadTest };
}
