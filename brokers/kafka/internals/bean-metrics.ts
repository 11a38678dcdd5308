// Lists the exported broker JMX metrics and the MBean attribute of each: the allow-list.

/*
 * MBeans: kafka.apache.org/documentation/#remote_jmx_monitoring, and read from running brokers 3.9.2 and 4.3.1.
 * Meters and timers are Yammer's (com.yammer.metrics 2.2): Count is a counter since start, Mean of a histogram the sum
 * over Count since start, percentiles those of a sample that favours the last five minutes. OneMinuteRate and similar
 * attributes are never exported: Prometheus computes rates of counters, over any window.
 */

import type { BrokerFigures } from '../../../core/documents/evidence/broker-figures.ts';
import type { CounterName } from '../../figures/broker-reading.ts';

export interface Bean {
  /** `kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec` is [kafka.server, BrokerTopicMetrics, BytesInPerSec]. */
  domain: string;
  type: string;
  name?: string;
  /** Further keys that distinguish instances. A bean with other keys, such as `topic`, does not match. */
  keys: readonly string[];
  /** Keys whose instances are summed; agents may leave them out. */
  sumOver?: readonly string[];
}

export interface Figure {
  metric: InternalMetricName;
  bean: Bean;
  attribute: string;
  /** Factor: count times mean is a sum of values that are whole in `perUnit` parts of their unit. */
  times?: { attribute: string; perUnit: number };
  /** Factor to base units. */
  scale?: number;
  /** Values of the metric's labels: a key of the bean, or a constant text. */
  labels: readonly ({ key: string } | { text: string })[];
}

interface Declared {
  type: 'counter' | 'gauge';
  help: string;
  /** Labels besides `broker`. */
  labels: readonly string[];
  unit?: string;
}

