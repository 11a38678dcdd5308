// Derives from the figures of a run which parts of the cluster were not monitored.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import type { BrokerFigures } from '../../core/documents/evidence/broker-figures.ts';
import { gcLogName, hostName } from '../../core/documents/evidence/telemetry.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import type { MonitoredPart } from '../../core/documents/findings/input-findings.ts';
import type { LoadTestRun } from './load-test-run.ts';

type FigureName = keyof BrokerFigures;

const pauses: readonly FigureName[] = ['gcPauseShare', 'longestPauseSeconds'];

type Evidence = Pick<LoadTestRun, 'document' | 'brokers' | 'hosts' | 'jvms' | 'failedSources'>;

/** Uses only the figures, so that old bundles and bundles joined with a monitoring system are treated equally. */
export function notMonitoredFindings(run: Evidence): Finding[] {
  const { broker, environment, proxy } = run.document;
  const { proxyHosts = [] } = environment;
  const internals = traitsOf(broker)?.internals;
  if (environment.brokers.length === 0) return [];
  const nodesWithout = (isThere: (id: string, host: string | undefined) => boolean) =>
    environment.brokers.filter(({ id, host }) => !isThere(id, host)).map(({ id }) => id);
  const isRead = (host: string | undefined) => host !== undefined && (run.hosts.get(host)?.intervals.length ?? 0) > 0;
  const without: { part: MonitoredPart; nodes: string[]; sourceOf(node: string): string }[] = [
    ...(internals === undefined
      ? []
      : [{ ...internals, nodes: nodesWithout((id) => hasOne(run, id, internals.figures)) }]),
    {
      part: 'gc-pauses',
      nodes: nodesWithout(
        (id, host) => hasOne(run, id, pauses) || (host !== undefined && (run.jvms.get(host)?.length ?? 0) > 0),
      ),
      sourceOf: gcLogName,
    },
    {
      part: 'host-metrics',
      nodes: nodesWithout((_, host) => isRead(host)),
      sourceOf: (id) => hostName(environment.brokers.find((broker) => broker.id === id)?.host ?? ''),
    },
    {
      part: 'worker-host',
      nodes: (environment.workerHosts ?? []).filter((host) => !isRead(host)),
      sourceOf: hostName,
    },
    {
      part: 'proxy-host',
      nodes: proxy === undefined ? [] : proxyHosts.filter((host) => !isRead(host)),
      sourceOf: hostName,
    },
  ];
  return [
    ...without.flatMap(({ part, nodes, sourceOf }) => {
      const hasFailed = (node: string) => run.failedSources?.has(sourceOf(node)) === true;
      const failed = nodes.filter(hasFailed);
      const others = nodes.filter((node) => !hasFailed(node));
      return [
        ...(others.length > 0 ? [findingOf('not-monitored', { part, nodes: others })] : []),
        ...(failed.length > 0 ? [findingOf('not-monitored', { part, nodes: failed, hasFailed: true })] : []),
      ];
    }),
    ...(proxy !== undefined && proxyHosts.length === 0
      ? [findingOf('not-monitored', { part: 'proxy-host', nodes: [] })]
      : []),
  ];
}

function hasOne({ brokers }: Evidence, id: string, names: readonly FigureName[]): boolean {
  return (brokers?.get(id) ?? []).some((interval) => names.some((name) => interval[name] !== undefined));
}
