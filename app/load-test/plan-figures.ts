// Computes messages and bytes that a planned run sends and stores.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import { createMessages } from '../../loadgen/plan/messages/message-source.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';
import { defaultDeletionSeconds, mostStoredBytes } from '../../loadgen/guard/stored-bytes.ts';
import { defaultPartitions, defaultReplicationFactor, retainedBytesOf } from '../../loadgen/execute/topic.ts';
import { mostTpsOf } from './load-safety-facts.ts';

export interface PlanFigures {
  /** Bytes of values: mean, smallest, largest. */
  sizes: { mean: number; smallest: number; largest: number };
  keys: { distinct: number; bytes: number };
  partitions: number;
  copies: number;
  /** Absent where the rate comes of itself: a closed loop, a search. */
  messages?: number;
  /** Values and keys, before compression, copies and what protocols add. */
  payloadBytes?: number;
  /** What goes into logs in all: compressed as requested, once for each copy. */
  replicatedBytes?: number;
  /**
   * The most that logs hold at any time; absent where the rate is unknown. Kafka only: RocketMQ keeps all topics in one log,
   * for the retention of its brokers.
   */
  retainedBytes?: number;
  /** What the retention of the topics keeps, in all copies; brokers delete the rest some minutes later. Kafka only. */
  keptBytes?: number;
  highestRate?: number;
}

export function planFigures(plan: RunPlan): PlanFigures {
  const { workload, messageSpec, topic, segments, messages, cluster } = plan;
  const { sizes, keys } = createMessages(messageSpec);
  const copies = workload.replicationFactor ?? defaultReplicationFactor;
  const payloadBytes = messages === undefined ? undefined : messages * (sizes.mean + keys.bytes);
  const { compressionRatio } = workload;
  const packed = typeof compressionRatio === 'number' ? compressionRatio : 1;
  const replicatedBytes = payloadBytes === undefined ? undefined : (payloadBytes / packed) * copies;
  const rates = segments.flatMap((segment) => (segment.kind === 'rate' ? [Math.max(segment.from, segment.to)] : []));
  const keptBytes = retainedBytesOf(topic) * topic.names.length;
  const most = mostStoredBytes({
    messages,
    messageBytes: (sizes.mean + keys.bytes) / packed,
    mostTps: mostTpsOf(plan),
    retainedBytes: keptBytes,
    deletionSeconds: defaultDeletionSeconds,
  });
  return {
    sizes,
    keys,
    partitions: workload.partitions ?? defaultPartitions,
    copies,
    ...(messages !== undefined && { messages }),
    ...(payloadBytes !== undefined && { payloadBytes }),
    ...(replicatedBytes !== undefined && { replicatedBytes }),
    ...(traitsOf(cluster.broker).retentionPer === 'topic' && {
      keptBytes: keptBytes * copies,
      ...(most !== undefined && { retainedBytes: most * copies }),
    }),
    ...(rates.length > 0 && { highestRate: rates.reduce((high, rate) => Math.max(high, rate), 0) }),
  };
}
