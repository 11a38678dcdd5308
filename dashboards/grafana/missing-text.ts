// Says why a panel has no value, by the metrics it reads.

/** The first that matches: part of a metric name, and what is missing. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/plimsoll_promotion_/, 'no promotion configured'],
  [/plimsoll_time_to_limit_/, 'no limit within the forecast, or no forecast'],
  [/plimsoll_forecast_/, 'no forecast of this cluster'],
  [/plimsoll_calibration_/, 'no predictions checked'],
  [/plimsoll_(?:safe_max|headroom|without_one|verdict|binding)_/, 'no verdict of this cluster yet'],
  [/plimsoll_(?:now|cluster_state)/, 'needs plimsoll serve'],
  [/plimsoll_(?:job|ledger)_/, 'needs plimsoll serve'],
  [/plimsoll_run_/, 'no load test scraped'],
  [/jvm_gclog_full_collections/, 'no full collection, or no GC log'],
  [/jvm_gclog_/, 'no GC log is followed'],
  [/plimsoll_process_/, 'no broker process found'],
  [/plimsoll_host_link_/, 'link speed unknown'],
  [/\bnode_|plimsoll_host_/, 'no host metrics'],
  [/plimsoll_consumergroup_|kafka_consumergroup_|rocketmq_consumergroup_/, 'no consumer groups'],
  [/kafka_broker_/, 'needs JMX of the brokers'],
  [/\bkafka_/, 'no Kafka cluster'],
  [/\brocketmq_/, 'no RocketMQ cluster'],
];

export function missingText(queries: readonly { expr: string }[]): string {
  const all = queries.map(({ expr }) => expr).join(' ');
  return reasons.find(([metric]) => metric.test(all))?.[1] ?? 'no data in Prometheus';
}
