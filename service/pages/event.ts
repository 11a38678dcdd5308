// What does the page of the event day show of each cluster? Its verdict and forecast from the ledger, its load from the last readings.

import type { Request, Response } from 'express';
import { limitOutlook, peakAhead, type OutlookInputs } from '../../analyzer/event/limit-outlook.ts';
import { prepareLevers } from '../../analyzer/event/prepare-levers.ts';
import type { EventState } from '../../analyzer/event/prepared.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Analysis } from '../../core/analysis.ts';
import type { Topic } from '../../core/cluster.ts';
import type { PreparedLever } from '../../core/event-outlook.ts';
import type { RecordedForecast } from '../../core/ledger-entry.ts';
import type { ClusterStanding } from '../../core/standing.ts';
import { renderEventPage, type EventCluster, type EventContent } from '../../dashboards/web/event-page.ts';
import { sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import type { ClusterTraffic } from '../clusters/traffic.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';

/** The worst of a fleet; the list of clusters has the others. */
const mostShown = 10;

export interface EventParts extends Pick<ServiceParts, 'standings' | 'ledger' | 'clock'> {
  config: Pick<ServiceParts['config'], 'clientIds'>;
  clusters: ReadonlyMap<string, Pick<ServedCluster, 'traffic' | 'last'>>;
}

export function createEventPage(parts: EventParts, site: Site): (request: Request, response: Response) => void {
  return (request, response) => sendHtml(response, 200, renderEventPage(eventOf(parts), viewOf(request, site)));
}

export function eventOf(parts: EventParts): EventContent {
  const { at, promotion, clusters } = parts.standings.fleet();
  const judged = clusters.filter(({ verdict }) => verdict !== undefined);
  return {
    at,
    ...(promotion && { promotion }),
    clusters: judged.slice(0, mostShown).map((standing) => eventCluster(standing, parts)),
    more: Math.max(0, judged.length - mostShown),
  };
}

function eventCluster(standing: ClusterStanding, { ledger, clusters, clock, config }: EventParts): EventCluster {
  const { cluster, verdict, forecast } = standing;
  const judged = verdict && ledger.entry(verdict.entry);
  const analysis: Analysis | undefined =
    judged?.kind === 'verdict' || judged?.kind === 'test' ? judged.document : undefined;
  const foreseen = forecast && ledger.entry(forecast.entry);
  const document: RecordedForecast | undefined = foreseen?.kind === 'forecast' ? foreseen.document : undefined;
  const nowMs = clock.now().getTime();
  return {
    standing,
    outlook: limitOutlook(outlookInputs({ standing, forecast: document, nowMs })),
    levers: leversOf({
      standing,
      analysis,
      forecast: document,
      nowMs,
      served: clusters.get(cluster),
      clientIds: config.clientIds[cluster],
    }),
  };
}

interface Known {
  standing: ClusterStanding;
  forecast: RecordedForecast | undefined;
  nowMs: number;
}

const outlookInputs = ({ standing: { now, safeMaxTps }, forecast, nowMs }: Known): OutlookInputs => ({
  nowMs,
  nowTps: now?.produceTps,
  safeMaxTps,
  forecast,
});

/** None without a verdict. */
export function leversOf({
  analysis,
  served,
  clientIds = {},
  ...known
}: Known & {
  analysis: Analysis | undefined;
  served: Pick<ServedCluster, 'traffic' | 'last'> | undefined;
  clientIds: Readonly<Record<string, string>> | undefined;
}): readonly PreparedLever[] {
  if (analysis === undefined) return [];
  const { cluster, broker } = known.standing;
  const peak = peakAhead(outlookInputs(known));
  return prepareLevers({
    cluster,
    broker,
    verdict: analysis,
    ...(peak && { peak }),
    ...ratesOf(served?.traffic(), broker),
    ...layoutOf(served?.last()?.snapshot),
    clientIds: new Map(Object.entries(clientIds)),
  });
}

/** A few are enough to reach a cluster. */
const mostServers = 3;

function layoutOf(snapshot: ClusterSnapshot | undefined): Pick<EventState, 'access' | 'queues'> {
  if (snapshot === undefined) return {};
  const { cluster, topics, rocketmq } = snapshot;
  const all = (rocketmq?.nameServers ?? cluster.brokers).map(({ address }) => address);
  const queues = topics.map(({ name, partitions }) => [name, queuesOf(partitions)] as const);
  return {
    access: { servers: all.slice(0, mostServers), clusterName: cluster.clusterId ?? cluster.name },
    ...(rocketmq && { queues: new Map(queues) }),
  };
}

function queuesOf(partitions: Topic['partitions']): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { brokerName } of partitions)
    if (brokerName !== undefined) counts.set(brokerName, (counts.get(brokerName) ?? 0) + 1);
  return counts;
}

function ratesOf(
  traffic: ClusterTraffic | undefined,
  kind: EventState['broker'],
): Pick<EventState, 'topics' | 'brokers'> {
  const topics = new Map<string, number>();
  const brokers = new Map<string, number>();
  for (const [topic, { produceTps }] of traffic?.topics ?? []) {
    if (produceTps !== undefined) topics.set(topic, produceTps);
  }
  for (const [id, { produceTps }] of traffic?.brokers ?? []) {
    if (produceTps === undefined) continue;
    // A group of RocketMQ takes messages at one of its members at a time.
    const name = kind === 'rocketmq' ? (id.split(':')[0] ?? id) : id;
    brokers.set(name, (brokers.get(name) ?? 0) + produceTps);
  }
  return { topics, brokers };
}
