// Defines the RocketMQ-specific part of a snapshot: brokers, topics, groups, name servers.

import type { HaStatus } from './protocol/get-broker-ha-status.ts';
import type { Route } from './protocol/get-route.ts';
import type { SyncStateSet } from './protocol/get-sync-state.ts';

/** `role` by the broker id: 0 is the master. */
export interface RocketmqBroker {
  /** `brokerName:brokerId`. */
  id: string;
  brokerName: string;
  brokerId: number;
  /** As the name servers list it: several clusters may be behind them. */
  cluster?: string;
  address: string;
  role: 'master' | 'slave' | 'acting-master';
  /** Every key the broker sent, as text; absent when it did not answer. Parsed by the functions of runtime-info.ts. */
  runtime?: ReadonlyMap<string, string>;
  /** Replication as the master sees it (5.x); absent on 4.9 and on slaves. */
  ha?: HaStatus;
  /** Settings of the broker, read with a long period; absent when not read. */
  config?: ReadonlyMap<string, string>;
}

export interface RocketmqTopic {
  name: string;
  /** What its messages are to the business. */
  kind: 'normal' | 'retry' | 'dead-letter' | 'delayed' | 'transactional' | 'system';
  /** 5.x `message.type`, such as FIFO; absent on 4.9. */
  messageType?: string;
  /** By broker name. */
  routes: Route['queues'];
}

/** A counter of the last minute as the broker keeps it (VIEW_BROKER_STATS_DATA): messages or bytes per second. */
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
  /** Distinct client versions, as the broker words them. */
  clientVersions: readonly string[];
  /** Topics whose members subscribe with different expressions; empty when they agree. */
  subscriptionConflicts: readonly string[];
}

export interface NameServer {
  address: string;
  reachable: boolean;
  /** Broker ids (`brokerName:brokerId`) it lists; absent when it did not answer. */
  brokers?: readonly string[];
}

/** A difference between brokers that should be alike, or between name servers. */
export interface Disagreement {
  of: 'broker-config' | 'name-server-brokers' | 'name-server-route' | 'topic-config';
  /** The setting, topic or broker in question. */
  subject: string;
  /** What each side says, by broker id or name-server address. */
  sides: Readonly<Record<string, string>>;
}

export interface RocketmqDetails {
  brokers: readonly RocketmqBroker[];
  nameServers: readonly NameServer[];
  topics: readonly RocketmqTopic[];
  groups: readonly RocketmqGroup[];
  /** By broker name: groups with commits and without a config there, which have no lag; a broker whose groups were not read is not listed. */
  orphanedGroups: readonly { brokerName: string; groups: number }[];
  topicTraffic: readonly TopicTraffic[];
  groupTraffic: readonly GroupTraffic[];
  disagreements: readonly Disagreement[];
  /** 5.x controller mode. */
  syncStateSets: readonly SyncStateSet[];
  /** Samples of the brokers' own 5.1+ metrics endpoint, where config names it. */
  nativeMetrics: readonly { broker: string; metric: string; labels: Readonly<Record<string, string>>; value: number }[];
}
