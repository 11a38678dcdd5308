// Defines the RocketMQ-specific part of a snapshot: brokers, topics, groups, name servers.

import type { HaStatus } from './protocol/broker-requests.ts';
import type { Route } from './protocol/name-server-requests.ts';
import type { SyncStateSet } from './protocol/controller-requests.ts';

/** `role` is by broker id: 0 is the master. */
export interface RocketmqBroker {
  /** `brokerName:brokerId`. */
  id: string;
  brokerName: string;
  brokerId: number;
  /** Cluster name from the name servers, which may serve several clusters. */
  cluster?: string;
  address: string;
  role: 'master' | 'slave' | 'acting-master';
  /** All keys that the broker sent, as text; absent if it did not answer. runtime-info.ts parses them. */
  runtime?: ReadonlyMap<string, string>;
  /** Replication as the master sees it (5.x); absent on 4.9 and on slaves. */
  ha?: HaStatus;
  /** Settings of the broker, read with a long period; absent if not read. */
  config?: ReadonlyMap<string, string>;
}

export interface RocketmqTopic {
  name: string;
  /** Purpose of the messages. */
  kind: 'normal' | 'retry' | 'dead-letter' | 'delayed' | 'transactional' | 'system';
  /** 5.x `message.type`, such as FIFO; absent on 4.9. */
  messageType?: string;
  /** Queues and permission by broker name. */
  routes: Route['queues'];
}

/** Rates over the last minute, as the broker keeps them (VIEW_BROKER_STATS_DATA). */
interface RatePair {
  messagesPerSecond?: number;
  bytesPerSecond?: number;
}

export interface TopicTraffic extends RatePair {
  broker: string;
  topic: string;
}

export interface GroupTraffic extends RatePair {
  broker: string;
  group: string;
  topic: string;
  /** Messages sent back for a retry, per second. */
  sendBackPerSecond: number;
}

export interface RocketmqGroup {
  name: string;
  consumeType?: 'push' | 'pull' | 'pop';
  messageModel?: 'clustering' | 'broadcasting';
  /** Connected clients, 0 for a group that is offline; absent when not read. */
  clients?: number;
  /** Distinct client versions, as the broker reports them. */
  clientVersions: readonly string[];
  /** Topics whose members subscribe with different expressions; empty when they agree. */
  subscriptionConflicts: readonly string[];
}

export interface NameServer {
  address: string;
  reachable: boolean;
  /** Brokers (`brokerName:brokerId`) that it lists; absent if it did not answer. */
  brokers?: readonly string[];
}

/** A difference between brokers that should be equal, or between name servers. */
export interface Disagreement {
  of: 'broker-config' | 'name-server-brokers' | 'name-server-route' | 'topic-config';
  /** The setting, topic or broker that differs. */
  subject: string;
  /** Value of each side, by broker id or name-server address. */
  sides: Readonly<Record<string, string>>;
}

/** What a group has not consumed in the lite topics of one topic of a broker. */
export interface LiteLag {
  group: string;
  topic: string;
  messages: number;
  /** Age of the oldest of these messages; absent if unknown. */
  seconds?: number;
}

export interface RocketmqDetails {
  brokers: readonly RocketmqBroker[];
  nameServers: readonly NameServer[];
  topics: readonly RocketmqTopic[];
  groups: readonly RocketmqGroup[];
  /**
   * Number of groups that have commits but no config, and so no lag, by broker name; without brokers whose groups were
   * not read.
   */
  orphanedGroups: readonly { brokerName: string; groups: number }[];
  /** By broker; none before 5.5. */
  liteLags: readonly LiteLag[];
  topicTraffic: readonly TopicTraffic[];
  groupTraffic: readonly GroupTraffic[];
  disagreements: readonly Disagreement[];
  /** Sync state sets of 5.x in controller mode. */
  syncStateSets: readonly SyncStateSet[];
  /** Samples of the brokers' metrics endpoint (5.1 and later), if config names its URL. */
  nativeMetrics: readonly { broker: string; metric: string; labels: Readonly<Record<string, string>>; value: number }[];
}
