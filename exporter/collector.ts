// Defines a collector: metrics derived from a reading of a cluster or host. Declares metrics that share their labels.

import type { BrokerKind } from '../core/cluster.ts';
import type { HostInventory, HostReading } from '../core/documents/evidence/host-reading.ts';
import type { ClusterSnapshot } from '../brokers/snapshot.ts';
import type { LagTimes } from './lag/lag-times.ts';

export interface MetricDefinition {
  /** `untyped` if the peer mixes both types under one pattern of names. */
  type: 'counter' | 'gauge' | 'histogram' | 'untyped';
  help: string;
  /** Without the `cluster` or `host` label, which the exposition adds. */
  labels: readonly string[];
  /** Unit, if the name does not end in it: `messages`, `partitions`, `1 or 0`. */
  unit?: string;
  /** How its values differ from the peer's, such as an absent series instead of -1. */
  differs?: string;
  /**
   * Whether its series are summed when the series budget is exceeded. Not for counters and offsets: if one series disappears,
   * `rate` reads the smaller sum as a counter reset and counts it as new.
   */
  additive?: true;
}

export interface Measurement {
  metric: string;
  /** For a histogram: the series; `le` is the upper bound of a cumulative bucket. */
  part?: 'sum' | 'count' | { le: number };
  /** Values in the order of the definition. */
  labels: readonly string[];
  /** Offsets may exceed 2^53 and are printed exactly. */
  value: number | bigint;
}

/** @returns one measurement, or none if the value is unknown */
export function known(
  metric: string,
  labels: readonly string[],
  value: Measurement['value'] | undefined,
): Measurement[] {
  return value === undefined ? [] : [{ metric, labels, value }];
}

/** @param values of one object, by metric. @returns measurements of the known values */
export function allKnown(
  labels: readonly string[],
  values: Readonly<Record<string, Measurement['value'] | undefined>>,
): Measurement[] {
  return Object.entries(values).flatMap(([metric, value]) => known(metric, labels, value));
}

/** Series that differ only in their last label, such as the partitions of a topic; renders in less than half the time. */
export interface Run {
  metric: string;
  /** Values of all labels but the last. */
  labels: readonly string[];
  /** Values of the last label by series; a number is printed in digits. */
  last: ArrayLike<string | number>;
  values: ArrayLike<number | bigint>;
}

/** Iteration yields the series one by one. */
export interface Runs extends Iterable<Measurement> {
  runs(): Iterable<Run>;
}

/**
 * `no-data`: could not be read, so not successful; an empty result is `ok` without measurements.
 * `unsupported`: this source never provides it, such as processes of a node_exporter; neither a success nor a failure.
 */
export type Collection =
  { kind: 'ok'; measurements: Iterable<Measurement> | Runs } | { kind: 'no-data' | 'unsupported'; reason: string };

export const ok = (measurements: Iterable<Measurement> | Runs) =>
  ({ kind: 'ok', measurements }) as const satisfies Collection;

/** An exporter whose names, labels and units a collector follows. */
export type Peer =
  'danielqsj/kafka_exporter' | 'redpanda-data/kminion' | 'prometheus/node_exporter' | 'apache/rocketmq-exporter';

interface Declared {
  /** Absent for metrics that no other exporter has. */
  readonly follows?: Peer;
  readonly metrics: Readonly<Record<string, MetricDefinition>>;
  /** Requests or files its values come from, for docs/reference/data/metrics.json. */
  readonly source: string;
  /** Cost of a collection for the broker or host, for docs/reference/data/metrics.json: `1 request per broker`. */
  readonly cost: string;
}

/** `cluster` applies to every kind of cluster. */
export interface ClusterCollector extends Declared {
  readonly of: 'cluster' | BrokerKind;
  /** Whether it needs lag times, whose history costs time at every reading and is kept only on demand. */
  readonly usesLagTimes?: true;
  collect(context: { snapshot: ClusterSnapshot; lagTimes?: LagTimes }): Collection;
}

export interface HostCollector extends Declared {
  readonly of: 'host';
  /** @param context `before` is the reading of the previous scrape, if there was one */
  collect(context: { reading: HostReading; inventory: HostInventory; before?: HostReading }): Collection;
}

export type Collector = ClusterCollector | HostCollector;

interface More extends Pick<MetricDefinition, 'unit' | 'differs' | 'additive'> {
  /** For a compatibility metric, as in `CompatibilityMetric`. */
  ours?: string;
}

/** @returns functions that declare metrics with exactly these labels; a string instead of `more` is the unit */
export function labelled(...labels: readonly string[]) {
  const define =
    (type: MetricDefinition['type'], usual: More = {}) =>
    (help: string, more: More | string = {}): MetricDefinition & More => {
      return { type, help, labels, ...usual, ...(typeof more === 'string' ? { unit: more } : more) };
    };
  return {
    gauge: define('gauge'),
    counter: define('counter'),
    histogram: define('histogram'),
    /** 1 while a condition holds, else 0. */
    flag: define('gauge', { unit: '1 or 0' }),
    /** The information is in its labels. */
    info: define('gauge', { unit: 'always 1' }),
  };
}

/** A run in construction. */
interface OpenRun extends Run {
  last: (string | number)[];
  values: (number | bigint)[];
}

export function openRun(metric: string, labels: readonly string[] = []): OpenRun {
  return { metric, labels, last: [], values: [] };
}

export function addTo({ last, values }: OpenRun, label: string | number, value: number | bigint): void {
  last.push(label);
  values.push(value);
}

export function inRuns(runs: () => Iterable<Run>): Runs {
  return { runs, [Symbol.iterator]: () => oneByOne(runs()) };
}

export function hasRuns(measurements: Iterable<Measurement> | Runs): measurements is Runs {
  return 'runs' in measurements;
}

function* oneByOne(runs: Iterable<Run>): Generator<Measurement> {
  for (const { metric, labels, last, values } of runs) {
    for (let index = 0; index < last.length; index++) {
      yield { metric, labels: [...labels, String(last[index])], value: values[index] ?? NaN };
    }
  }
}
