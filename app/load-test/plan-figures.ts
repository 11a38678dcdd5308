// Computes messages and bytes that a planned run sends and stores.

import { traitsOf, type ByKind } from '../../core/broker-kind/registry.ts';
import { defined } from '../../core/defined.ts';
import type { ClusterLoad, KafkaLoad } from '../../core/wire/cluster-load.ts';
import { messageCost } from '../../core/wire/message-cost.ts';
import { createMessages } from '../../loadgen/plan/messages/message-source.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';
import { defaultDeletionSeconds, mostStoredBytes } from '../../loadgen/guard/stored-bytes.ts';
import { defaultPartitions, defaultReplicationFactor, retainedBytesOf } from '../../loadgen/execute/topic.ts';
import { kindOf } from '../../loadgen/record/wire-loads.ts';
import { mostTpsOf } from './load-safety-facts.ts';

export type PlanFigures = ReturnType<typeof planFigures>;

/** Omits messages and bytes if the rate is a result: closed loop, search. */
export function planFigures(plan: RunPlan) {
  const { workload, messageSpec, topic, segments, messages, cluster } = plan;
  const { sizes, keys } = createMessages(messageSpec);
  const { copies: placement, retentionPer } = traitsOf(cluster.broker);
  // On RocketMQ the brokers decide.
  const copies = placement === 'own-group' ? undefined : (workload.replicationFactor ?? defaultReplicationFactor);
  /** Values and keys, before compression, copies and protocol overhead. */
  const payloadBytes = messages === undefined ? undefined : messages * (sizes.mean + keys.bytes);
  const messageBytes = storedMessageBytes(plan, { bodyBytes: sizes.mean, keyBytes: keys.bytes });
  /** Upper bound of one copy of the logs: compressed as requested, with records, indexes and messages stored twice. */
  const copyBytes = messages === undefined ? undefined : messages * messageBytes;
  const rates = segments.flatMap((segment) => (segment.kind === 'rate' ? [Math.max(segment.from, segment.to)] : []));
  const keptBytes = retainedBytesOf(topic) * topic.names.length;
  const most = mostStoredBytes({
    messages,
    messageBytes,
    mostTps: mostTpsOf(plan),
    retainedBytes: keptBytes,
    deletionSeconds: defaultDeletionSeconds,
  });
  return {
    sizes,
    keys,
    partitions: workload.partitions ?? defaultPartitions,
    ...defined({ copies, messages, payloadBytes, copyBytes }),
    /** All copies. Kafka only. */
    ...(copyBytes !== undefined && copies !== undefined && { replicatedBytes: copyBytes * copies }),
    // RocketMQ stores all topics in one log, for the retention of its brokers.
    ...(retentionPer === 'topic' &&
      copies !== undefined && {
        /** Kept by the retention of the topics; brokers delete the rest some minutes later. */
        keptBytes: keptBytes * copies,
        /** Upper bound of the logs at any time; absent if the rate is unknown. */
        ...(most !== undefined && { retainedBytes: most * copies }),
      }),
    ...(rates.length > 0 && { highestRate: rates.reduce((high, rate) => Math.max(high, rate), 0) }),
  };
}

type Shape = Pick<KafkaLoad, 'bodyBytes' | 'keyBytes'>;

/** Lengths of names unknown to the plan: the default RocketMQ cluster name, and more than any producer group has. */
const usualNames = { clusterBytes: 'DefaultCluster'.length, groupBytes: 64 };

/** @returns bytes on disk per message and copy; unknown values default to their largest usual value */
function storedMessageBytes({ workload, topic, cluster }: RunPlan, shape: Shape): number {
  const { compressionRatio, tag } = workload;
  const common = {
    ...shape,
    replicas: 1,
    groups: 0,
    topicBytes: Math.max(0, ...topic.names.map((name) => Buffer.byteLength(name))),
    groupBytes: usualNames.groupBytes,
    ...(typeof compressionRatio === 'number' && { compressionRatio }),
  };
  const largest: ByKind<ClusterLoad> = {
    // Messages that are due one by one form batches of one.
    kafka: { broker: 'kafka', mode: 'kraft', ...common, recordsPerBatch: 1 },
    rocketmq: {
      broker: 'rocketmq',
      mode: 'dledger',
      generation: 5,
      ...common,
      kind: kindOf(workload),
      clusterNameBytes: Math.max(usualNames.clusterBytes, Buffer.byteLength(cluster.name)),
      ...(tag !== undefined && { headerBytes: 'TAGS'.length + Buffer.byteLength(tag) + 2 }),
    },
  };
  // A transaction check by the broker stores the half message again.
  return messageCost(largest[cluster.broker]).diskBytes * (1 + (workload.transactions?.leftToCheck ?? 0));
}
