// Defines the dashboard of a Kafka cluster: health, traffic and saturation.

import { loadTests } from './annotation.ts';
import { brokersOrNone, mostBrokers } from './broker-count.ts';
import { dashboard, row, foldedRow } from './dashboard.ts';
import { whileFresh } from './fresh-internals.ts';
import { requestSaturation, requestTimes } from './kafka-requests.ts';
import { figure, lines, ribbon, table } from './panel.ts';
import { units } from './unit.ts';
import { notInternal, ofKafka, topics } from './variable.ts';

const chosen = '{cluster=~"$cluster"}';
const chosenTopics = `{cluster=~"$cluster", topic=~"$topic", ${notInternal}}`;

export const kafka = dashboard({
  uid: 'plimsoll-kafka',
  title: 'Plimsoll / Kafka',
  description: 'Is the Kafka cluster complete, how much load does it handle, and which resource is close to its limit?',
  variables: [ofKafka, topics('kafka_topic_partitions{cluster=~"$cluster"}')],
  annotations: [loadTests],
  rows: [
    row('Health', [
      figure('Brokers', {
        description: 'Brokers that are registered with the cluster; 0 while it is down.',
        expr: brokersOrNone('kafka_brokers'),
        width: 2,
      }),
      figure('Lost', {
        description: 'Brokers that are expected and not registered.',
        expr: `(max by (cluster) (last_over_time(kafka_brokers_expected${chosen}[6h])) or ${mostBrokers('kafka_brokers')}) - (${brokersOrNone('kafka_brokers')})`,
        limits: { worse: 'above', warn: 1, bad: 1 },
        width: 2,
      }),
      figure('Controllers', {
        description: 'Active controllers, of brokers whose agent answers. Any value other than 1 is a fault.',
        expr: `sum by (cluster) (max by (cluster, broker) (kafka_broker_active_controller${chosen} and on (cluster, broker, instance) plimsoll_scrape_section_success{cluster=~"$cluster", section="internals"} == 1))`,
        noValue: 'needs JMX of the brokers',
        limits: { worse: 'below', warn: 1, bad: 1, tooMany: 2 },
        width: 3,
      }),
      figure('Offline partitions', {
        description: 'Partitions without a leader. They can be neither written nor read.',
        expr: `sum by (cluster) (kafka_topic_leaderless_partitions${chosen})`,
        limits: { worse: 'above', warn: 1, bad: 1 },
        width: 3,
      }),
      figure('Under min ISR', {
        description: 'Partitions that reject producers with acks=all.',
        expr: `sum by (cluster) (kafka_topic_under_min_isr_partitions${chosen})`,
        limits: { worse: 'above', warn: 1, bad: 1 },
        width: 3,
      }),
      figure('Under-replicated', {
        description: 'Partitions with a replica out of sync.',
        expr: `sum by (cluster) (kafka_topic_partition_under_replicated_partition${chosen})`,
        limits: { worse: 'above', warn: 1 },
        width: 3,
      }),
      figure('Unclean elections', {
        description: 'Leaders elected from out-of-sync replicas within the time range. Each can lose messages.',
        expr: `max by (cluster) (increase(kafka_broker_unclean_leader_elections_total${chosen}[$__range]))`,
        limits: { worse: 'above', warn: 1, bad: 1 },
        width: 3,
      }),
      figure('Leader imbalance', {
        description: 'Share of partitions whose leader is not the preferred replica.',
        unit: units.ratio,
        expr: `sum by (cluster) (kafka_topic_unpreferred_leader_partitions${chosen}) / sum by (cluster) (kafka_topic_partitions${chosen})`,
        limits: { worse: 'above', warn: 0.1 },
        width: 3,
      }),
      figure('Log dirs', {
        description: 'Share of log directories in use. Below 100%, a directory has failed.',
        unit: units.ratio,
        expr: `avg by (cluster) (kafka_log_dir_online${chosen})`,
        limits: { worse: 'below', warn: 1 },
        width: 2,
      }),
      lines('Messages in by topic', {
        description: 'Messages per second, computed from end offsets (works without JMX).',
        unit: units.messagesPerSecond,
        expr: `sum by (cluster, topic) (clamp_min(deriv(kafka_topic_partition_current_offset${chosenTopics}[$__rate_interval]), 0))`,
        legend: '{{cluster}} {{topic}}',
        hasLongNames: true,
      }),
      lines('Messages in by broker', {
        description:
          'Messages per second, as each broker counts them. With uneven load, the busiest broker is the limit.',
        unit: units.messagesPerSecond,
        expr: whileFresh(`sum by (cluster, broker) (rate(kafka_broker_messages_in_total${chosen}[$__rate_interval]))`),
        legend: '{{cluster}} {{broker}}',
      }),
    ]),
    row('Bytes', [
      lines('Bytes in', {
        description: 'Bytes per second from producers, as compressed, without replication.',
        unit: units.bytesPerSecond,
        expr: whileFresh(`rate(kafka_broker_bytes_in_total${chosen}[$__rate_interval])`),
        legend: '{{cluster}} {{broker}}',
      }),
      lines('Bytes out', {
        description: 'Bytes per second to consumers, without replication.',
        unit: units.bytesPerSecond,
        expr: whileFresh(`rate(kafka_broker_bytes_out_total${chosen}[$__rate_interval])`),
        legend: '{{cluster}} {{broker}}',
      }),
      lines('Replication', {
        description: 'Bytes per second that a broker fetched from leaders, and that followers fetched from it.',
        unit: units.bytesPerSecond,
        queries: {
          '{{cluster}} {{broker}} in': whileFresh(
            `rate(kafka_broker_replication_bytes_in_total${chosen}[$__rate_interval])`,
          ),
          '{{cluster}} {{broker}} out': whileFresh(
            `rate(kafka_broker_replication_bytes_out_total${chosen}[$__rate_interval])`,
          ),
        },
      }),
      lines('Reassignment', {
        description: 'Bytes per second fetched for partitions that are being moved to the broker.',
        unit: units.bytesPerSecond,
        expr: whileFresh(`rate(kafka_broker_reassignment_bytes_in_total${chosen}[$__rate_interval])`),
        legend: '{{cluster}} {{broker}}',
      }),
    ]),
    requestTimes,
    requestSaturation,
    row('Disk', [
      lines('Log directories used', {
        description: 'Share used of the file system of each log directory (Kafka 3.3 and newer).',
        unit: units.ratio,
        expr: `1 - kafka_log_dir_usable_bytes${chosen} / kafka_log_dir_capacity_bytes${chosen}`,
        legend: '{{cluster}} {{broker}} {{path}}',
        limits: { worse: 'above', warn: 0.7, bad: 0.85 },
        max: 1,
        hasLongNames: true,
        width: 24,
      }),
      table('Topics by size', {
        description: 'Bytes of all replicas, and the retention time.',
        by: { cluster: 'Cluster', topic: 'Topic' },
        sortBy: 'On disk',
        descending: true,
        columns: {
          'On disk': { expr: `sum by (cluster, topic) (kafka_topic_log_bytes${chosenTopics})`, unit: units.bytes },
          Partitions: { expr: `sum by (cluster, topic) (kafka_topic_partitions${chosenTopics})` },
          Kept: {
            noValue: 'unknown',
            expr: `max by (cluster, topic) (kafka_topic_retention_seconds${chosenTopics})`,
            unit: units.duration,
          },
        },
      }),
    ]),
    foldedRow('Quorum and ZooKeeper', [
      ribbon('Quorum leader', {
        description: 'Controller that leads the KRaft quorum.',
        expr: `kafka_quorum_leader${chosen}`,
        legend: '{{cluster}} {{node}}',
        texts: { 0: { text: 'follows', color: 'gray' }, 1: { text: 'leads', color: 'green' } },
        width: 12,
        height: 9,
      }),
      lines('Quorum replication lag', {
        description: 'Records of the metadata log that a voter or observer has not replicated yet.',
        expr: `kafka_quorum_replica_lag${chosen}`,
        legend: '{{cluster}} {{node}} {{role}}',
        limits: { worse: 'above', warn: 1000 },
      }),
      lines('ZooKeeper outstanding requests', {
        description: 'Requests that each server of the ensemble has not answered yet.',
        expr: `zookeeper_outstanding_requests${chosen}`,
        legend: '{{cluster}} {{server}}',
      }),
      lines('ZooKeeper latency, mean', {
        description: 'Since the server started or its statistics were reset.',
        unit: units.seconds,
        expr: `zookeeper_latency_average_seconds${chosen}`,
        legend: '{{cluster}} {{server}}',
      }),
    ]),
  ],
});
