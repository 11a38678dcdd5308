// Exports kminion's metrics under its names, as with its default config.

import type { Broker, PartitionOffsets } from '../../core/cluster.ts';
import type { ClusterSnapshot, GroupSnapshot } from '../../brokers/snapshot.ts';
import { ok, known, labelled, type Measurement } from '../collector.ts';
import { topicsWithUnreadEnds } from '../collectors/unread-ends.ts';
import type { Compatibility } from './compatibility.ts';
import { distance } from '../../core/consumer-lag.ts';

const brokerLabels = ['broker_id', 'address', 'port', 'rack_id'];
const perTopic = labelled('topic_name');
const perPartition = labelled('topic_name', 'partition_id');
const perTopicOfGroup = labelled('group_id', 'topic_name');
const perGroupState = labelled('group_id', 'protocol', 'protocol_type', 'state', 'coordinator_id');
const inAssignment = 'needs the assignment of every member, which is not read';
const ofItsClient = "counts the requests of kminion's own client; `plimsoll_cluster_requests_total` counts ours";
const unreadPartition = 'absent for a topic with a partition that could not be read';
const neverCommitted = 'a partition the group never committed in does not count';

const inCanary = (metric: string) => `\`plimsoll_canary_${metric}\` shows it, where the canary is enabled`;

const controllerDiffers =
  'on KRaft the controller is the leader of the quorum, empty while unknown; upstream prints the broker that the metadata names, which is any of them';

