// Defines a collector: metrics derived from what was already read of a cluster or host.

import type { BrokerKind } from '../core/cluster.ts';
import type { HostInventory, HostReading } from '../core/documents/evidence/host-reading.ts';
import type { ClusterSnapshot } from '../brokers/snapshot.ts';
import type { LagTimes } from './lag/lag-times.ts';

export interface MetricDefinition {
  /** `untyped` where the exporter it follows mixes both under one pattern of names. */
  type: 'counter' | 'gauge' | 'histogram' | 'untyped';
  help: string;
  /** Without the `cluster` or `host` label, which the exposition adds. */
  labels: readonly string[];
  /** Where the name does not end in it: `messages`, `partitions`, `1 or 0`. */
  unit?: string;
  /** Where its values are not those of the exporter it follows, such as an absent series in place of -1. */
  differs?: string;
  /**
   * Its series are added up where the series budget leaves no room for each. Not for counters and offsets: when one series drops
   * out, `rate` takes the smaller sum for a restart and counts the whole of it as new.
   */
  additive?: true;
}

export interface Measurement {
  metric: string;
  /** Of a histogram: which of its series; `le` is the upper bound of a bucket, which counts all below it as well. */
  part?: 'sum' | 'count' | { le: number };
  /** Values in the order the definition names them. */
  labels: readonly string[];
  /** Offsets pass 2^53 and are printed exactly. */
  value: number | bigint;
}

/** @returns one measurement, or none when the value is unknown */
export function known(
  metric: string,
  labels: readonly string[],
  value: Measurement['value'] | undefined,
): Measurement[] {
  return value === undefined ? [] : [{ metric, labels, value }];
}

/** @param values of one thing, by metric. @returns a measurement of each that is known */
export function allKnown(
  labels: readonly string[],
  values: Readonly<Record<string, Measurement['value'] | undefined>>,
): Measurement[] {
  return Object.entries(values).flatMap(([metric, value]) => known(metric, labels, value));
}

/** Many series that differ in their last label alone, such as the partitions of a topic: less than half the time of one by one. */
export interface Run {
  metric: string;
  /** Values of all labels but the last. */
  labels: readonly string[];
  /** Of each series the value of its last label; a number is written as its digits. */
  last: ArrayLike<string | number>;
  values: ArrayLike<number | bigint>;
}

/** Callers that do not use runs get the series one by one. */
export interface Runs extends Iterable<Measurement> {
  runs(): Iterable<Run>;
}

/**
 * `no-data` is for what could not be read, and counts as no success; what is empty is `ok` without measurements.
 * `unsupported` is for what this source can never have, such as processes of a node_exporter: no success and no failure.
 */
export type Collection =
  { kind: 'ok'; measurements: Iterable<Measurement> | Runs } | { kind: 'no-data' | 'unsupported'; reason: string };

/** An exporter whose names, labels and units a collector follows. */
export type Peer =
  'danielqsj/kafka_exporter' | 'redpanda-data/kminion' | 'prometheus/node_exporter' | 'apache/rocketmq-exporter';

interface Declared {
  /** Absent: ours; no other exporter has such metrics. */
  readonly follows?: Peer;
  readonly metrics: Readonly<Record<string, MetricDefinition>>;
  /** Which requests or files its values come from, for docs/reference/data/metrics.json. */
  readonly source: string;
  /** What a collection costs the broker or host, for docs/reference/data/metrics.json: `1 request per broker`. */
  readonly cost: string;
}

/** `cluster` is for every kind of cluster. */
export interface ClusterCollector extends Declared {
  readonly of: 'cluster' | BrokerKind;
  /** Keeping the history they come from costs time at every reading: only where somebody asks. */
  readonly usesLagTimes?: true;
  collect(context: { snapshot: ClusterSnapshot; lagTimes?: LagTimes }): Collection;
}

export interface HostCollector extends Declared {
  readonly of: 'host';
  /** @param context `before` is the reading of the scrape before, where there was one */
  collect(context: { reading: HostReading; inventory: HostInventory; before?: HostReading }): Collection;
}

export type Collector = ClusterCollector | HostCollector;
