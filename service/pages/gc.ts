// Serves the GC page from the last readings of the brokers' hosts and from load tests.

import type { RequestHandler } from 'express';
import { renderGcClusters, renderGcPage } from '../../dashboards/web/gc/gc-page.ts';
import type { ClusterView } from '../../dashboards/web/cluster/cluster-view.ts';
import type { GcContent, GcHostView } from '../../dashboards/web/gc/gc-view.ts';
import type { Site } from '../../dashboards/web/site.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { wholeOf } from '../gc/gc-course.ts';
import { gcFindings } from '../gc/gc-findings.ts';
import type { WatchedGcHost, WatchedGcLog } from '../gc/gc-watch.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { naturalOrder } from '../../core/text/natural-order.ts';
import { pageOf } from './served-page.ts';

export interface GcParts extends Pick<ServiceParts, 'gc' | 'history' | 'clock'> {
  clusters: ReadonlyMap<string, Pick<ServedCluster, 'broker' | 'last'>>;
}

export function createGcPage(parts: GcParts, site: Site): RequestHandler {
  return pageOf(site, (view) => {
    const cluster = view.query.get('cluster');
    if (cluster === null || cluster === '') return renderGcClusters([...parts.clusters.keys()], view);
    const content = gcContent(cluster, view.query.get('broker') || undefined, parts);
    return content && renderGcPage(content, view);
  });
}

/** @returns undefined for an unknown cluster or broker */
export function gcContent(cluster: string, broker: string | undefined, parts: GcParts): GcContent | undefined {
  const served = parts.clusters.get(cluster);
  if (served === undefined) return undefined;
  const hosts = parts.gc.of(cluster);
  const seen = served.last()?.snapshot.cluster.brokers.map(({ id }) => id) ?? [];
  const brokers = [...new Set([...hosts.flatMap((host) => host.brokers), ...seen])].toSorted(naturalOrder);
  if (broker !== undefined && !brokers.includes(broker)) return undefined;
  const tested = testedOf(cluster, parts);
  return {
    cluster,
    ...(broker !== undefined && { broker }),
    brokers,
    hosts: hosts
      .filter((host) => broker === undefined || host.brokers.includes(broker))
      .map((host) => hostView(broker === undefined ? host : withLogsOf(broker, host), served.broker)),
    ...(tested && { tested }),
    at: parts.clock.now().toISOString(),
  };
}

/** @returns the number of findings in the GC logs of a cluster, by severity */
export function gcFindingCounts(cluster: string, kind: BrokerKind, gc: GcParts['gc']): ClusterView['gcFindings'] {
  const found = gc.of(cluster).flatMap((host) => hostView(host, kind).logs.flatMap(({ findings }) => findings));
  const count = (severity: 'critical' | 'warning') => found.filter((each) => each.severity === severity).length;
  return { critical: count('critical'), warning: count('warning') };
}

const withLogsOf = (broker: string, host: WatchedGcHost): WatchedGcHost => ({
  ...host,
  logs: host.logs.filter((log) => log.broker === undefined || log.broker === broker),
});

function hostView({ host, brokers, last, trouble, logs }: WatchedGcHost, kind: BrokerKind): GcHostView {
  return {
    host,
    brokers,
    ...(last && { readAt: last.at.toISOString() }),
    ...(last?.whyNot !== undefined && { whyNot: last.whyNot }),
    ...(trouble && { trouble: { at: trouble.at.toISOString(), reason: trouble.reason } }),
    logs: logs.map((log) => logView(log, kind)),
  };
}

function logView({ reading, course }: WatchedGcLog, kind: BrokerKind): GcHostView['logs'][number] {
  const points = course.intervals;
  const whole = wholeOf(points);
  return { reading, points, ...(whole && { whole }), findings: gcFindings(reading, points, kind) };
}

function testedOf(cluster: string, { history }: GcParts): GcContent['tested'] {
  const entry = history.latest(cluster, ['test', 'verdict']);
  if (entry === undefined) return undefined;
  const findings = entry.document.findings.filter(({ code }) => code.startsWith('gc-'));
  return { entry: entry.id, at: entry.at, findings };
}
