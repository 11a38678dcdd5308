// What does the analysis know of a load test? Plain data on the clock of the run; importers make it, nothing below reads a file.

import type { Finding, Percentiles } from '../core/analysis.ts';
import type { HostInventory } from '../core/host-reading.ts';
import type { JvmRates } from '../core/imported-telemetry.ts';
import type { RunDocument } from '../core/run-bundle.ts';

export type LoadTestDocument = Extract<RunDocument, { origin: 'load-test' }>;
/** Somebody's written figures: run.json is all there is. */
export type ReadingsRun = Extract<RunDocument, { origin: 'readings' }>;

/** Seconds since the run started; `from` inclusive. */
export interface Span {
  from: number;
  to: number;
}

/** What one worker produced in one interval. */
export interface Produced extends Span {
  worker: string;
  intended: number;
  sent: number;
  acknowledged: number;
  failed: number;
  requests: number;
  /** How long due messages waited for the broker to answer others. */
  blockedSeconds: number;
  eventLoopUtilisation: number;
  cpuSeconds: number;
}

export interface Consumed extends Span {
  worker: string;
  group: string;
  messages: number;
  eventLoopUtilisation: number;
  cpuSeconds: number;
}

/** A step that was begun. */
export interface RecordedStep extends Span {
  index: number;
  targetTps: number;
  plannedSeconds: number;
  /** The run was cut off before the step ended; `to` is then the last moment recorded. */
  cutOff: boolean;
  latencySeconds?: Percentiles;
  /** Sent to acknowledged. */
  serviceSeconds?: Percentiles;
  sendDelaySeconds?: Percentiles;
  endToEndSeconds?: Percentiles;
}

/** Rates of one host between two readings of its counters; a section that was not read, or whose counters restarted, is absent. */
export interface HostInterval extends Span {
  cpu?: {
    /** All modes but idle and iowait. */
    busyCores: number;
    iowaitCores: number;
    stealCores: number;
    cores: number;
    /** Busy share of the busiest core; absent where only all of them together were read. */
    hottestCore?: number;
  };
  load?: number;
  network?: readonly {
    device: string;
    /** As on the wire: counter bytes and 24 a frame for preamble, checksum and gap (IEEE 802.3). */
    inBytesPerSecond: number;
    outBytesPerSecond: number;
    drops?: number;
  }[];
  disks?: readonly {
    device: string;
    /** Share of the interval in which at least one request was in flight. */
    busy: number;
    /** Mean seconds a request took; absent when there was none. */
    awaitSeconds?: number;
    writtenBytesPerSecond: number;
  }[];
  memory?: { usedBytes: number; totalBytes: number; dirtyBytes?: number };
}

export type HostSection = Exclude<keyof HostInterval, keyof Span>;

export interface HostSeries {
  host: string;
  inventory?: HostInventory;
  intervals: readonly HostInterval[];
  /** Tools whose printed figures these are, per section, where the run itself read none. */
  readBy?: Readonly<Partial<Record<HostSection, string>>>;
  /** Seconds of idle and of all modes since boot, at the start of the run: two hosts that agree in both are one machine. */
  cpuOrigin?: { idleSeconds: number; allSeconds: number };
}

/** Collections of one JVM in an interval, as jstat counts them. */
export interface JvmInterval extends Span {
  rates: JvmRates;
}

export interface LoadTestRun {
  document: LoadTestDocument;
  steps: readonly RecordedStep[];
  produced: readonly Produced[];
  consumed: readonly Consumed[];
  hosts: ReadonlyMap<string, HostSeries>;
  /** By host; a JVM nobody read is absent. */
  jvms: ReadonlyMap<string, readonly JvmInterval[]>;
  /** Messages each group was behind, as the brokers tell. */
  lag: readonly { elapsedSeconds: number; group: string; messages: number }[];
  underReplicated: readonly { elapsedSeconds: number; partitions: number }[];
  /** `interrupted`: no word of an end was written. */
  status: 'completed' | 'aborted' | 'failed' | 'stopped' | 'interrupted';
  statusReason?: string;
  durationSeconds: number;
  /** What importing had to say: torn lines, gaps, sources that failed. */
  findings: readonly Finding[];
}