export const kminion = {
  of: 'kafka',
  follows: 'redpanda-data/kminion',
  source: 'what the other collectors show, once more',
  cost: 'no request; as many series again',
  metrics: {
    kminion_exporter_up: labelled().flag('1 if every part of the cluster could be read, else 0.', {
      ours: 'plimsoll_cluster_up',
      differs: 'without the label `version`',
    }),
    kminion_kafka_cluster_info: labelled('cluster_version', 'broker_count', 'controller_id', 'cluster_id').info(
      'What the cluster calls itself.',
      { differs: controllerDiffers },
    ),
    kminion_kafka_broker_info: labelled(...brokerLabels, 'is_controller').info('Address that each broker advertises.', {
      ours: 'kafka_broker_info',
      differs: controllerDiffers,
    }),
    kminion_kafka_broker_log_dir_size_total_bytes: labelled(...brokerLabels).gauge(
      'What all replicas on the broker take.',
    ),
    kminion_kafka_topic_log_dir_size_total_bytes: perTopic.gauge('What all replicas of the topic take, added up.'),
    kminion_kafka_topic_info: labelled('topic_name', 'partition_count', 'replication_factor', 'cleanup_policy').info(
      'What the topic is made of.',
      { ours: 'kafka_topic_partitions' },
    ),
    kminion_kafka_topic_partition_low_water_mark: perPartition.gauge(
      'Start offset of the partition: offset of the first stored message.',
      { unit: 'messages', ours: 'kafka_topic_partition_oldest_offset' },
    ),
    kminion_kafka_topic_low_water_mark_sum: perTopic.gauge(
      'First offsets still stored in the partitions of the topic, added up.',
      'messages',
    ),
    kminion_kafka_topic_partition_high_water_mark: perPartition.gauge(
      'End offset of the partition: offset of the next message.',
      { unit: 'messages', ours: 'kafka_topic_partition_current_offset' },
    ),
    kminion_kafka_topic_high_water_mark_sum: perTopic.gauge(
      'Offsets the next messages of the partitions will get, added up.',
      'messages',
    ),
    kminion_kafka_consumer_group_info: perGroupState.flag('1 while the group is Stable, else 0.', {
      differs: '`protocol`, `protocol_type` and `coordinator_id` are empty, as they are not read',
    }),
    kminion_kafka_consumer_group_members: labelled('group_id').gauge('Members of the consumer group.', {
      unit: 'members',
      ours: 'kafka_consumergroup_members',
      differs:
        'members of groups with the consumer protocol (KIP-848) and of share groups count; upstream describes classic groups only',
      additive: true,
    }),
    kminion_kafka_consumer_group_topic_offset_sum: perTopicOfGroup.gauge(
      'Sum of the committed offsets of the group in the topic.',
      { unit: 'messages', ours: 'kafka_consumergroup_current_offset_sum', differs: neverCommitted },
    ),
    kminion_kafka_consumer_group_topic_partition_lag: labelled('group_id', 'topic_name', 'partition_id').gauge(
      'Messages between the committed offset and the end of the partition.',
      { unit: 'messages', ours: 'kafka_consumergroup_lag', differs: neverCommitted, additive: true },
    ),
    kminion_kafka_consumer_group_topic_lag: perTopicOfGroup.gauge(
      "Sum of the messages between the committed offsets and the ends of the topic's partitions.",
      {
        unit: 'messages',
        ours: 'kafka_consumergroup_lag_sum',
        differs: `${neverCommitted}; ${unreadPartition}`,
        additive: true,
      },
    ),
  },
  missing: {
    kminion_exporter_offset_consumer_records_consumed_total: 'the offsets topic is not consumed',
    kminion_kafka_consumer_group_empty_members: inAssignment,
    kminion_kafka_consumer_group_topic_members: inAssignment,
    kminion_kafka_consumer_group_topic_assigned_partitions: inAssignment,
    kminion_kafka_consumer_group_offset_commits_total: 'the offsets topic is not consumed',
    kminion_log_messages_total: 'counts the log lines of kminion itself',
    kminion_kafka_sent_bytes: ofItsClient,
    kminion_kafka_received_bytes: ofItsClient,
    kminion_kafka_requests_sent_total: ofItsClient,
    kminion_kafka_requests_received_total: ofItsClient,
    kminion_end_to_end_messages_produced_in_flight: inCanary('messages_total'),
    kminion_end_to_end_messages_produced_total: inCanary('messages_total'),
    kminion_end_to_end_messages_produced_failed_total: inCanary('messages_total'),
    kminion_end_to_end_messages_received_total: inCanary('messages_total'),
    kminion_end_to_end_messages_lost_total: inCanary('messages_total'),
    kminion_end_to_end_produce_latency_seconds: inCanary('duration_seconds'),
    kminion_end_to_end_roundtrip_latency_seconds: inCanary('duration_seconds'),
    kminion_end_to_end_offset_commits_total: 'the canary commits no offsets',
    kminion_end_to_end_commit_latency_seconds: 'the canary commits no offsets',
  },

  collect: ({ snapshot }) => ok(everythingOf(snapshot)),
} satisfies Compatibility;

function* everythingOf(snapshot: ClusterSnapshot): Iterable<Measurement> {
  const isWhole = snapshot.sections.every(({ kind }) => kind === 'fresh' || kind === 'skipped');
  yield { metric: 'kminion_exporter_up', labels: [], value: Number(isWhole) };
  yield* brokersOf(snapshot);
  yield* topicsOf(snapshot);
  const unread = topicsWithUnreadEnds(snapshot);
  yield* offsetsOf(snapshot.offsets, unread);
  for (const group of snapshot.groups) yield* groupOf(group, unread);
}

function* brokersOf({ cluster, kafka }: ClusterSnapshot): Iterable<Measurement> {
  const { brokers, controllerId, clusterId = '', version = '' } = cluster;
  const labels = [version, String(brokers.length), controllerId ?? '', clusterId];
  yield { metric: 'kminion_kafka_cluster_info', labels, value: 1 };
  const sizes = addUp((kafka?.topicSizes ?? []).map(({ broker, bytes }) => [broker, bytes]));
  for (const broker of brokers) {
    const labels = labelsOf(broker);
    const isController = controllerId === undefined ? '' : String(broker.id === controllerId);
    yield { metric: 'kminion_kafka_broker_info', labels: [...labels, isController], value: 1 };
    yield* known('kminion_kafka_broker_log_dir_size_total_bytes', labels, sizes.get(broker.id));
  }
}

