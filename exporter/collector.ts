// What is a collector? One question about a cluster or a host, answered from what was already read.

import type { HostInventory, HostReading } from '../core/host-reading.ts';
import type { ClusterSnapshot } from '../brokers/snapshot.ts';

export interface MetricDefinition {
  type: 'counter' | 'gauge';
  help: string;
  /** Without the `cluster` or `host` label, which the exposition adds. */
  labels: readonly string[];
}

export interface Measurement {
  metric: string;
  labels: readonly string[];
  value: number;
}

export type Collection =
  | { kind: 'ok'; measurements: Iterable<Measurement> }
  | { kind: 'no-data'; reason: string };

export interface ClusterCollector {
  readonly of: 'cluster';
  readonly metrics: Readonly<Record<string, MetricDefinition>>;
  collect(context: { snapshot: ClusterSnapshot }): Collection;
}

export interface HostCollector {
  readonly of: 'host';
  readonly metrics: Readonly<Record<string, MetricDefinition>>;
  collect(context: { reading: HostReading; inventory: HostInventory }): Collection;
}

export type Collector = ClusterCollector | HostCollector;
