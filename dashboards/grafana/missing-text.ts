// States why a panel has no value, by the metrics it reads.

/** By part of a metric name; the first match applies. Metrics with more requirements come first. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/plimsoll_promotion_/, 'no promotion configured'],
  [/plimsoll_time_to_limit_/, 'no limit within the forecast, or no forecast'],
  [/plimsoll_forecast_/, 'no forecast of this cluster'],
  [/plimsoll_calibration_/, 'no predictions checked'],
  [/plimsoll_(?:safe_max|headroom|without_one|verdict|binding)_/, 'no verdict of this cluster yet'],
  [/plimsoll_(?:now|cluster_state)/, 'needs plimsoll serve'],
  [/plimsoll_(?:job|history)_/, 'needs plimsoll serve'],
  [/plimsoll_scrape_/, 'no exporter scraped'],
  [/plimsoll_run_/, 'no load test scraped'],
  [/jvm_gclog_live_set_/, 'old generation not collected yet, or no GC log'],
  [/jvm_gclog_time_to_safepoint_/, 'GC log without safepoints, or no GC log'],
  [/jvm_gclog_(?:pause|stopped|heap|allocated|promoted)/, 'no collection yet, or no GC log'],
  [/jvm_gclog_/, 'no GC log is followed'],
  [/plimsoll_process_cgroup_/, 'no CPU limit of a container'],
  [/plimsoll_process_/, 'no broker process found'],
  [/plimsoll_host_link_/, 'link speed unknown'],
  [/\bnode_|plimsoll_host_/, 'no host metrics'],
  [/rocketmq_consumergroup_(?:retry|dead)_/, 'no messages sent back by consumers'],
  [/plimsoll_consumergroup_|kafka_consumergroup_|rocketmq_consumergroup_/, 'no consumer groups'],
  [/kafka_broker_/, 'needs JMX of the brokers'],
  [/zookeeper_/, 'no ZooKeeper (KRaft), or it is not configured'],
  [/kafka_quorum_/, 'no KRaft quorum'],
  [/kafka_log_dir_(?:usable|capacity)_/, 'needs Kafka 3.3 or newer'],
  [/\bkafka_/, 'no Kafka cluster answers'],
  [/rocketmq_broker_transient_store_/, 'no transient store used'],
  [/rocketmq_replica_/, 'no slaves'],
  [/rocketmq_dledger_/, 'no DLedger'],
  [/rocketmq_sync_state_/, 'no controllers'],
  [/rocketmq_timer_/, 'needs RocketMQ 5'],
  [/\brocketmq_/, 'no RocketMQ cluster answers'],
];

/** A panel is empty if none of its queries has data, so the reason is that of the query with the fewest requirements. */
export function missingText(queries: readonly { expr: string }[]): string {
  const places = queries.map(({ expr }) => reasons.findIndex(([metric]) => metric.test(expr)));
  const least = places.includes(-1) ? undefined : reasons[Math.max(...places)];
  return least?.[1] ?? 'no data in Prometheus';
}
