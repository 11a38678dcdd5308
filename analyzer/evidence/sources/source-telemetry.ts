// Defines telemetry of a cluster over a time window, in one shape for every monitoring system.

import type { Finding, RunSource } from '../../../core/documents/analysis.ts';
import type { TelemetryEnvironment } from '../../../core/documents/evidence/telemetry.ts';
import type { BrokerInterval, HostSeries, LoadTestRun, Span } from '../load-test-run.ts';

export interface TelemetryWindow {
  /**
   * Name the source has for the cluster. Series that bear another one are left out; where no series bears one, all are taken.
   * Absent: the source must know one cluster only.
   */
  cluster?: string;
  from: Date;
  to: Date;
  /** Length of the intervals asked for. A series that is read more seldom gets longer ones, and a finding says so. */
  stepSeconds: number;
  /** Where more intervals come of it than are held at once, longer ones are read, and a finding says so. Default: refused. */
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
export type TopologyEvent = { elapsedSeconds: number } & (
  | { kind: 'broker-restarted'; broker: string }
  | { kind: 'host-restarted'; host: string }
  | { kind: 'broker-count'; before: number; after: number }
  /** Partitions it leads: more or fewer by at least one. */
  | { kind: 'leaders-moved'; broker: string; before: number; after: number }
);

/**
 * Every time is in seconds since `startedAt`, which is `from` of the window; intervals are in their order and do not overlap
 * within a section of a host. A figure that nobody keeps, or that has a gap, is absent: never 0.
 */
export interface SourceTelemetry {
  source: RunSource;
  /** ISO 8601, UTC. */
  startedAt: string;
  durationSeconds: number;
  /** Hosts with what metrics and config tell of cores, memory and cards, and on which of them each broker runs. */
  environment: TelemetryEnvironment;
  /** By name of the host, which is what environment.brokers[].host says. */
  hosts: ReadonlyMap<string, HostSeries>;
  /** By id as environment.brokers has it. */
  brokers: ReadonlyMap<string, readonly BrokerInterval[]>;
  lag: LoadTestRun['lag'];
  /** What each group committed; absent or empty where nobody tells. */
  commits?: readonly GroupInterval[];
  underReplicated: LoadTestRun['underReplicated'];
  traffic: readonly TrafficInterval[];
  /** In their order. */
  events: readonly TopologyEvent[];
  /** Gaps, warnings of the source, names that were not found, figures that contradict each other. */
  findings: readonly Finding[];
  /** Which series each figure was made of, and what is missing for a verdict. */
  inventory: readonly FigureSource[];
  /** What reading it took of the source: bytes as they came over the network. */
  cost: { requests: number; wireBytes: number };
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