export const internalMetrics = {
  kafka_broker_bytes_in_total: counter(
    'Bytes that producers sent to the broker, as the broker counts them: compressed, without replication.',
  ),
  kafka_broker_bytes_out_total: counter('Bytes that consumers fetched from the broker, without replication.'),
  kafka_broker_messages_in_total: counter('Messages that producers sent to the broker.'),
  kafka_broker_replication_bytes_in_total: counter('Bytes that the broker fetched from leaders as a follower.'),
  kafka_broker_replication_bytes_out_total: counter('Bytes that followers fetched from the broker.'),
  kafka_broker_reassignment_bytes_in_total: counter(
    'Bytes that the broker fetched for partitions that are being moved to it.',
  ),
  kafka_broker_reassignment_bytes_out_total: counter(
    'Bytes fetched from the broker for partitions that are being moved.',
  ),
  kafka_broker_replication_throttled_bytes_per_second: gauge(
    'Rate of throttled replication, averaged by the broker over its quota window; it has no counter. Absent if no throttle was ever set.',
    'role',
  ),
  kafka_broker_failed_produce_requests_total: counter('Produce requests that failed, by partition.'),
  kafka_broker_failed_fetch_requests_total: counter('Fetch requests that failed, by partition.'),
  kafka_broker_requests_total: counter(
    'Requests answered, by API, all versions together. Absent for APIs that were never used.',
    'request',
  ),
  kafka_broker_request_errors_total: counter(
    'Errors in responses, by error code; a request for several partitions counts each of them.',
    'request',
    'error',
  ),
  kafka_broker_request_seconds_total: counter(
    'Total time of requests from arrival until the response was sent; divide by kafka_broker_requests_total for the mean. Absent if the agent exports no mean.',
    'request',
  ),
  kafka_broker_request_p99_seconds: gauge(
    '99th percentile of the request time, over the sample that the broker keeps (about the last five minutes).',
    'request',
  ),
  kafka_broker_request_phase_seconds_total: counter(
    'Total time of requests in each phase. Absent if the agent exports no mean, as with the usual rule files of the JMX exporter.',
    'request',
    'phase',
  ),
  kafka_broker_request_phase_p99_seconds: gauge(
    '99th percentile of the time of requests in each phase, over the sample that the broker keeps.',
    'request',
    'phase',
  ),
  kafka_broker_request_handler_idle_seconds_total: counter(
    'Idle time of the request handlers, mean over the threads: its rate is the idle ratio. Up to Kafka 4.1, a node that is broker and controller has pool `broker` only: the sum of both pools less an idle controller.',
    'pool',
  ),
  kafka_broker_network_processor_idle_ratio: gauge(
    'Idle ratio of the network processors of the busiest listener, over 30 s; of all listeners if the agent exports only their mean.',
  ),
  kafka_broker_request_queue_requests: gauge('Requests waiting for a handler.'),
  kafka_broker_response_queue_responses: gauge('Responses waiting for a network processor.'),
  kafka_broker_purgatory_requests: gauge('Requests waiting in purgatory for their condition.', 'operation'),
  kafka_broker_isr_shrinks_total: counter(
    'Times that a replica left the in-sync replicas of a partition that the broker leads.',
  ),
  kafka_broker_isr_expands_total: counter(
    'Times that a replica rejoined the in-sync replicas of a partition that the broker leads.',
  ),
  kafka_broker_unclean_leader_elections_total: counter(
    'Unclean leader elections: the new leader was not in sync, so messages may be lost; reported by controllers.',
  ),
  kafka_broker_active_controller: {
    ...gauge('1 on the active controller, else 0; the sum over the cluster must be 1.'),
    unit: '1 or 0',
  },
  kafka_broker_offline_partitions: gauge('Partitions without a leader; reported by the active controller.'),
  kafka_broker_under_replicated_partitions: gauge(
    'Partitions that the broker leads and that have fewer in-sync replicas than replicas.',
  ),
  kafka_broker_under_min_isr_partitions: gauge(
    'Partitions that the broker leads and that have fewer in-sync replicas than min.insync.replicas.',
  ),
  kafka_broker_replica_fetcher_max_lag_messages: gauge(
    'Replication lag of the broker as a follower, in messages; highest of its partitions.',
  ),
  kafka_broker_connections: {
    ...gauge('Open connections of clients and brokers, all listeners together.'),
    unit: 'connections',
  },
  kafka_broker_log_flushes_total: counter('Flushes of log segments to disk.'),
  kafka_broker_log_flush_seconds_total: counter('Total time of flushes. Absent if the agent exports no mean.'),
  kafka_broker_log_flush_p99_seconds: gauge(
    '99th percentile of the flush time, over the sample that the broker keeps.',
  ),
  kafka_broker_jvm_memory_used_bytes: gauge('Memory that the JVM uses.', 'area'),
  kafka_broker_jvm_memory_committed_bytes: gauge('Memory committed to the JVM by the operating system.', 'area'),
  kafka_broker_jvm_memory_max_bytes: gauge('Maximum memory of the JVM. Absent if it has no limit.', 'area'),
  kafka_broker_jvm_memory_after_gc_bytes: gauge(
    'Memory in use in each pool after its last collection. 0 before the first.',
    'pool',
  ),
  kafka_broker_jvm_start_time_seconds: gauge('Start time of the JVM, since the Unix epoch.'),
  kafka_broker_jvm_gc_collections_total: counter('Garbage collections.', 'gc'),
  kafka_broker_jvm_gc_seconds_total: counter('Time of garbage collections, as reported by the collector.', 'gc'),
} as const satisfies Record<string, Declared>;

export type InternalMetricName = keyof typeof internalMetrics;

function counter<Labels extends readonly string[]>(help: string, ...labels: Labels) {
  return { type: 'counter', help, labels } as const;
}

function gauge<Labels extends readonly string[]>(help: string, ...labels: Labels) {
  return { type: 'gauge', help, labels } as const;
}

const topicMetric = (name: string): Bean => ({ domain: 'kafka.server', type: 'BrokerTopicMetrics', name, keys: [] });

const requestMetric = (name: string): Bean => ({
  domain: 'kafka.network',
  type: 'RequestMetrics',
  name,
  keys: ['request'],
});

const milliseconds = 0.001;
const nanoseconds = 1e-9;

/** Phases in the order in which a request passes through them: kafka.network.RequestChannel. */
const phases = {
  'request-queue': 'RequestQueueTimeMs',
  local: 'LocalTimeMs',
  remote: 'RemoteTimeMs',
  throttle: 'ThrottleTimeMs',
  'response-queue': 'ResponseQueueTimeMs',
  'response-send': 'ResponseSendTimeMs',
};

