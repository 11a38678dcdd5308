// Collects the figures of cluster, hosts and plan for the load safety check.

import type { TopicConfig } from '../../brokers/kafka/reading/topic-configs.ts';
import { neededInSync } from '../../brokers/kafka/under-min-isr.ts';
import { detailsOf } from '../../brokers/reported.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { Broker } from '../../core/cluster.ts';
import { recordBatchBytes } from '../../core/wire/record-batch-bytes.ts';
import { storedRecordBytes } from '../../core/wire/rocketmq-record.ts';
import { defaultReplicationFactor, retainedBytesOf } from '../../loadgen/execute/topic.ts';
import type { BrokerCoverage } from '../../loadgen/guard/readiness.ts';
import { roomsOf } from '../../loadgen/guard/free-disk-input.ts';
import type { BrokerFacts, LoadSafetyFacts } from '../../loadgen/guard/load-safety.ts';
import { deletionSecondsOf } from '../../loadgen/guard/stored-bytes.ts';
import { createMessages } from '../../loadgen/plan/messages/message-source.ts';
import { createSizes } from '../../loadgen/plan/messages/sizes.ts';
import { wireBytes } from '../../loadgen/search/predicted-start.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';
import type { BrokerLimits } from './broker-settings.ts';
import { compressedShareOf } from './search-start.ts';
import { defined } from '../../core/defined.ts';

interface LoadSafetySource {
  plan: RunPlan;
  /** Replication factor of the existing topic, or of the topic that the run creates. */
  replicationFactor: number;
  brokers: readonly Broker[];
  coverages: readonly BrokerCoverage[];
  limits: BrokerLimits;
  /** Share of each broker's disks that the guard keeps free at least. */
  freeDiskShare: number;
  maxNicShare: number;
  isTopicThere?: boolean;
  /** min.insync.replicas of an existing topic; default: the brokers' own. */
  topicMinInSync?: number | undefined;
  /** Settings of existing topics. */
  topicConfigs?: readonly Pick<TopicConfig, 'topic' | 'ownMaxMessageBytes'>[] | undefined;
  /** Version of the cluster. */
  version?: string | undefined;
  /** For a topic that the run creates: all partitions, one copy; absent if nothing limits it. */
  retainedBytes?: number;
}

export function loadSafetyFacts(source: LoadSafetySource): LoadSafetyFacts {
  const { plan, replicationFactor, brokers, isTopicThere, limits, maxNicShare, retainedBytes } = source;
  const { sizes, keys } = createMessages(plan.messageSpec);
  const minimum = source.topicMinInSync ?? limits.minInSyncReplicas;
  const messageBytes = (sizes.mean + keys.bytes) * compressedShareOf(plan.workload);
  return defined({
    broker: plan.cluster.broker,
    acks: plan.workload.acks,
    storedMessageBytes: messageBytes + traitsOf(plan.cluster.broker).bytes.storedOverhead,
    wireMessageBytes: wireBytes(messageBytes, plan.cluster.broker),
    largestMessageBytes: sizes.largest,
    largestStoredBytes: largestStoredBytes(plan, source.version),
    messages: plan.messages,
    groups: plan.groups.length,
    replicationFactor,
    brokers: brokers.map((broker) => factsOf(broker, source)),
    maxNicShare,
    isTopicThere,
    peakTps: peakOf(plan),
    mostTps: mostTpsOf(plan),
    ...messageLimitOf(source),
    minInSyncReplicas: minimum && neededInSync(minimum, replicationFactor, source.version),
    retainedBytes,
  });
}

/** Copies of an existing topic, which keeps its settings, or of the one that the run creates. */
export function copiesOf({ topic }: Pick<RunPlan, 'topic'>, snapshot: ClusterSnapshot) {
  const { kind, brokers } = snapshot.cluster;
  const { copies, brokerId } = traitsOf(kind);
  if (copies === 'own-group') {
    const masters = brokers.filter(({ id }) => brokerId.canLead(id)).length;
    return { replicationFactor: Math.max(1, Math.round(brokers.length / Math.max(1, masters))) };
  }
  const retained = { retainedBytes: retainedBytesOf(topic) * topic.names.length };
  const existing = snapshot.topics.find(({ name }) => topic.names.includes(name));
  const replicas = existing?.partitions[0]?.replicas.length;
  if (replicas !== undefined) {
    const { topicConfigs } = detailsOf(snapshot);
    const topicMinInSync = topicConfigs?.find((each) => each.topic === existing?.name)?.minInSyncReplicas;
    // Topics created by a resumed run have the retention of new ones.
    const isOwn = topic.names.every((name) => topic.own?.includes(name) === true);
    return { replicationFactor: replicas, isTopicThere: true, topicMinInSync, ...(isOwn && retained) };
  }
  const replicationFactor = topic.replicationFactor ?? Math.min(defaultReplicationFactor, brokers.length);
  return { replicationFactor, ...retained };
}

