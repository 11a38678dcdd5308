// Defines the data of the cluster page, which service/pages/cluster.ts fills.

import type { SharedBy } from '../../../core/client-cost.ts';
import type { Limit } from '../../../core/documents/analysis.ts';
import type { ConsumerGroup } from '../../../core/cluster.ts';
import type { EvidenceAdvice } from '../../../core/documents/evidence-advice.ts';
import type { InstanceStatus } from '../../../core/documents/instances.ts';
import type { HeadroomPrice } from '../../../core/documents/headroom-price.ts';
import type { Grade, HistoryEntry, RecordedForecast } from '../../../core/documents/history-entry.ts';
import type { ClusterStatus, FleetStatus } from '../../../core/documents/cluster-status.ts';
import type { ShownAction } from '../prepared-change.ts';
import type { SourceQuery } from '../chart-tools.ts';
import type { AlertMark, ReadingsContent } from '../readings/readings-view.ts';
import type { ShownLoadTest } from '../load-test/load-test-view.ts';
import type { DayContent } from './day-view.ts';

/** Messages per second; unknown rates are absent. */
interface Rates {
  produceTps?: number;
  consumeTps?: number;
}

/** Messages since midnight in the broker's time zone, or between the two midnights before. */
interface DayCounts {
  produced?: number;
  consumed?: number;
}

export interface BrokerRow extends Rates {
  id: string;
  /** RocketMQ: the broker name that a master and its slaves share. */
  group?: string;
  role?: 'master' | 'slave' | 'acting-master' | 'controller';
  /** Absent for a broker that no longer exists. */
  address?: string;
  version?: string;
  /** Whether it responded to the last reading; absent if it is not read separately. */
  answers?: boolean;
  /** For a lost broker that responded before. */
  lastSeenAt?: string;
  /** Expiry of the certificate in its chain that expires first. */
  certificateExpiresAt?: string;
  today?: DayCounts;
  yesterday?: DayCounts;
  /** Counts of the requested day in the monitoring system. */
  day?: DayCounts;
  /** The broker's share of the safe maximum, and its limiting resource. */
  safeTps?: number;
  limitedBy?: Limit;
  /** Its process; absent if instances.yaml does not list it. */
  instance?: InstanceStatus;
}

export interface TopicRow extends Rates {
  name: string;
  partitions: number;
  /** RocketMQ: role of the messages. */
  kind?: 'normal' | 'retry' | 'dead-letter' | 'delayed' | 'transactional' | 'system';
  /** RocketMQ 5.x message type, such as FIFO. */
  messageType?: string;
  /** Bytes of all replicas. */
  storedBytes?: number;
  /** Share in the use of the limiting resource. */
  share?: number;
}

export interface GroupRow {
  name: string;
  state?: string;
  members?: number;
  /** Lag in messages; absent if the group never committed or its lag could not be read. */
  lag?: number;
  /** The longest lag of its partitions; absent if the lag of any is unknown. */
  lagSeconds?: number;
  consumeTps?: number;
  kind?: NonNullable<ConsumerGroup['kind']>;
  /** Share in the use of the limiting resource. */
  share?: number;
  clientVersions: readonly string[];
}

/** Configuration drift: different settings of peers, or routes of name servers. */
export interface Difference {
  subject: string;
  sides: Readonly<Record<string, string>>;
}

/** Prediction from the trend of a day of readings. */
export interface FullestDisk {
  broker: string;
  /** Used share. */
  ratio: number;
  limitRatio: number;
  /** Time span of the trend's readings; absent if too short for a trend. */
  overSeconds?: number;
  /** What comes next: the policy limit, the early deletion of messages by the broker, or the end of the disk. */
  next: 'limit' | 'deletion' | 'full';
  /** Absent if the use does not grow, or does not get there within a month. */
  secondsToNext?: number;
}

/** Partitions that cannot be written, and those with fewer in-sync replicas than replicas. */
export interface PartitionFaults {
  /** Number of partitions. */
  all: number;
  withoutLeader: number;
  /** Topics of partitions without a leader. */
  topics: readonly string[];
  underReplicated: number;
  /** Kafka: those that reject acks=all after the loss of the broker that most of them need. */
  atMinimum: number;
}

/** A partially shown list: its busiest rows. */
export interface Busiest<Row> {
  rows: readonly Row[];
  all: number;
}

export interface ScheduledJob {
  name: string;
  /** Time and reason if the last run failed. */
  failed?: { at: string; reason: string; reasonZh?: string };
}

export interface ClusterView extends Pick<FleetStatus, 'promotion'> {
  status: ClusterStatus;
  readings: ReadingsContent;
  /** Absent if the use of no disk is known. */
  disk?: FullestDisk;
  /** ISO 8601, of the last successful reading. */
  readAt?: string;
  trouble?: { at: string; reason: string };
  brokers: readonly BrokerRow[];
  /** Absent if there are none. */
  partitionFaults?: PartitionFaults;
  /** In the GC logs of its brokers. */
  gcFindings: { critical: number; warning: number };
  /** New topics with messages, of which no consumer group has committed offsets. */
  unconsumed: readonly TopicRow[];
  differences: readonly Difference[];
  topics: Busiest<TopicRow>;
  /** Resource of which topics and groups have shares; absent if no share is known. */
  sharedBy?: SharedBy;
  groups: Busiest<GroupRow>;
  forecast?: RecordedForecast;
  /** Current load divided by its forecast; absent if it agrees, or is unknown. */
  scaledBy?: number;
  /** Absent without a verdict or a forecast. */
  evidence?: EvidenceAdvice;
  headroomPrice: HeadroomPrice;
  /** Scheduled jobs of the cluster, such as `analysis` and `forecast`; without those not configured. */
  jobs: readonly ScheduledJob[];
  /** Query of the load on which the forecast is based. */
  loadQuery?: SourceQuery;
  day: DayContent;
  /** Largest gain first; none without a verdict. */
  levers: readonly ShownAction[];
  /** Grades of its predictions, newest first. */
  grades: readonly Grade[];
  /** Alerts that currently fire. */
  alerts: readonly AlertMark[];
  /** Running, or ended within a day. */
  loadTest?: ShownLoadTest;
  /** Newest first. */
  entries: readonly HistoryEntry[];
}
