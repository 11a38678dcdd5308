// Defines what the API, pages and jobs of the service are given; service/serve.ts assembles it.

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
  /** Tells open pages of changes; absent where they only ask at intervals. */
  live?: Pick<LiveStreams, 'answer' | 'events' | 'closed'>;
  history: History;
  statuses: Pick<ReturnType<typeof createStatuses>, 'fleet' | 'cluster' | 'promotions'>;
  /** By the name in config. */
  clusters: ReadonlyMap<string, ServedCluster>;
  access: Access;
  /** A stream takes no place among short answers from now on. */
  letStay?(request: Request): void;
  schedule: Schedule;
  /** Absent where none can be started. */
  loadTests?: LoadTests;
  /** Absent where the config file is unknown. */
  instances?: InstanceWatch;
  gc: GcWatch;
  /** Of the last 24 hours. */
  readings: ReadingsReader;
  alerts: AlertLog;
  /** Created when absent. */
  promotionGate?: PromotionGate;
  config: ServiceConfig;
  policy: Policy;
  /** Who writes what the schedule does. */
  author: Author;
  clock: Clock;
  log: Logger;
}

/** Why readings of a cluster fail now. */
export interface FailedReadings {
  /** Of the last one. */
  at: Date;
  reason: string;
  /** No broker answers, or none is registered; false where the cause lies elsewhere, such as a refused password. */
  isDown: boolean;
}

/** A cluster as it was last read; nothing here waits for a broker but `lookUp`. */
export interface ServedCluster {
  name: string;
  broker: BrokerKind;
  domains: readonly string[];
  /** Where a schema registry is configured. */
  decoder?: ValueDecoder;
  /** Named by the config as dead-letter topics, each with the topic its messages came from. */
  deadLetterTopics?: DeadLetterTopics;
  /** Names that the config hides are shown nowhere. */
  shown: ShownNames;
  /** Of what is shown. Absent until the first reading succeeded; kept with its age when later ones fail. */
  last(): { snapshot: ClusterSnapshot; at: Date } | undefined;
  /** Rates between the last two readings; old after one that failed, absent after two. */
  traffic(): ClusterTraffic | undefined;
  /** Why the last attempt failed; absent when it did not. */
  trouble(): FailedReadings | undefined;
  /** When the rate of the whole cluster was last known. */
  rateAt(): Date | undefined;
  /** Brokers of the last six hours. */
  presence(): BrokerPresence;
  /** Asks the brokers: only for a question of somebody, a few at once. */
  lookUp(io: Io): Promise<ClusterLookup>;
  /** Which monitoring system knows its past; absent when none is configured. */
  source?: {
    name: string;
    config: SourceConfig;
    /** As the source calls the cluster. */
    cluster: string;
    /** PromQL that gives its produced messages per second as one series. */
    load?: string;
  };
}
