// Defines a load test as plain data on the clock of the run; importers produce it, and later code reads no files.

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
/** Written figures, whose only file is run.json. */
export type ReadingsRun = Extract<RunDocument, { origin: 'readings' }>;

/** Description of a run: everything in a bundle's run.json, or less for files of other tools. */
export type RunDescription = Pick<LoadTestDocument, 'id' | 'cluster' | 'environment'> &
  Partial<Omit<LoadTestDocument, 'origin' | 'schemaVersion' | 'profile' | 'steps' | 'warmUpSeconds' | 'workload'>> & {
    workload: Partial<Workload>;
    /** For live traffic of one broker: rates apply to the partitions that it led. */
    redline?: RedlineBasis;
    /** For a redline: the whole cluster, while `environment` contains only the tested broker. */
    wholeEnvironment?: TelemetryEnvironment;
    /** Files and services of other tools that provided the figures. */
    sources?: readonly RunSource[];
  };

/** Seconds since the run started; `from` inclusive. */
export interface Span {
  from: number;
  to: number;
}

/** Counts of one worker in one interval of production. */
export interface Produced extends Span {
  worker: string;
  intended: number;
  sent: number;
  acknowledged: number;
  failed: number;
  requests: number;
  /** Payload of the acknowledged messages; absent for tools that do not count it. */
  bytes?: number;
  /** Time that due messages waited for the broker to respond to others. */
  blockedSeconds: number;
  /** Quota throttling in the brokers' responses; absent if the client does not read it. */
  throttled?: ThrottledAnswers;
  eventLoopUtilisation: number;
  cpuSeconds: number;
}

export interface Consumed extends Span {
  worker: string;
  group: string;
  messages: number;
  /** Responses with messages; absent in runs before they were counted, and for other tools. */
  batches?: number;
  throttled?: ThrottledAnswers;
  /** Messages consumed before they were due, by the clocks of the sending and consuming hosts; absent if there were none. */
  early?: { messages: number; medianSeconds: number };
  eventLoopUtilisation: number;
  cpuSeconds: number;
}

/** A second of sends by all workers. */
export interface LatencySecond extends Span {
  /** Time from intended to acknowledged. */
  p99Seconds: number;
}

/** A step that was started. */
export interface RecordedStep extends Span {
  index: number;
  /** Absent for a closed loop. */
  targetTps?: number;
  /** For figures of another tool, without a target rate. */
  isRateUnknown?: true;
  /** For a closed loop: senders that wait for their responses. */
  lanes?: number;
  /** For a profile whose rate may rise or fall within a step. */
  isCurve?: true;
  /** Consumers were paused in the step, or caught up after a pause. */
  hasBacklog?: true;
  /** A worker ended unexpectedly in the step: others took over its share, or its share was not sent. */
  lostWorker?: 'moved' | 'invalid';
  /** The load generator reported that it limited its trial itself. */
  isExcluded?: true;
  /** For a redline: live traffic changed during the step. */
  isDiscarded?: true;
  plannedSeconds: number;
  /** The run ended before the step did; `to` is then the last recorded moment. */
  cutOff: boolean;
  latencySeconds?: Percentiles;
  latencyMeanSeconds?: number;
  /** Latency per second; absent if a source has only sums. */
  latencyCourse?: readonly LatencySecond[];
  /** Time from sent to acknowledged. */
  serviceSeconds?: Percentiles;
  sendDelaySeconds?: Percentiles;
  endToEndSeconds?: Percentiles;
}

/** Rates of one host between two readings of its counters; a section is absent if it was not read, or its counters restarted. */
export interface HostInterval extends Span {
  cpu?: {
    /** All modes except idle and iowait. */
    busyCores: number;
    iowaitCores: number;
    stealCores: number;
    cores: number;
    /** Busy share of the busiest core; absent if only the sum of all cores was read. */
    hottestCore?: number;
    /** Which core that was; absent if the source does not show it. */
    hottestIndex?: number;
  };
  network?: readonly {
    device: string;
    /** Bytes on the wire: counter bytes plus 24 per frame for preamble, checksum and gap (IEEE 802.3). */
    inBytesPerSecond: number;
    outBytesPerSecond: number;
    /** Absent if a source only has bytes. */
    inFramesPerSecond?: number;
    outFramesPerSecond?: number;
    /** Queued bytes at the end of the interval. */
    backlogBytes?: number;
  }[];
  disks?: readonly {
    device: string;
    /** Share of the interval in which at least one request was in flight. */
    busy: number;
    /** Mean seconds per request; absent if there was none. */
    awaitSeconds?: number;
    writtenBytesPerSecond: number;
  }[];
  memory?: { usedBytes: number; totalBytes: number };
  /** Segments that TCP retransmitted, over all connections, because packets were lost, such as those that a full queue dropped. */
  retransmitsPerSecond?: number;
}

