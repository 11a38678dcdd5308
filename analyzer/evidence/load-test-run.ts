// Defines a load test as plain data on the clock of the run; importers produce it, and nothing after them reads files.

import type { Finding, Percentiles, RunSource } from '../../core/documents/analysis.ts';
import type { BrokerFigures } from '../../core/documents/evidence/broker-figures.ts';
import type { ReplicaRow } from '../../core/documents/evidence/replica-placement.ts';
import type { ThrottledAnswers } from '../../core/documents/evidence/configured-limits.ts';
import type { HostInventory } from '../../core/documents/evidence/host-reading.ts';
import type { JvmRates } from '../../core/documents/evidence/imported-telemetry.ts';
import type { DeliveryAccount } from '../../core/documents/delivery-account.ts';
import type { JournalLine, RunDocument, Workload } from '../../core/documents/run-bundle.ts';
import type { RedlineBasis } from '../../core/documents/redline-basis.ts';
import type { SearchCertificate } from '../../core/documents/search-certificate.ts';
import type { TelemetryEnvironment } from '../../core/documents/evidence/telemetry.ts';
import type { WireAccount } from '../../core/documents/wire-account.ts';

export type LoadTestDocument = Omit<Extract<RunDocument, { origin: 'load-test' }>, 'workload'> & {
  workload: Partial<Workload>;
};
/** Written figures: run.json is all there is. */
export type ReadingsRun = Extract<RunDocument, { origin: 'readings' }>;

/** Description of a run: all of a bundle's run.json, and less for files of other tools. */
export type RunDescription = Pick<LoadTestDocument, 'id' | 'cluster' | 'environment'> &
  Partial<Omit<LoadTestDocument, 'origin' | 'schemaVersion' | 'profile' | 'steps' | 'warmUpSeconds' | 'workload'>> & {
    workload: Partial<Workload>;
    /** Live traffic of one broker: rates are of the partitions that it led. */
    redline?: RedlineBasis;
    /** Of a redline: `environment` is of its broker only, this one of the whole cluster. */
    wholeEnvironment?: TelemetryEnvironment;
    /** Files and services that other tools left the figures in. */
    sources?: readonly RunSource[];
  };

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
  /** Payload of the acknowledged messages; absent of tools that do not count it. */
  bytes?: number;
  /** How long due messages waited for the broker to answer others. */
  blockedSeconds: number;
  /** Quota throttling in the brokers' answers; absent where the client does not read it. */
  throttled?: ThrottledAnswers;
  eventLoopUtilisation: number;
  cpuSeconds: number;
}

export interface Consumed extends Span {
  worker: string;
  group: string;
  messages: number;
  /** Answers that held messages; absent in runs of before they were counted, and of other tools. */
  batches?: number;
  throttled?: ThrottledAnswers;
  /** Messages consumed before they were due, by the clocks of the machines that sent and consumed them; absent where there was none. */
  early?: { messages: number; medianSeconds: number };
  eventLoopUtilisation: number;
  cpuSeconds: number;
}

/** A second of sends by all workers. */
export interface LatencySecond extends Span {
  /** Intended to acknowledged. */
  p99Seconds: number;
}

/** A step that was begun. */
export interface RecordedStep extends Span {
  index: number;
  /** Absent in a closed loop. */
  targetTps?: number;
  /** Figures of another tool, without a target rate. */
  isRateUnknown?: true;
  /** Of a closed loop: senders that wait for their answers. */
  lanes?: number;
  /** Of a profile whose rate may rise or fall within a step. */
  isCurve?: true;
  /** Consumers were paused in it, or caught up afterwards. */
  hasBacklog?: true;
  /** A worker ended by itself in it: others took its share, or its share was not sent. */
  lostWorker?: 'moved' | 'invalid';
  /** The load generator reports that its trial was limited by itself. */
  isExcluded?: true;
  /** Of a redline: live traffic changed meanwhile. */
  isDiscarded?: true;
  plannedSeconds: number;
  /** The run was cut off before the step ended; `to` is then the last moment recorded. */
  cutOff: boolean;
  latencySeconds?: Percentiles;
  latencyMeanSeconds?: number;
  /** Second by second; absent where a source has only sums. */
  latencyCourse?: readonly LatencySecond[];
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
  network?: readonly {
    device: string;
    /** As on the wire: counter bytes and 24 a frame for preamble, checksum and gap (IEEE 802.3). */
    inBytesPerSecond: number;
    outBytesPerSecond: number;
    /** Absent if a source only has bytes. */
    inFramesPerSecond?: number;
    outFramesPerSecond?: number;
    /** Waiting to be sent at the end of the interval. */
    backlogBytes?: number;
  }[];
  disks?: readonly {
    device: string;
    /** Share of the interval in which at least one request was in flight. */
    busy: number;
    /** Mean seconds a request took; absent when there was none. */
    awaitSeconds?: number;
    writtenBytesPerSecond: number;
  }[];
  memory?: { usedBytes: number; totalBytes: number };
  /** Segments that TCP sent again, over all connections: packets were lost, such as those that a full queue dropped. */
  retransmitsPerSecond?: number;
}

