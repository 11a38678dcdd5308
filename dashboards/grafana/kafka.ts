// Defines the dashboard of a Kafka cluster: health, traffic and saturation.

import { dashboard, foldedRow, loadTests, notInternal, ofKafka, type PanelRow, row, topics } from './dashboard.ts';
import { brokersOrNone, mostBrokers } from './queries.ts';
import { figure, lines, ratesOf, ribbon, table } from './panel.ts';
import { units } from './unit.ts';
import { policyLimits } from './limits.ts';

/**
 * While JMX of a broker does not respond, the exporter shows its last values: a constant counter looks like no traffic, and a
 * constant idle time like handlers that are always busy. Such rates are unknown.
 *
 * @param expr with labels `cluster` and `broker`
 */
const whileFresh = (expr: string): string =>
  `${expr} and on (cluster, broker) min_over_time(plimsoll_scrape_section_success{cluster=~"$cluster", section="internals"}[$__rate_interval]) == 1`;

const chosen = '{cluster=~"$cluster"}';
const requests = 'request=~"Produce|FetchConsumer|FetchFollower"';

const requestTimes: PanelRow = row('Request latency', [
  lines('Request latency, p99', {
    description: '99th percentile of the sample that the broker keeps, about the last five minutes.',
    expr: `kafka_broker_request_p99_seconds{cluster=~"$cluster", ${requests}}`,
  }),
  lines('Request latency, mean', {
    description: 'Total time divided by the number of requests.',
    unit: units.seconds,
    expr: `rate(kafka_broker_request_seconds_total{cluster=~"$cluster", ${requests}}[$__rate_interval]) / (rate(kafka_broker_requests_total{cluster=~"$cluster", ${requests}}[$__rate_interval]) > 0)`,
  }),
  lines('Produce latency by phase', {
    description:
      'Time of a Produce request by phase. What a long phase indicates: request-queue: no free request handler. local: slow log. remote: slow replicas. response-queue, response-send: busy network threads or network card.',
    expr: `max by (cluster, phase) (kafka_broker_request_phase_p99_seconds{cluster=~"$cluster", request="Produce"})`,
  }),
  lines('Request rate', {
    description: 'Requests answered per second, by API (all versions).',
    expr: `sum by (cluster, request) (rate(kafka_broker_requests_total${chosen}[$__rate_interval])) > 0`,
  }),
  lines('Request errors', {
    description: 'Error codes in responses.',
    queries: {
      '{{cluster}} {{request}} {{error}}': `sum by (cluster, request, error) (rate(kafka_broker_request_errors_total{cluster=~"$cluster", error!="NONE"}[$__rate_interval])) > 0`,
      '{{cluster}} failed produce': `sum by (cluster) (rate(kafka_broker_failed_produce_requests_total${chosen}[$__rate_interval]))`,
      '{{cluster}} failed fetch': `sum by (cluster) (rate(kafka_broker_failed_fetch_requests_total${chosen}[$__rate_interval]))`,
    },
    width: 24,
  }),
]);

