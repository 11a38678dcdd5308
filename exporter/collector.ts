// What is a collector? One question about a cluster or a host, answered from what was already read.

import type { HostInventory, HostReading } from '../core/host-reading.ts';
import type { ClusterSnapshot } from '../brokers/snapshot.ts';

export interface MetricDefinition {
  type: 'counter' | 'gauge';
  help: string;
  /** Without the `cluster` or `host` label, which the exposition adds. */
  labels: readonly string[];
  /** Where its values are not those of the exporter it follows, such as an absent series in place of -1. */
  differs?: string;
}

export interface Measurement {
  metric: string;
  /** Values in the order the definition names them. */
  labels: readonly string[];
  /** Offsets pass 2^53 and are printed exactly. */
  value: number | bigint;
}

/** `no-data` is for what could not be read, and counts as no success; what is empty is `ok` without measurements. */
export type Collection = { kind: 'ok'; measurements: Iterable<Measurement> } | { kind: 'no-data'; reason: string };

/** The exporter whose names, labels and units a collector keeps to. */
export type Peer = 'danielqsj/kafka_exporter' | 'prometheus/node_exporter';

export interface ClusterCollector {
  readonly of: 'cluster';
  readonly follows: Peer;
  readonly metrics: Readonly<Record<string, MetricDefinition>>;
  collect(context: { snapshot: ClusterSnapshot }): Collection;
}

export interface HostCollector {
  readonly of: 'host';
  readonly follows: Peer;
  readonly metrics: Readonly<Record<string, MetricDefinition>>;
  collect(context: { reading: HostReading; inventory: HostInventory }): Collection;
}

export type Collector = ClusterCollector | HostCollector;
