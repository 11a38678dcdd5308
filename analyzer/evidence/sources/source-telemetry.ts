// Defines telemetry of a cluster over a time window, in one shape for every monitoring system.

import type { Finding, RunSource } from '../../../core/documents/analysis.ts';
import type { TelemetryEnvironment } from '../../../core/documents/evidence/telemetry.ts';
import type { TopologyFacts } from '../../../core/documents/findings/import-findings.ts';
import type { BrokerInterval, HostSeries, LoadTestRun, Span } from '../load-test-run.ts';

export interface TelemetryWindow {
  /**
   * Name of the cluster in the source. Series with another name are left out; if no series has one, all are taken.
   * Absent: the source must have one cluster only.
   */
  cluster?: string;
  from: Date;
  to: Date;
  /** Length of the requested intervals. A series that is scraped less often gets longer ones, and a finding reports it. */
  stepSeconds: number;
  /** If more intervals result than are held at once, longer ones are read, and a finding reports it. Default: rejected. */
  coarserIfNeeded?: boolean;
}

/** What producers stored in the whole cluster. */
export interface TrafficInterval extends Span {
  messagesPerSecond: number;
}

export interface GroupInterval extends Span {
  group: string;
  messagesPerSecond: number;
}

/** What changed in the cluster itself, so that figures before and after are of two clusters. */
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
  /** By name of the host, as in environment.brokers[].host. */
  hosts: ReadonlyMap<string, HostSeries>;
  /** By id as environment.brokers has it. */
  brokers: ReadonlyMap<string, readonly BrokerInterval[]>;
  lag: LoadTestRun['lag'];
  /** Commits of each group; absent or empty if unknown. */
  commits?: readonly GroupInterval[];
  underReplicated: LoadTestRun['underReplicated'];
  traffic: readonly TrafficInterval[];
  /** In their order. */
  events: readonly TopologyEvent[];
  /** Gaps, warnings of the source, names that were not found, figures that contradict each other. */
  findings: readonly Finding[];
  /** The series of each figure, and what a verdict lacks. */
  inventory: readonly FigureSource[];
  /** What reading it took of a Prometheus: bytes as they came over the network. */
  cost?: { requests: number; wireBytes: number };
}

/** One line of the list of what was found and what not. */
export type FigureSource = {
  figure: string;
  of: 'host' | 'broker' | 'cluster' | 'group';
  /** Without it no verdict names a limit of this resource. */
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
      /** Hosts, brokers or groups it is there for. */
      targets: readonly string[];
      /** … and those of which other figures are there, and this one is not. */
      missingFor: readonly string[];
    }
  | { kind: 'missing'; triedMetrics: readonly string[] }
);