/** Kafka up to 4.1 has one meter for all pools; later versions also have one for each pool. */
const handlerPools = {
  all: 'RequestHandlerAvgIdlePercent',
  broker: 'BrokerRequestHandlerAvgIdlePercent',
  controller: 'ControllerRequestHandlerAvgIdlePercent',
};

function count(metric: InternalMetricName, bean: Bean): Figure {
  return { metric, bean, attribute: 'Count', labels: bean.keys.map((key) => ({ key })) };
}

function value(metric: InternalMetricName, domain: string, type: string, name: string): Figure {
  return { metric, bean: { domain, type, name, keys: [] }, attribute: 'Value', labels: [] };
}

/**
 * Returns the sum and the 99th percentile of a histogram or timer of milliseconds.
 *
 * @param perUnit parts per millisecond: a histogram records whole milliseconds, a timer whole nanoseconds
 */
function time(
  sum: InternalMetricName,
  p99: InternalMetricName,
  bean: Bean,
  labels: Figure['labels'],
  perUnit = 1,
): Figure[] {
  return [
    { metric: sum, bean, attribute: 'Count', times: { attribute: 'Mean', perUnit }, scale: milliseconds, labels },
    { metric: p99, bean, attribute: '99thPercentile', scale: milliseconds, labels },
  ];
}

const request = { key: 'request' };
const logFlush: Bean = { domain: 'kafka.log', type: 'LogFlushStats', name: 'LogFlushRateAndTimeMs', keys: [] };
const sockets: Bean = {
  domain: 'kafka.server',
  type: 'socket-server-metrics',
  keys: [],
  sumOver: ['listener', 'networkProcessor'],
};
/** Attribute with the idle ratio of one network processor, which may exceed 1: kafka.network.SocketServer. */
export const processorIdleRatio = 'io-wait-ratio';
const replicaManager = (name: string): Bean => ({ domain: 'kafka.server', type: 'ReplicaManager', name, keys: [] });

