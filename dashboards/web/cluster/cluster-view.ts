// Defines the data of the cluster page, which service/pages/cluster.ts fills.

import type { SharedBy } from '../../../core/client-cost.ts';
import type { Limit } from '../../../core/documents/analysis.ts';
import type { ConsumerGroup } from '../../../core/cluster.ts';
import type { EvidenceAdvice } from '../../../core/documents/evidence-advice.ts';
import type { HeadroomPrice } from '../../../core/documents/headroom-price.ts';
import type { Grade, HistoryEntry, RecordedForecast } from '../../../core/documents/history-entry.ts';
import type { ClusterStatus } from '../../../core/documents/cluster-status.ts';
import type { ShownAction } from '../prepared-change.ts';
import type { SourceQuery } from '../chart-tools.ts';
import type { AlertMark, ReadingsContent } from '../readings/readings-view.ts';
import type { ShownLoadTest } from '../load-test/load-test-view.ts';
import type { DayContent } from './day-view.ts';

/** Messages per second; absent is not known. */
interface Rates {
  produceTps?: number;
  consumeTps?: number;
}

/** Messages since a midnight of the broker's own, and between the two before. */
interface DayCounts {
  produced?: number;
  consumed?: number;
}

export interface BrokerRow extends Rates {
  id: string;
  /** RocketMQ: the broker name that a master and its slaves share. */
  group?: string;
  role?: 'master' | 'slave' | 'acting-master' | 'controller';
  /** Absent for one that is not there any more. */
  address?: string;
  version?: string;
  /** Whether it answered the last reading; absent where it is not read separately. */
  answers?: boolean;
  /** Of a lost broker that answered before. */
  lastSeenAt?: string;
  /** Of the first certificate of its chain that expires. */
  certificateExpiresAt?: string;
  today?: DayCounts;
  yesterday?: DayCounts;
  /** The requested day, as the monitoring system counted it. */
  day?: DayCounts;
  /** Its share of the safe maximum, and its limiting resource. */
  safeTps?: number;
  limitedBy?: Limit;
}

export interface TopicRow extends Rates {
  name: string;
  partitions: number;
  /** RocketMQ: what its messages are to the business. */
  kind?: 'normal' | 'retry' | 'dead-letter' | 'delayed' | 'transactional' | 'system';
  /** RocketMQ 5.x, such as FIFO. */
  messageType?: string;
  /** Of all its replicas. */
  storedBytes?: number;
  /** Of what the binding resource carries. */
  share?: number;
}

export interface GroupRow {
  name: string;
  state?: string;
  members?: number;
  /** Lag in messages; absent where it never committed or could not be read. */
  lag?: number;
  /** The longest of its partitions; absent where that of any is unknown. */
  lagSeconds?: number;
  consumeTps?: number;
  kind?: NonNullable<ConsumerGroup['kind']>;
  /** Of what the binding resource carries. */
  share?: number;
  clientVersions: readonly string[];
}

/** Configuration drift: settings of peers, routes at name servers. */
export interface Difference {
  subject: string;
  sides: Readonly<Record<string, string>>;
}

/** At the trend of the readings of a day. */
export interface FullestDisk {
  broker: string;
  /** Used share. */
  ratio: number;
  limitRatio: number;
  /** Length of the readings of the trend; absent where they are too short for one. */
  overSeconds?: number;
  /** Absent where the use does not grow, or not to the limit within a month. */
  secondsToLimit?: number;
  secondsToFull?: number;
}

/** A list that is shown in part: its busiest rows. */
export interface Busiest<Row> {
  rows: readonly Row[];
  all: number;
}

export interface ScheduledJob {
  name: string;
  /** Of the last turn, where it failed. */
  failed?: { at: string; reason: string; reasonZh?: string };
}

export interface ClusterView {
  status: ClusterStatus;
  readings: ReadingsContent;
  /** Absent where the use of no disk is known. */
  disk?: FullestDisk;
  /** ISO 8601, of the last reading that succeeded. */
  readAt?: string;
  trouble?: { at: string; reason: string };
  brokers: readonly BrokerRow[];
  differences: readonly Difference[];
  topics: Busiest<TopicRow>;
  /** Of the shares of topics and groups; absent where none is known. */
  sharedBy?: SharedBy;
  groups: Busiest<GroupRow>;
  forecast?: RecordedForecast;
  /** Absent without a verdict or a forecast. */
  evidence?: EvidenceAdvice;
  headroomPrice: HeadroomPrice;
  /** Its scheduled jobs, such as `analysis` and `forecast`; one that is not configured is missing. */
  jobs: readonly ScheduledJob[];
  /** What gives the load that the forecast is made of. */
  loadQuery?: SourceQuery;
  day: DayContent;
  /** What gains most first; none without a verdict. */
  levers: readonly ShownAction[];
  /** Of its predictions in force, newest first. */
  grades: readonly Grade[];
  /** That fire now. */
  alerts: readonly AlertMark[];
  /** Under way, or ended within a day. */
  loadTest?: ShownLoadTest;
  /** Newest first. */
  entries: readonly HistoryEntry[];
}
