// Defines a compatibility mode: another exporter's metrics under its names, and our equivalents.

import type { ClusterCollector, MetricDefinition, Peer } from '../collector.ts';

export interface CompatibilityMetric extends MetricDefinition {
  /** The metric of ours that says the same, for those who change their dashboards; absent where none does. */
  ours?: string;
}

export interface Compatibility extends ClusterCollector {
  readonly follows: Peer;
  readonly metrics: Readonly<Record<string, CompatibilityMetric>>;
  /** Where all of its metrics differ. */
  readonly differs?: string;
  /** Metrics of the other exporter that are not offered, and why. */
  readonly missing: Readonly<Record<string, string>>;
}