export type HostSection = Exclude<keyof HostInterval, keyof Span>;

/** What a host tool can show. */
export const toolSections = ['cpu', 'network', 'disks', 'memory'] as const satisfies HostSection[];

/** Intervals in order of arrival. A plain array is one; rows of numbers are another, which create each interval on access. */
export interface HostIntervals extends Iterable<HostInterval> {
  readonly length: number;
  at(index: number): HostInterval | undefined;
  find(isWanted: (interval: HostInterval) => unknown): HostInterval | undefined;
  /** By when they were: no interval is made to be left out. */
  filter(isKept: (span: Span) => boolean): HostInterval[];
  map<T>(change: (interval: HostInterval) => T): T[];
  flatMap<T>(change: (interval: HostInterval) => T | readonly T[]): T[];
}

/** What a card moved when it stopped the load, below its stated speed. */
export interface CardCeiling {
  device: string;
  direction: 'in' | 'out';
  bytesPerSecond: number;
}

export interface HostSeries {
  host: string;
  inventory?: HostInventory;
  cardCeilings?: readonly CardCeiling[];
  intervals: HostIntervals;
  /** Tools whose printed figures these are, per section, where the run itself read none. */
  readBy?: Readonly<Partial<Record<HostSection, string>>>;
  /** Seconds of idle and of all modes since boot, at the start of the run: two hosts that agree in both are one machine. */
  cpuOrigin?: { idleSeconds: number; allSeconds: number };
  /** By how much the host's own clock went further than that of the run, and over which time; absent where it was not read. */
  clock?: { aheadSeconds: number; overSeconds: number };
}

/** Collections of one JVM in an interval, as jstat counts them. */
export interface JvmInterval extends Span {
  rates: JvmRates;
}

/** What a broker reported about itself over an interval; a figure it does not report is absent. */
export type BrokerInterval = Span & BrokerFigures;

type LineOf<Kind extends JournalLine['kind']> = Extract<JournalLine, { kind: Kind }>;

/** Journal facts besides steps and their seconds. */
export interface RunEvents {
  trials: readonly (LineOf<'trial'> & { startedSeconds?: number })[];
  guard: readonly LineOf<'guard'>[];
  settled: readonly LineOf<'settled'>[];
  resumed: readonly LineOf<'resumed'>[];
  lostWorkers: readonly LineOf<'worker-lost'>[];
  background: readonly LineOf<'background'>[];
  /** Messages that the load generator gave up because it could not send them in time. */
  droppedMessages: number;
  /** How well the clocks of workers on other machines are known: the largest bound of the error; absent without such workers. */
  clockErrorSeconds?: number;
}

export interface LoadTestRun {
  document: RunDescription;
  steps: readonly RecordedStep[];
  produced: readonly Produced[];
  consumed: readonly Consumed[];
  hosts: ReadonlyMap<string, HostSeries>;
  /** By host; a JVM without readings is absent. */
  jvms: ReadonlyMap<string, readonly JvmInterval[]>;
  /** By broker id; a broker without readings is absent. */
  brokers?: ReadonlyMap<string, readonly BrokerInterval[]>;
  /** Lag of each group, as the brokers report it. */
  lag: readonly { elapsedSeconds: number; group: string; messages: number }[];
  underReplicated: readonly { elapsedSeconds: number; partitions: number }[];
  /** Names of what could not be read at times, as its records name it; absent where the run has no records of errors. */
  failedSources?: ReadonlySet<string>;
  /** Where the replicas of the run's topics lay, from each moment on; absent where it was not recorded. */
  placements?: readonly { elapsedSeconds: number; rows: readonly ReplicaRow[] }[];
  /** `interrupted`: no end was recorded. */
  status: 'completed' | 'aborted' | 'failed' | 'stopped' | 'interrupted';
  durationSeconds: number;
  events: RunEvents;
  /** Of a search that came to its end. */
  certificate?: SearchCertificate;
  ledger?: DeliveryAccount;
  /** The load generator's account of the bytes on the brokers' cards; absent for bundles with an older format. */
  wire?: WireAccount;
  /** Findings of the import: torn lines, gaps, failed sources. */
  findings: readonly Finding[];
}
