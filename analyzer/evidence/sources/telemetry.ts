// Defines telemetry of a cluster in one shape for every source, reads it, or checks with few queries what the source has.

import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { SourceConfig } from './config.ts';
import type { Finding, RunSource } from '../../../core/documents/analysis.ts';
import type { TelemetryEnvironment } from '../../../core/documents/evidence/telemetry.ts';
import type { TopologyFacts } from '../../../core/documents/findings/import-findings.ts';
import type { BrokerInterval, HostSeries, LoadTestRun, Span } from '../load-test-run.ts';

export interface SourceIo {
  signal: AbortSignal;
  /** Waits between attempts; default: the system's. */
  clock?: Clock;
  /** Name of the source in the config; default: its URL or files. */
  name?: string;
  /** Called with progress from 0 to 1. */
  progress?: (share: number) => void;
}

export interface SourceCheck {
  cluster?: string;
  inventory: readonly FigureSource[];
  /** Link speeds reported by the kernel of a host; a virtual link may be slower, so no verdict uses them. */
  reportedSpeeds?: readonly { host: string; device: string; bitsPerSecond: number }[];
  warnings: readonly string[];
}

/**
 * Queries aggregate at the source: they return one value per host, broker or group and interval, never raw samples.
 * Memory is bounded: a window with too many intervals is refused, with the step that fits.
 *
 * @returns the figures found; missing ones are in `findings` and `inventory`
 * @throws AppError source-refused if nothing could be read, credentials-refused, usage for an invalid window
 */
export async function readTelemetry(
  source: SourceConfig,
  window: TelemetryWindow,
  io: SourceIo,
): Promise<SourceTelemetry> {
  io.signal.throwIfAborted();
  if (!(window.to > window.from)) throw new AppError('usage', 'the window of a source ends before it begins');
  if (!(window.stepSeconds >= 1)) throw new AppError('usage', 'the step of a source is a second or more');
  switch (source.kind) {
    case 'prometheus':
      return (await import('./prometheus-telemetry.ts')).readPrometheus(source, window, io);
    case 'zabbix':
      return (await import('./zabbix-api.ts')).readZabbixApi(source, window, io);
    case 'zabbix-export':
      return (await import('./zabbix-export.ts')).readZabbixExport(source, window, io);
    case 'cloudwatch':
      return (await import('./cloudwatch-api.ts')).readCloudWatchApi(source, window, io);
    case 'cloudwatch-export':
      return (await import('./cloudwatch-export.ts')).readCloudWatchExport(source, window, io);
  }
}

/** Queries a Prometheus for few points of each figure; reads other systems in full. @throws as readTelemetry */
export async function checkSource(source: SourceConfig, window: TelemetryWindow, io: SourceIo): Promise<SourceCheck> {
  if (source.kind === 'prometheus')
    return (await import('./prometheus-telemetry.ts')).checkPrometheus(source, window, io);
  const { inventory } = await readTelemetry(source, window, io);
  return { inventory, warnings: [] };
}

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
