// Computes whether the cluster can sustain a run: disk, links and replicas.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { leftIn, type Room } from './free-disk-input.ts';
import { defaultDeletionSeconds, mostStoredBytes } from './stored-bytes.ts';
import { byteRateText, bytesText, countText, rateText } from '../../core/text/quantity-text.ts';

export interface LoadSafetyFacts {
  broker: BrokerKind;
  acks: 'all' | 'leader' | 'none';
  /** Bytes of one compressed message: value and key, plus record overhead on disk and on the wire. */
  storedMessageBytes: number;
  wireMessageBytes: number;
  /** Largest value, and the broker's limit, in bytes. */
  largestMessageBytes: number;
  mostMessageBytes?: number;
  /** Setting that limits the size; default: the brokers' setting. */
  messageLimit?: string;
  /** Size of the largest message as the broker compares it with its limit, with record overhead; absent if unknown. */
  largestStoredBytes?: number;
  /** Absent for a closed loop and a search. */
  messages?: number;
  peakTps?: number;
  /** Peak rate, or the highest rate that a search may try. */
  mostTps?: number;
  groups: number;
  replicationFactor: number;
  minInSyncReplicas?: number;
  /** Maximum bytes that the topic's retention keeps, all partitions, one copy; absent if unbounded. */
  retainedBytes?: number;
  brokers: readonly BrokerFacts[];
  /** True if replicas are already assigned, perhaps some to brokers that are down. */
  isTopicThere?: boolean;
  maxNicShare: number;
}

export interface BrokerFacts {
  id: string;
  /** Share of the leaders of the run's partitions on this broker, 0 to 1. */
  leaderShare: number;
  /** Share of all replicas on this broker, 0 to 1. */
  replicaShare: number;
  /** One for each store, least first; absent or empty if unknown. */
  rooms?: readonly Room[];
  /** How long expired messages of a topic stay on disk; default: Kafka's. */
  deletionSeconds?: number;
  linkBytesPerSecond?: number;
}

/** @returns every reason why the run would fail or cause damage, with both figures; empty if none */
export function findObstacles(facts: LoadSafetyFacts): string[] {
  return [
    ...sizes(facts),
    ...replicas(facts),
    ...facts.brokers.flatMap((broker) => [...disk(facts, broker), ...link(facts, broker)]),
  ];
}

function* sizes(facts: LoadSafetyFacts): Iterable<string> {
  const { largestMessageBytes, largestStoredBytes = 0, mostMessageBytes, broker } = facts;
  if (mostMessageBytes === undefined || Math.max(largestMessageBytes, largestStoredBytes) <= mostMessageBytes) return;
  const limit = facts.messageLimit ?? traitsOf(broker).terms.largestMessage;
  if (largestMessageBytes <= mostMessageBytes) {
    yield `messages have up to ${countText(largestStoredBytes)} bytes with key and record overhead and the brokers take ${countText(mostMessageBytes)} bytes (${limit}): send smaller ones`;
    return;
  }
  yield `messages have up to ${bytesText(largestMessageBytes)} and the brokers take ${bytesText(mostMessageBytes)} (${limit}): send smaller ones`;
}

function* replicas(facts: LoadSafetyFacts): Iterable<string> {
  const { broker, brokers, acks, replicationFactor, minInSyncReplicas, isTopicThere = false } = facts;
  // In RocketMQ, broker configuration determines the number of copies.
  if (traitsOf(broker).copies === 'any-broker' && !isTopicThere && replicationFactor > brokers.length) {
    yield `the topic is to have ${replicationFactor} replicas, and the cluster has ${brokers.length} broker${brokers.length === 1 ? '' : 's'}: set fewer replicas`;
  }
  if (acks !== 'all' || minInSyncReplicas === undefined || replicationFactor >= minInSyncReplicas) return;
  yield `with acks all every send would be rejected: the topic has ${replicationFactor} replicas and min.insync.replicas is ${minInSyncReplicas}`;
}

function* disk(
  facts: LoadSafetyFacts,
  { id, replicaShare, rooms: [least] = [], deletionSeconds = defaultDeletionSeconds }: BrokerFacts,
): Iterable<string> {
  const { storedMessageBytes, replicationFactor } = facts;
  const most = mostStoredBytes({ ...facts, messageBytes: storedMessageBytes, deletionSeconds });
  if (least === undefined || most === undefined) return;
  const stored = most * replicationFactor * replicaShare;
  const left = leftIn(least);
  if (stored > left) {
    yield `broker ${id} would store ${bytesText(stored)} and has ${bytesText(Math.max(0, left))} to give, with ${bytesText(least.reserveBytes)} kept free: lower the rate, shorten the run or send smaller messages`;
  }
}

/**
 * Computes bytes to and from one broker at the highest rate. Each message is received once; its leader sends it to each
 * other replica and to each group, and followers receive it.
 */
function* link(
  { peakTps, wireMessageBytes, replicationFactor, groups, maxNicShare }: LoadSafetyFacts,
  { id, leaderShare, replicaShare, linkBytesPerSecond }: BrokerFacts,
): Iterable<string> {
  if (peakTps === undefined || linkBytesPerSecond === undefined) return;
  const rate = peakTps * wireMessageBytes;
  const out = rate * leaderShare * (replicationFactor - 1 + groups);
  const into = rate * (leaderShare + Math.max(0, replicationFactor * replicaShare - leaderShare));
  const most = linkBytesPerSecond * maxNicShare;
  for (const [direction, used] of [
    ['out of', out],
    ['into', into],
  ] as const) {
    if (used <= most) continue;
    const fitting = rateText(Math.floor(peakTps * (most / used)));
    yield `${rateText(peakTps)} put ${byteRateText(used)} ${direction} broker ${id}, and maxNicShare leaves ${byteRateText(most)}: at most ${fitting} fit`;
  }
}
