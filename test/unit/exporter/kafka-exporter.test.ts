import { expect, test } from 'vitest';
import { collectors } from '../../../exporter/registry.ts';

/** What danielqsj/kafka_exporter 1.9.0 serves of a cluster without ZooKeeper groups; every one of its types is gauge. */
const upstream = {
  kafka_brokers: [],
  kafka_broker_info: ['id', 'address'],
  kafka_topic_partitions: ['topic'],
  kafka_topic_partition_current_offset: ['topic', 'partition'],
  kafka_topic_partition_oldest_offset: ['topic', 'partition'],
  kafka_topic_partition_leader: ['topic', 'partition'],
  kafka_topic_partition_replicas: ['topic', 'partition'],
  kafka_topic_partition_in_sync_replica: ['topic', 'partition'],
  kafka_topic_partition_leader_is_preferred: ['topic', 'partition'],
  kafka_topic_partition_under_replicated_partition: ['topic', 'partition'],
  kafka_consumergroup_current_offset: ['consumergroup', 'topic', 'partition'],
  kafka_consumergroup_current_offset_sum: ['consumergroup', 'topic'],
  kafka_consumergroup_lag: ['consumergroup', 'topic', 'partition'],
  kafka_consumergroup_lag_sum: ['consumergroup', 'topic'],
  kafka_consumergroup_members: ['consumergroup'],
};

test("the clusters' metrics have kafka_exporter's names, types and labels, and none is missing", () => {
  const ours = Object.values(collectors)
    .filter(({ follows }) => follows === 'danielqsj/kafka_exporter')
    .flatMap(({ metrics }) => Object.entries(metrics));
  expect(Object.fromEntries(ours.map(([name, { labels }]) => [name, labels]))).toEqual(upstream);
  expect(new Set(ours.map(([, { type }]) => type))).toEqual(new Set(['gauge']));
});
