// Defines a compatibility mode: another exporter's metrics under its names, and our equivalents.

import type { ClusterCollector, MetricDefinition, Peer } from '../collector.ts';

export interface CompatibilityMetric extends MetricDefinition {
  /** The equivalent metric of ours, for people who migrate their dashboards; absent if there is none. */
  ours?: string;
}

export interface Compatibility extends ClusterCollector {
  readonly follows: Peer;
  readonly metrics: Readonly<Record<string, CompatibilityMetric>>;
  /** Difference that all of its metrics have. */
  readonly differs?: string;
  /** Metrics of the other exporter that are not offered, and why. */
  readonly missing: Readonly<Record<string, string>>;
}
