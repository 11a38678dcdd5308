// Lists the metrics that exporter, service and load test declare, with types and labels.

import { brokerHostMetrics } from '../../exporter/broker-hosts.ts';
import { canaryMetrics } from '../../exporter/canary/canary-metrics.ts';
import type { MetricDefinition } from '../../exporter/collector.ts';
import { ownMetrics } from '../../exporter/own-metrics.ts';
import { otlpMetrics } from '../../exporter/otlp/push.ts';
import { reloadMetrics } from '../../exporter/reload-metrics.ts';
import { collectors } from '../../exporter/registry.ts';
import { shardMetrics } from '../../exporter/shards/shards.ts';
import { runMetrics } from '../../loadgen/execute/control/run-metrics.ts';
import { serviceMetrics } from '../../service/metrics/service-metrics.ts';

export interface DeclaredMetric {
  type: MetricDefinition['type'];
  /** Labels, including that of its origin: cluster or host. */
  labels: ReadonlySet<string>;
}

type Table = Readonly<Record<string, Pick<MetricDefinition, 'type' | 'labels'>>>;

const declared: [string, DeclaredMetric][] = [
  ...Object.values(collectors).flatMap(({ of, metrics }) => rows(metrics, [of === 'host' ? 'host' : 'cluster'])),
  ...rows(canaryMetrics, ['cluster']),
  ...rows(brokerHostMetrics, ['cluster']),
  ...rows(ownMetrics, ['cluster', 'host']),
  ...rows(reloadMetrics, []),
  ...rows(otlpMetrics, []),
  ...rows(shardMetrics, []),
  // The other metrics have either a cluster or a host.
  ['plimsoll_cluster_up', { type: 'gauge', labels: new Set(['cluster']) }],
  ['plimsoll_host_up', { type: 'gauge', labels: new Set(['host']) }],
  ...rows(serviceMetrics, []),
  ...rows(runMetrics, []),
  // Series that Prometheus adds to every scrape, and process metrics (prom-client).
  ['up', { type: 'gauge', labels: new Set() }],
  ['process_cpu_seconds_total', { type: 'counter', labels: new Set() }],
  ['process_resident_memory_bytes', { type: 'gauge', labels: new Set() }],
  ['plimsoll_build_info', { type: 'gauge', labels: new Set(['version']) }],
  // Series that Prometheus adds for every alert, with the labels of the alert.
  ['ALERTS', { type: 'gauge', labels: new Set(['alertname', 'alertstate']) }],
];

/** Metrics by series name: a histogram has three. */
export const declaredMetrics: ReadonlyMap<string, DeclaredMetric> = new Map(declared.flatMap(seriesOf));

/** Labels that a scrape adds to all series. */
export const targetLabels: readonly string[] = ['job', 'instance', 'domain'];

function rows(table: Table, origin: readonly string[]): [string, DeclaredMetric][] {
  return Object.entries(table).map(([name, { type, labels }]) => [
    name,
    { type, labels: new Set([...origin, ...labels]) },
  ]);
}

function seriesOf([name, metric]: [string, DeclaredMetric]): [string, DeclaredMetric][] {
  if (metric.type !== 'histogram') return [[name, metric]];
  const counter = { ...metric, type: 'counter' } as const;
  return [
    [`${name}_bucket`, { ...counter, labels: new Set([...metric.labels, 'le']) }],
    [`${name}_sum`, counter],
    [`${name}_count`, counter],
  ];
}