export const figures: readonly Figure[] = [
  count('kafka_broker_bytes_in_total', topicMetric('BytesInPerSec')),
  count('kafka_broker_bytes_out_total', topicMetric('BytesOutPerSec')),
  count('kafka_broker_messages_in_total', topicMetric('MessagesInPerSec')),
  count('kafka_broker_replication_bytes_in_total', topicMetric('ReplicationBytesInPerSec')),
  count('kafka_broker_replication_bytes_out_total', topicMetric('ReplicationBytesOutPerSec')),
  count('kafka_broker_reassignment_bytes_in_total', topicMetric('ReassignmentBytesInPerSec')),
  count('kafka_broker_reassignment_bytes_out_total', topicMetric('ReassignmentBytesOutPerSec')),
  count('kafka_broker_failed_produce_requests_total', topicMetric('FailedProduceRequestsPerSec')),
  count('kafka_broker_failed_fetch_requests_total', topicMetric('FailedFetchRequestsPerSec')),
  ...(['leader', 'follower'] as const).map((role): Figure => ({
    metric: 'kafka_broker_replication_throttled_bytes_per_second',
    bean: { domain: 'kafka.server', type: role === 'leader' ? 'LeaderReplication' : 'FollowerReplication', keys: [] },
    attribute: 'byte-rate',
    labels: [{ text: role }],
  })),
  count('kafka_broker_requests_total', { ...requestMetric('RequestsPerSec'), sumOver: ['version'] }),
  count('kafka_broker_request_errors_total', { ...requestMetric('ErrorsPerSec'), keys: ['request', 'error'] }),
  ...time('kafka_broker_request_seconds_total', 'kafka_broker_request_p99_seconds', requestMetric('TotalTimeMs'), [
    request,
  ]),
  ...Object.entries(phases).flatMap(([phase, name]) =>
    time('kafka_broker_request_phase_seconds_total', 'kafka_broker_request_phase_p99_seconds', requestMetric(name), [
      request,
      { text: phase },
    ]),
  ),
  ...Object.entries(handlerPools).map(([pool, name]): Figure => ({
    metric: 'kafka_broker_request_handler_idle_seconds_total',
    bean: { domain: 'kafka.server', type: 'KafkaRequestHandlerPool', name, keys: [] },
    attribute: 'Count',
    // The meter counts nanoseconds: kafka.server.KafkaRequestHandler marks the idle time.
    scale: nanoseconds,
    labels: [{ text: pool }],
  })),
  value('kafka_broker_network_processor_idle_ratio', 'kafka.network', 'SocketServer', 'NetworkProcessorAvgIdlePercent'),
  value('kafka_broker_request_queue_requests', 'kafka.network', 'RequestChannel', 'RequestQueueSize'),
  value('kafka_broker_response_queue_responses', 'kafka.network', 'RequestChannel', 'ResponseQueueSize'),
  {
    metric: 'kafka_broker_purgatory_requests',
    bean: {
      domain: 'kafka.server',
      type: 'DelayedOperationPurgatory',
      name: 'PurgatorySize',
      keys: ['delayedOperation'],
    },
    attribute: 'Value',
    labels: [{ key: 'delayedOperation' }],
  },
  count('kafka_broker_isr_shrinks_total', replicaManager('IsrShrinksPerSec')),
  count('kafka_broker_isr_expands_total', replicaManager('IsrExpandsPerSec')),
  value('kafka_broker_under_replicated_partitions', 'kafka.server', 'ReplicaManager', 'UnderReplicatedPartitions'),
  value('kafka_broker_under_min_isr_partitions', 'kafka.server', 'ReplicaManager', 'UnderMinIsrPartitionCount'),
  {
    metric: 'kafka_broker_replica_fetcher_max_lag_messages',
    bean: {
      domain: 'kafka.server',
      type: 'ReplicaFetcherManager',
      name: 'MaxLag',
      keys: [],
      sumOver: ['clientId'],
    },
    attribute: 'Value',
    labels: [],
  },
  { metric: 'kafka_broker_connections', bean: sockets, attribute: 'connection-count', labels: [] },
  {
    metric: 'kafka_broker_network_processor_idle_ratio',
    bean: sockets,
    attribute: processorIdleRatio,
    labels: [],
  },
  count('kafka_broker_unclean_leader_elections_total', {
    domain: 'kafka.controller',
    type: 'ControllerStats',
    name: 'UncleanLeaderElectionsPerSec',
    keys: [],
  }),
  value('kafka_broker_active_controller', 'kafka.controller', 'KafkaController', 'ActiveControllerCount'),
  value('kafka_broker_offline_partitions', 'kafka.controller', 'KafkaController', 'OfflinePartitionsCount'),
  count('kafka_broker_log_flushes_total', logFlush),
  ...time('kafka_broker_log_flush_seconds_total', 'kafka_broker_log_flush_p99_seconds', logFlush, [], 1_000_000),
];

type MetricWithLabels = readonly [InternalMetricName, ...labels: string[]];

/** Metric that a run reads for each counter of a broker. */
export const counterMetrics: Readonly<Partial<Record<CounterName, MetricWithLabels>>> = {
  messagesIn: ['kafka_broker_messages_in_total'],
  bytesIn: ['kafka_broker_bytes_in_total'],
  bytesOut: ['kafka_broker_bytes_out_total'],
  replicationBytesIn: ['kafka_broker_replication_bytes_in_total'],
  replicationBytesOut: ['kafka_broker_replication_bytes_out_total'],
  produceRequests: ['kafka_broker_requests_total', 'Produce'],
  fetchRequests: ['kafka_broker_requests_total', 'Fetch'],
  produceQueueSeconds: ['kafka_broker_request_phase_seconds_total', 'Produce', 'request-queue'],
  flushes: ['kafka_broker_log_flushes_total'],
  flushSeconds: ['kafka_broker_log_flush_seconds_total'],
};

/** Metric that a run reads for each figure that is a current value. */
export const gaugeMetrics: Readonly<Partial<Record<keyof BrokerFigures, MetricWithLabels>>> = {
  requestQueueRequests: ['kafka_broker_request_queue_requests'],
  underReplicatedPartitions: ['kafka_broker_under_replicated_partitions'],
  underMinIsrPartitions: ['kafka_broker_under_min_isr_partitions'],
  replicationLagMessages: ['kafka_broker_replica_fetcher_max_lag_messages'],
  connections: ['kafka_broker_connections'],
};
