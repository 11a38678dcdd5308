// Defines telemetry of a cluster over a time window, in one shape for every monitoring system.

import type { Finding, RunSource } from '../../../core/documents/analysis.ts';
import type { TelemetryEnvironment } from '../../../core/documents/evidence/telemetry.ts';
import type { TopologyFacts } from '../../../core/documents/findings/import-findings.ts';
import type { BrokerInterval, HostSeries, LoadTestRun, Span } from '../load-test-run.ts';

export interface TelemetryWindow {
  /**
   * Name of the cluster in the source. Series with another name are ignored; if no series has a name, all are used.
   * Absent: the source must contain a single cluster.
   */
  cluster?: string;
  from: Date;
  to: Date;
  /** Length of the requested intervals. A series that is scraped less often gets longer ones, and a finding reports it. */
  stepSeconds: number;
  /** If there are too many intervals for memory, longer ones are read, and a finding reports it. Default: an error. */
  coarserIfNeeded?: boolean;
}

/** Messages that producers stored in the whole cluster. */
export interface TrafficInterval extends Span {
  messagesPerSecond: number;
}

export interface GroupInterval extends Span {
  group: string;
  messagesPerSecond: number;
}

/** A change of the cluster, so that figures before and after belong to different clusters. */
export type TopologyEvent = { elapsedSeconds: number } & TopologyFacts;

/**
 * Every time is in seconds since `startedAt`, which is `from` of the window; intervals are ordered and do not overlap
 * within a section of a host. A figure without data, or with a gap, is absent: never 0.
 */
export interface SourceTelemetry {
  source: RunSource;
  /** ISO 8601, UTC. */
  startedAt: string;
  durationSeconds: number;
  /** Hosts with their cores, memory and cards from metrics and config, and the host of each broker. */
  environment: TelemetryEnvironment;
  /** By host name, as in environment.brokers[].host. */
  hosts: ReadonlyMap<string, HostSeries>;
  /** By broker id, as in environment.brokers. */
  brokers: ReadonlyMap<string, readonly BrokerInterval[]>;
  lag: LoadTestRun['lag'];
  /** Commits of each group; absent or empty if unknown. */
  commits?: readonly GroupInterval[];
  underReplicated: LoadTestRun['underReplicated'];
  traffic: readonly TrafficInterval[];
  /** In time order. */
  events: readonly TopologyEvent[];
  /** Gaps, warnings of the source, names that were not found, figures that contradict each other. */
  findings: readonly Finding[];
  /** The series of each figure, and figures missing for a verdict. */
  inventory: readonly FigureSource[];
  /** Cost of reading a Prometheus; bytes as received from the network. */
  cost?: { requests: number; wireBytes: number };
}

/** One line of the list of found and missing figures. */
export type FigureSource = {
  figure: string;
  of: 'host' | 'broker' | 'cluster' | 'group';
  /** Without it, no verdict can name a limit of this resource. */
  isNeeded: boolean;
} & (
  | {
      kind: 'found';
      /** Naming scheme, such as node-exporter. */
      scheme: string;
      /** The expression that runs at the source. */
      expression: string;
      /** Where the scheme is published. */
      citation: string;
      /** Hosts, brokers or groups that have the figure. */
      targets: readonly string[];
      /** Hosts, brokers or groups that have other figures, but not this one. */
      missingFor: readonly string[];
    }
  | { kind: 'missing'; triedMetrics: readonly string[] }
);
