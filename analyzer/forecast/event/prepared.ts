// Defines the input of prepared actions: verdict, current and expected load, and its distribution over brokers and topics.

import type { Analysis } from '../../../core/documents/analysis.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import type { PreparedAction } from '../../../core/documents/event-outlook.ts';
import type { ActionKind } from '../../../core/prepared-action.ts';

export interface EventState {
  cluster: string;
  broker: BrokerKind;
  verdict: Pick<Analysis, 'safeMaxTps' | 'perBroker' | 'retention'> & Partial<Pick<Analysis, 'fingerprint'>>;
  /** Expected messages per second: the forecast peak, scaled to the current load. Absent without a forecast. */
  peak?: { mid: number; high: number };
  /** Currently produced messages per second, by topic. */
  topics: ReadonlyMap<string, number>;
  /** The same by broker: Kafka's leaders, RocketMQ's broker names. */
  brokers: ReadonlyMap<string, number>;
  /** Kafka: client id of the producers of a topic, as configured. */
  clientIds?: ReadonlyMap<string, string>;
  /** Topics of `clientIds` that the cluster does not list. */
  unlistedTopics?: ReadonlySet<string>;
  /** Kafka: mean bytes of a stored message by topic, which may differ from the size in the load test. */
  messageBytes?: ReadonlyMap<string, number>;
  /** Partitions of a topic by the broker that accepts their messages: Kafka's leaders, RocketMQ's broker names. */
  partitions?: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export type PrepareAction = (state: EventState) => PreparedAction;

type Reason = Extract<PreparedAction, { kind: 'no-gain' }>['reason'];

export const noGain = (lever: ActionKind, reason: Reason): PreparedAction => ({ kind: 'no-gain', lever, reason });

export const largestFirst = (rates: ReadonlyMap<string, number>): { name: string; nowTps: number }[] =>
  [...rates].map(([name, nowTps]) => ({ name, nowTps })).toSorted((a, b) => b.nowTps - a.nowTps);
