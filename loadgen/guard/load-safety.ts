// Checks by arithmetic whether the cluster can take a run: disk, links and replicas.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { defaultDeletionSeconds, mostStoredBytes } from './stored-bytes.ts';
import { byteRateText, bytesText, countText, rateText } from '../../core/text/quantity-text.ts';

export interface LoadSafetyFacts {
  broker: BrokerKind;
  acks: 'all' | 'leader' | 'none';
  /** Of one message: its value and key as they are compressed, and the overhead of its record on disk and wire, bytes. */
  storedMessageBytes: number;
  wireMessageBytes: number;
  /** Largest value, and what the broker takes at most, bytes. */
  largestMessageBytes: number;
  mostMessageBytes?: number;
  /** The setting that limits them; default: that of the brokers. */
  messageLimit?: string;
  /** The largest message as the broker compares it with its limit, with the overhead of its record; absent where unknown. */
  largestStoredBytes?: number;
  /** Unknown for a closed loop and a search. */
  messages?: number;
  peakTps?: number;
  /** The peak, or the highest rate that a search may try. */
  mostTps?: number;
  groups: number;
  replicationFactor: number;
  minInSyncReplicas?: number;
  /** Kept of the topic at most by its own retention, all partitions, one copy; absent where nothing bounds it. */
  retainedBytes?: number;
  brokers: readonly BrokerFacts[];
  /** Its replicas are placed already, some perhaps on brokers that are down. */
  isTopicThere?: boolean;
  maxNicShare: number;
}

export interface BrokerFacts {
  id: string;
  /** Share of the leaders of the run's partitions that lie on it, 0 to 1. */
  leaderShare: number;
  /** Share of all replicas. */
  replicaShare: number;
  freeBytes?: number;
  /** Free bytes below which the broker, or the guard, refuses. */
  reserveBytes?: number;
  /** How long messages past the retention of a topic stay on its disk; default: that of Kafka. */
  deletionSeconds?: number;
  linkBytesPerSecond?: number;
}

/** @returns every reason why the run would fail or do harm, with both figures; empty when there is none */
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
  // How often RocketMQ stores a message is the setting of its brokers.
  if (traitsOf(broker).copies === 'any-broker' && !isTopicThere && replicationFactor > brokers.length) {
    yield `the topic is to have ${replicationFactor} replicas, and the cluster has ${brokers.length} broker${brokers.length === 1 ? '' : 's'}: ask for fewer`;
  }
  if (acks !== 'all' || minInSyncReplicas === undefined || replicationFactor >= minInSyncReplicas) return;
  yield `with acks all every send would be rejected: the topic has ${replicationFactor} replicas and min.insync.replicas is ${minInSyncReplicas}`;
}

function* disk(
  facts: LoadSafetyFacts,
  { id, replicaShare, freeBytes, reserveBytes = 0, deletionSeconds = defaultDeletionSeconds }: BrokerFacts,
): Iterable<string> {
  const { storedMessageBytes, replicationFactor } = facts;
  const most = mostStoredBytes({ ...facts, messageBytes: storedMessageBytes, deletionSeconds });
  if (freeBytes === undefined || most === undefined) return;
  const stored = most * replicationFactor * replicaShare;
  const left = freeBytes - reserveBytes;
  if (stored > left) {
    yield `broker ${id} would store ${bytesText(stored)} and has ${bytesText(Math.max(0, left))} to give: lower the rate, shorten the run or send smaller messages`;
  }
}

/**
 * Bytes that leave and reach one broker at the highest rate. Each message comes in once; its leader sends it to each
 * other replica and to each group, and a follower takes it in.
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