export type HostSection = Exclude<keyof HostInterval, keyof Span>;

/** Sections that a host tool can provide. */
export const toolSections = ['cpu', 'network', 'disks', 'memory'] as const satisfies HostSection[];

/** Intervals in order of arrival: a plain array, or rows of numbers that create each interval on access. */
export interface HostIntervals extends Iterable<HostInterval> {
  readonly length: number;
  at(index: number): HostInterval | undefined;
  find(isWanted: (interval: HostInterval) => unknown): HostInterval | undefined;
  /** Filters by time, so that no object is created for an excluded interval. */
  filter(isKept: (span: Span) => boolean): HostInterval[];
  map<T>(change: (interval: HostInterval) => T): T[];
  flatMap<T>(change: (interval: HostInterval) => T | readonly T[]): T[];
}

/** Rate of a card when it limited the load, below its stated speed. */
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
  /** Tools that printed these figures, per section, if the run itself read none. */
  readBy?: Readonly<Partial<Record<HostSection, string>>>;
  /** Seconds of idle and of all modes since boot, at the start of the run: two hosts with equal values of both are one host. */
  cpuOrigin?: { idleSeconds: number; allSeconds: number };
  /** Seconds by which the host's clock advanced further than that of the run, and over which time; absent if it was not read. */
  clock?: { aheadSeconds: number; overSeconds: number };
}

/** Collections of one JVM in an interval, as jstat counts them. */
export interface JvmInterval extends Span {
  rates: JvmRates;
}

/** Metrics of a broker about itself over an interval; figures that it does not report are absent. */
export type BrokerInterval = Span & BrokerFigures;

type LineOf<Kind extends JournalLine['kind']> = Extract<JournalLine, { kind: Kind }>;

/** Journal facts other than steps and their seconds. */
export interface RunEvents {
  trials: readonly (LineOf<'trial'> & { startedSeconds?: number })[];
  guard: readonly LineOf<'guard'>[];
  settled: readonly LineOf<'settled'>[];
  resumed: readonly LineOf<'resumed'>[];
  lostWorkers: readonly LineOf<'worker-lost'>[];
  background: readonly LineOf<'background'>[];
  /** Messages that the load generator dropped because it could not send them in time. */
  droppedMessages: number;
  /** Largest bound of the clock error of workers on other hosts; absent without such workers. */
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
  /** Times between two readings after which the cluster no longer listed a broker; absent if there are none. */
  missing?: readonly (Span & { broker: string })[];
  /** Lag of each group, as reported by the brokers. */
  lag: readonly { elapsedSeconds: number; group: string; messages: number }[];
  underReplicated: readonly { elapsedSeconds: number; partitions: number }[];
  /** Names of sources that could not be read at times, as in the error records; absent if the run has no error records. */
  failedSources?: ReadonlySet<string>;
  /** Placement of the replicas of the run's topics, each valid from its moment on; absent if it was not recorded. */
  placements?: readonly { elapsedSeconds: number; rows: readonly ReplicaRow[] }[];
  /** `interrupted`: no end was recorded. */
  status: 'completed' | 'aborted' | 'failed' | 'stopped' | 'interrupted';
  durationSeconds: number;
  events: RunEvents;
  /** For a search that completed. */
  certificate?: SearchCertificate;
  ledger?: DeliveryAccount;
  /** The load generator's account of the bytes on the brokers' cards; absent for bundles with an older format. */
  wire?: WireAccount;
  /** Findings of the import: torn lines, gaps, failed sources. */
  findings: readonly Finding[];
}
