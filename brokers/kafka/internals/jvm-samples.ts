// Maps the JVM metrics of a JMX exporter page to ours, including the names before release 1.0.

import type { Sample } from '../../../core/text/prometheus-text.ts';
import type { InternalMetricName } from './bean-metrics.ts';

/** Metric of the page to ours, and the label both have. prometheus.github.io/client_java/instrumentation/jvm */
const known: Readonly<Record<string, readonly [metric: InternalMetricName, label?: string]>> = {
  jvm_memory_used_bytes: ['kafka_broker_jvm_memory_used_bytes', 'area'],
  jvm_memory_bytes_used: ['kafka_broker_jvm_memory_used_bytes', 'area'],
  jvm_memory_committed_bytes: ['kafka_broker_jvm_memory_committed_bytes', 'area'],
  jvm_memory_bytes_committed: ['kafka_broker_jvm_memory_committed_bytes', 'area'],
  jvm_memory_max_bytes: ['kafka_broker_jvm_memory_max_bytes', 'area'],
  jvm_memory_bytes_max: ['kafka_broker_jvm_memory_max_bytes', 'area'],
  jvm_memory_pool_collection_used_bytes: ['kafka_broker_jvm_memory_after_gc_bytes', 'pool'],
  jvm_memory_pool_collection_bytes_used: ['kafka_broker_jvm_memory_after_gc_bytes', 'pool'],
  process_start_time_seconds: ['kafka_broker_jvm_start_time_seconds'],
  jvm_gc_collection_seconds_count: ['kafka_broker_jvm_gc_collections_total', 'gc'],
  jvm_gc_collection_seconds_sum: ['kafka_broker_jvm_gc_seconds_total', 'gc'],
};

export const isJvmSample = (metric: string) => Object.hasOwn(known, metric);

export function jvmValueOf({ metric, labels, value }: Sample) {
  const [ours, label] = known[metric] ?? [];
  // -1 is how a JVM says that there is no limit.
  if (ours === undefined || value < 0) return undefined;
  return { metric: ours, labels: label === undefined ? [] : [labels[label] ?? ''], value };
}
