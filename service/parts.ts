// Defines the parts that API, pages and jobs of the service receive; service/serve.ts assembles them.

import type { Request } from 'express';
import type { SourceConfig } from '../analyzer/evidence/sources/config.ts';
import type { Policy } from '../core/policy/policy.ts';
import type { Io } from '../brokers/driver.ts';
import type { ClusterLookup } from '../brokers/lookup.ts';
import type { ValueDecoder } from '../brokers/schema-registry/value-decoder.ts';
import type { ClusterSnapshot } from '../brokers/snapshot.ts';
import type { Clock } from '../core/clock.ts';
import type { BrokerKind } from '../core/cluster.ts';
import type { Author } from '../core/documents/history-entry.ts';
import type { Logger } from '../core/log.ts';
import type { ShownNames } from '../exporter/shown-snapshot.ts';
import type { Access } from './access/access.ts';
import type { BrokerPresence } from './clusters/broker-presence.ts';
import type { ClusterTraffic } from './clusters/traffic.ts';
import type { ServiceConfig } from '../app/config/service.ts';
import type { DeadLetterTopics } from '../ops/resend/dead-letter.ts';
import type { GcWatch } from './gc/gc-watch.ts';
import type { InstanceWatch } from './instances/instance-watch.ts';
import type { LiveStreams } from './live/live-streams.ts';
import type { AlertLog } from './hooks/alert-log.ts';
import type { PromotionGate } from './hooks/promotion-gate.ts';
import type { LoadTests } from './load-tests/load-tests.ts';
import type { History } from './history/history.ts';
import type { ReadingsReader } from './readings/readings-reader.ts';
import type { Schedule } from './schedule/schedule.ts';
import type { createStatuses } from './status/live-statuses.ts';

export interface ServiceParts {
  /** Notifies open pages of changes; without it they only poll. */
  live?: Pick<LiveStreams, 'answer' | 'events' | 'closed'>;
  history: History;
  statuses: Pick<ReturnType<typeof createStatuses>, 'fleet' | 'cluster' | 'promotions'>;
  /** By the name in the config. */
  clusters: ReadonlyMap<string, ServedCluster>;
  access: Access;
  /** Stops counting a stream as a short response. */
  letStay?(request: Request): void;
  schedule: Schedule;
  /** Absent if load tests cannot be started. */
  loadTests?: LoadTests;
  /** Absent if the config file is unknown. */
  instances?: InstanceWatch;
  gc: Pick<GcWatch, 'of'>;
  /** Readings of the last 24 hours. */
  readings: ReadingsReader;
  alerts: AlertLog;
  /** Absent: in memory only. */
  promotionGate?: PromotionGate;
  config: ServiceConfig;
  policy: Policy;
  /** Author of entries recorded by scheduled jobs. */
  author: Author;
  clock: Clock;
  log: Logger;
}

/** Why readings of a cluster currently fail. */
export interface FailedReadings {
  /** Time of the last failed reading. */
  at: Date;
  reason: string;
  /** True if no broker responds or none is registered; false for other causes, such as a refused password. */
  isDown: boolean;
}

/** A cluster at its last reading; only `lookUp` waits for a broker. */
export interface ServedCluster {
  name: string;
  broker: BrokerKind;
  domains: readonly string[];
  /** Absent without a configured schema registry. */
  decoder?: ValueDecoder;
  /** Topics configured as dead-letter topics, each with the topic of its messages. */
  deadLetterTopics?: DeadLetterTopics;
  /** Filter for names that the config hides everywhere. */
  shown: ShownNames;
  /** The last successful reading of shown names. Absent before the first; kept with its age when later ones fail. */
  last(): { snapshot: ClusterSnapshot; at: Date } | undefined;
  /** Rates between the last two readings; old after one failed reading, absent after two. */
  traffic(): ClusterTraffic | undefined;
  /** Fault of the last reading; absent if it succeeded. */
  trouble(): FailedReadings | undefined;
  /** Time at which the rate of the whole cluster was last known. */
  rateAt(): Date | undefined;
  /** Brokers of the last six hours. */
  presence(): BrokerPresence;
  /** Queries the brokers: only for a user's request, with limited concurrency. */
  lookUp(io: Io): Promise<ClusterLookup>;
  /** Monitoring system with the history of the cluster; absent if none is configured. */
  source?: {
    name: string;
    config: SourceConfig;
    /** Cluster name in the source. */
    cluster: string;
    /** PromQL expression with the produced messages per second as one series. */
    load?: string;
  };
}
