// Parses the page of a Prometheus JMX exporter as a stream; a page with all partitions is 100 MB.

import { AppError } from '../../../core/errors.ts';
import { readSamples, type Sample } from '../../../core/text/prometheus-text.ts';
import type { InternalMetricName } from './bean-metrics.ts';
import type { BeanReadings } from './bean-readings.ts';
import { beanOf, isBeanSample } from './sample-names.ts';

/** Limit of the page: ten lines of 150 bytes for each of 80,000 partitions. */
const maxPageBytes = 128 * 1024 * 1024;
const maxLineBytes = 1024 * 1024;

/**
 * Plimsoll's metric and label for each metric of the page, including names before release 1.0.
 * prometheus.github.io/client_java/instrumentation/jvm
 */
const jvmMetrics: Readonly<Record<string, readonly [metric: InternalMetricName, label?: string]>> = {
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

/** @throws AppError answer-unreadable when the page exceeds the limit */
export const readJmxPage = (url: string, chunks: AsyncIterable<Uint8Array>, readings: BeanReadings): Promise<void> =>
  readPageSamples(
    url,
    chunks,
    (metric) => Object.hasOwn(jvmMetrics, metric) || isBeanSample(metric),
    (sample) => take(sample, readings),
  );

/**
 * @param isWanted checks the name, since most samples are not needed. @throws AppError answer-unreadable when the page
 * exceeds the limit
 */
export async function readPageSamples(
  url: string,
  chunks: AsyncIterable<Uint8Array>,
  isWanted: (metric: string) => boolean,
  onSample: (sample: Sample) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let rest = '';
  const readLines = (text: string) => {
    for (let from = 0; from < text.length;) {
      const newline = text.indexOf('\n', from);
      const end = newline < 0 ? text.length : newline;
      const line = text.slice(from, end);
      from = end + 1;
      const [metric = ''] = /^[\w:]+/.exec(line) ?? [];
      if (isWanted(metric)) for (const sample of readSamples(line)) onSample(sample);
    }
  };
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxPageBytes || rest.length > maxLineBytes) {
      throw new AppError('answer-unreadable', `the metrics page ${url} is longer than a broker's metrics can be`, {
        hint: 'restrict the rules of the JMX exporter: beans of single partitions are not needed',
      });
    }
    const text = rest + decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    readLines(text.slice(0, end));
  }
  readLines(rest);
}

function take(sample: Sample, readings: BeanReadings): void {
  const jvm = jvmValueOf(sample);
  if (jvm !== undefined) readings.value(jvm.metric, jvm.labels, jvm.value);
  const bean = beanOf(sample);
  if (bean !== undefined) readings.attribute(bean.bean, bean.keys, bean.attribute, sample.value);
}

function jvmValueOf({ metric, labels, value }: Sample) {
  const [ours, label] = jvmMetrics[metric] ?? [];
  // A JVM reports -1 for no limit.
  if (ours === undefined || value < 0) return undefined;
  return { metric: ours, labels: label === undefined ? [] : [labels[label] ?? ''], value };
}
