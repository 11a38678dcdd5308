// Computes messages and bytes that a planned run sends and stores.

import { traitsOf } from '../../core/broker-kind/registry.ts';
import { createMessages } from '../../loadgen/plan/messages/message-source.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';
import { defaultPartitions, defaultReplicationFactor, retainedBytes } from '../../loadgen/execute/topic.ts';

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
  /** The most that logs hold at any time; Kafka only: RocketMQ keeps all topics in one log, for the retention of its brokers. */
  retainedBytes?: number;
  highestRate?: number;
}

export function planFigures({ workload, messageSpec, topic, segments, messages, cluster }: RunPlan): PlanFigures {
  const { sizes, keys } = createMessages(messageSpec);
  const copies = workload.replicationFactor ?? defaultReplicationFactor;
  const payloadBytes = messages === undefined ? undefined : messages * (sizes.mean + keys.bytes);
  const { compressionRatio } = workload;
  const packed = typeof compressionRatio === 'number' ? compressionRatio : 1;
  const replicatedBytes = payloadBytes === undefined ? undefined : (payloadBytes / packed) * copies;
  const rates = segments.flatMap((segment) => (segment.kind === 'rate' ? [Math.max(segment.from, segment.to)] : []));
  const most = retainedBytes * topic.names.length * copies;
  return {
    sizes,
    keys,
    partitions: workload.partitions ?? defaultPartitions,
    copies,
    ...(messages !== undefined && { messages }),
    ...(payloadBytes !== undefined && { payloadBytes }),
    ...(replicatedBytes !== undefined && { replicatedBytes }),
    ...(traitsOf(cluster.broker).retentionPer === 'topic' && {
      retainedBytes: Math.min(most, replicatedBytes ?? most),
    }),
    ...(rates.length > 0 && { highestRate: rates.reduce((high, rate) => Math.max(high, rate), 0) }),
  };
}