/**
 * Size that brokers compare with their limit: Kafka a batch with one record, RocketMQ 4.x the record in the commit log (its
 * MessageExtEncoder), and 5.x only the body.
 *
 * @returns undefined for compressed messages, because the compressed size of the largest one is unknown
 */
function largestStoredBytes(
  { messageSpec, workload, cluster, topic }: RunPlan,
  version: string | undefined,
): number | undefined {
  if (workload.compression !== 'none') return undefined;
  const topicBytes = Math.max(0, ...topic.names.map((name) => Buffer.byteLength(name)));
  const largest = (messageSpec.mix?.topics ?? [messageSpec]).map(({ sizes, keys }) => {
    const shape = {
      bodyBytes: createSizes(sizes, messageSpec.seed).largest,
      keyBytes: keys.kind === 'none' ? 0 : keys.bytes,
    };
    if (traitsOf(cluster.broker).hasRecordBatches) return recordBatchBytes(shape, 1);
    return version?.startsWith('5.') === true ? shape.bodyBytes : storedRecordBytes({ ...shape, topicBytes });
  });
  return Math.max(...largest);
}

/** A topic's own limit overrides that of the brokers in both directions. */
function messageLimitOf({ plan, limits, topicConfigs = [] }: LoadSafetySource): {
  mostMessageBytes: number | undefined;
  messageLimit?: string;
} {
  const own = topicConfigs.flatMap(({ topic, ownMaxMessageBytes: bytes }) =>
    bytes !== undefined && plan.topic.names.includes(topic) ? [{ topic, bytes }] : [],
  );
  const shared = own.length < plan.topic.names.length ? limits.mostMessageBytes : undefined;
  const [least] = own.toSorted((one, other) => one.bytes - other.bytes);
  if (least === undefined || least.bytes >= (shared ?? Infinity)) return { mostMessageBytes: shared };
  return { mostMessageBytes: least.bytes, messageLimit: `max.message.bytes of topic ${least.topic}` };
}

/** @returns the highest rate of the segments; undefined for a closed loop or a search */
export function peakOf({ segments }: Pick<RunPlan, 'segments'>): number | undefined {
  const rates = segments.flatMap((segment) => (segment.kind === 'rate' ? [segment.from, segment.to] : []));
  return rates.length === 0 || segments.some(({ kind }) => kind === 'lanes') ? undefined : Math.max(...rates);
}

/** @returns the highest rate, or the upper bound of a search; undefined for a closed loop */
export const mostTpsOf = (plan: Pick<RunPlan, 'segments' | 'search'>): number | undefined =>
  peakOf(plan) ?? plan.search?.options.highest;

/** Before the load, so without its messages. */
export const filledStores = ({ brokers }: LoadSafetyFacts) =>
  brokers.flatMap(({ id, rooms = [] }) =>
    rooms.flatMap(({ usableBytes, freeBytes }) =>
      usableBytes > 0 ? [{ broker: id, usableBytes, usedBytes: usableBytes - freeBytes }] : [],
    ),
  );

/** Distributes partitions evenly: over all brokers of Kafka, or over the masters of RocketMQ with their slaves. */
function factsOf({ id }: Broker, { brokers, coverages, limits, freeDiskShare, plan }: LoadSafetySource): BrokerFacts {
  const { canLead } = traitsOf(plan.cluster.broker).brokerId;
  const leaders = brokers.filter((each) => canLead(each.id)).length;
  const coverage = coverages.find(({ broker }) => broker === id);
  const speeds = (coverage?.inventory?.networkDevices ?? []).flatMap(({ speed }) =>
    speed ? [speed.bitsPerSecond / 8] : [],
  );
  const stores = limits.stores.filter(({ broker }) => broker === id);
  const settings = limits.processes.find((process) => process.id === id)?.values;
  return {
    id,
    leaderShare: canLead(id) ? 1 / Math.max(1, leaders) : 0,
    replicaShare: 1 / brokers.length,
    deletionSeconds: deletionSecondsOf(settings),
    ...(speeds.length === 1 && { linkBytesPerSecond: speeds[0] }),
    rooms: roomsOf(stores, freeDiskShare, coverage ?? {}),
  };
}