function* topicsOf({ topics, kafka, sections }: ClusterSnapshot): Iterable<Measurement> {
  const policies = new Map((kafka?.topicConfigs ?? []).map(({ topic, cleanupPolicy }) => [topic, cleanupPolicy]));
  for (const { name, partitions } of topics) {
    const factor = partitions[0]?.replicas.length ?? -1;
    const labels = [name, String(partitions.length), String(factor), policies.get(name) ?? 'N/A'];
    yield { metric: 'kminion_kafka_topic_info', labels, value: 1 };
  }
  // If a broker is missing, the sums would be too small.
  if (sections.some(({ section, kind }) => section === 'log-dirs' && kind === 'missing')) return;
  const sizes = addUp((kafka?.topicSizes ?? []).map(({ topic, bytes }) => [topic, bytes]));
  for (const [topic, value] of sizes) {
    yield { metric: 'kminion_kafka_topic_log_dir_size_total_bytes', labels: [topic], value };
  }
}

function* offsetsOf(offsets: readonly PartitionOffsets[], unread: ReadonlySet<string>): Iterable<Measurement> {
  for (const { topic, partition, start, end } of offsets) {
    const labels = [topic, String(partition)];
    yield* known('kminion_kafka_topic_partition_low_water_mark', labels, start);
    yield* known('kminion_kafka_topic_partition_high_water_mark', labels, end);
  }
  const startless = new Set(offsets.filter(({ start }) => start === undefined).map(({ topic }) => topic));
  const whole = offsets.filter(({ topic }) => !unread.has(topic) && !startless.has(topic));
  const sums = {
    kminion_kafka_topic_low_water_mark_sum: addUp(whole.map(({ topic, start = 0n }) => [topic, start])),
    kminion_kafka_topic_high_water_mark_sum: addUp(whole.map(({ topic, end = 0n }) => [topic, end])),
  };
  for (const [metric, byTopic] of Object.entries(sums)) {
    for (const [topic, value] of byTopic) yield { metric, labels: [topic], value };
  }
}

function* groupOf(group: GroupSnapshot, unread: ReadonlySet<string>): Iterable<Measurement> {
  const { name, state, members, partitions } = group;
  if (state !== undefined) {
    const labels = [name, '', '', state, ''];
    yield { metric: 'kminion_kafka_consumer_group_info', labels, value: Number(state === 'Stable') };
  }
  yield* known('kminion_kafka_consumer_group_members', [name], members);
  const committed = [...partitions].flatMap((lag) =>
    lag.committed === undefined ? [] : [[lag, lag.committed] as const],
  );
  for (const [lag, offset] of committed) {
    const labels = [name, lag.topic, String(lag.partition)];
    yield { metric: 'kminion_kafka_consumer_group_topic_partition_lag', labels, value: distance(offset, lag.end) };
  }
  const whole = committed.filter(([{ topic }]) => !unread.has(topic));
  for (const [topic, value] of addUp(whole.map(([{ topic }, offset]) => [topic, offset]))) {
    yield { metric: 'kminion_kafka_consumer_group_topic_offset_sum', labels: [name, topic], value };
  }
  for (const [topic, value] of addUp(whole.map(([lag, offset]) => [lag.topic, distance(offset, lag.end)]))) {
    yield { metric: 'kminion_kafka_consumer_group_topic_lag', labels: [name, topic], value };
  }
}

function labelsOf({ id, address, rack = '' }: Broker): string[] {
  const colon = address.lastIndexOf(':');
  return [id, address.slice(0, colon), address.slice(colon + 1), rack];
}

function addUp(entries: readonly (readonly [string, bigint])[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const [name, value] of entries) sums.set(name, (sums.get(name) ?? 0n) + value);
  return sums;
}