/** Defines the rows of the Kafka dashboard for request times and request saturation. */
const requestSaturation: PanelRow = row('Saturation', [
  lines('Request handlers busy', {
    description: 'Share of time the request handlers are busy. Above the limit, requests start to queue.',
    expr: whileFresh(
      '1 - rate(kafka_broker_request_handler_idle_seconds_total{cluster=~"$cluster", pool=~"all|broker"}[$__rate_interval])',
    ),
    legend: '{{cluster}} {{broker}} {{pool}}',
    limits: policyLimits.requestHandlers,
    max: 1,
  }),
  lines('Network processors busy', {
    description: 'Share of time the network threads of the busiest listener are busy, over 30 s.',
    expr: `1 - kafka_broker_network_processor_idle_ratio${chosen}`,
    limits: policyLimits.networkThreads,
    max: 1,
  }),
  lines('Request queues', {
    description: 'Requests that wait for a request handler, and responses that wait for a network thread.',
    queries: {
      '{{cluster}} {{broker}} requests': `kafka_broker_request_queue_requests${chosen}`,
      '{{cluster}} {{broker}} answers': `kafka_broker_response_queue_responses${chosen}`,
    },
  }),
  lines('Purgatory', {
    description:
      'Requests in purgatory: they wait for replicas, or for enough bytes to fetch. Operations without waiting requests are hidden.',
    expr: `kafka_broker_purgatory_requests${chosen} > 0`,
    legend: '{{cluster}} {{broker}} {{operation}}',
    noValue: 'no waiting requests, or no JMX of the brokers',
  }),
  lines('ISR shrinks and expansions', {
    description: 'Rate at which replicas leave the in-sync set of a partition and return to it.',
    queries: ratesOf(chosen, '{{cluster}} {{broker}}', {
      left: 'kafka_broker_isr_shrinks_total',
      returned: 'kafka_broker_isr_expands_total',
    }),
  }),
  lines('Log flush latency', {
    description: '99th percentile of the flush time of the log.',
    expr: `kafka_broker_log_flush_p99_seconds${chosen}`,
  }),
]);

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
        expr: `sum by (cluster) (kafka_topic_unpreferred_leader_partitions${chosen}) / sum by (cluster) (kafka_topic_partitions${chosen})`,
        limits: { worse: 'above', warn: 0.1 },
        width: 3,
      }),
      figure('Log dirs', {
        description: 'Share of log directories in use. Below 100%, a directory has failed.',
        expr: `avg by (cluster) (kafka_log_dir_online${chosen})`,
        limits: { worse: 'below', warn: 1 },
        width: 2,
      }),
      lines('Messages in by topic', {
        description: 'Messages per second, computed from end offsets (works without JMX).',
        expr: `sum by (cluster, topic) (clamp_min(deriv(kafka_topic_partition_current_offset${chosenTopics}[$__rate_interval]), 0))`,
      }),
      lines('Messages in by broker', {
        description:
          'Messages per second, as each broker counts them. With uneven load, the busiest broker is the limit.',
        expr: whileFresh(`sum by (cluster, broker) (rate(kafka_broker_messages_in_total${chosen}[$__rate_interval]))`),
      }),
    ]),
    row('Bytes', [
      lines('Bytes in', {
        description: 'Bytes per second from producers, as compressed, without replication.',
        expr: whileFresh(`rate(kafka_broker_bytes_in_total${chosen}[$__rate_interval])`),
      }),
      lines('Bytes out', {
        description: 'Bytes per second to consumers, without replication.',
        expr: whileFresh(`rate(kafka_broker_bytes_out_total${chosen}[$__rate_interval])`),
      }),
      lines('Replication', {
        description: 'Bytes per second that a broker fetched from leaders, and that followers fetched from it.',
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
        expr: whileFresh(`rate(kafka_broker_reassignment_bytes_in_total${chosen}[$__rate_interval])`),
      }),
    ]),
    requestTimes,
    requestSaturation,
    row('Disk', [
      lines('Log directories used', {
        description: 'Share used of the file system of each log directory (Kafka 3.3 and newer).',
        expr: `1 - kafka_log_dir_usable_bytes${chosen} / kafka_log_dir_capacity_bytes${chosen}`,
        limits: { worse: 'above', warn: 0.7, bad: 0.85 },
        max: 1,
        width: 24,
      }),
      table('Topics by size', {
        description: 'Bytes of all replicas, and the retention time.',
        by: { cluster: 'Cluster', topic: 'Topic' },
        sortBy: 'On disk',
        descending: true,
        columns: {
          'On disk': { expr: `sum by (cluster, topic) (kafka_topic_log_bytes${chosenTopics})` },
          Partitions: { expr: `sum by (cluster, topic) (kafka_topic_partitions${chosenTopics})` },
          Kept: {
            noValue: 'unknown',
            expr: `max by (cluster, topic) (kafka_topic_retention_seconds${chosenTopics})`,
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
      }),
      lines('ZooKeeper latency, mean', {
        description: 'Since the server started or its statistics were reset.',
        expr: `zookeeper_latency_average_seconds${chosen}`,
      }),
    ]),
  ],
});
