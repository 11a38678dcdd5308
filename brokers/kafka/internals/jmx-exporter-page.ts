// Parses the page of a Prometheus JMX exporter as a stream; a page with all partitions is 100 MB.

import { AppError } from '../../../core/errors.ts';
import { readSamples, type Sample } from '../../../core/text/prometheus-text.ts';
import { type Bean, figures, type InternalMetricName } from './bean-metrics.ts';
import type { BeanReadings } from './bean-readings.ts';

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

/*
 * kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec, attribute Count, becomes with
 *
 *   examples/kafka-2_0_0.yml and kafka-kraft-3_0_0.yml of prometheus/jmx_exporter (commit 4b843c6), on which those of
 *   Strimzi are based; agents from 1.0 on add _total to every counter:
 *       kafka_server_brokertopicmetrics_bytesin_total
 *       Value     kafka_network_requestchannel_requestqueuesize, and …_percent for names that end in Percent
 *       Count     kafka_network_requestmetrics_totaltimems_count{request="Fetch"}, where the name does not end in PerSec
 *       quantile  kafka_network_requestmetrics_totaltimems{request="Fetch",quantile="0.99"}
 *   shared-assets/jmx-exporter/kafka_broker.yml of confluentinc/jmx-monitoring-stacks (commit 0545c81):
 *       kafka_server_brokertopicmetrics_bytesinpersec          Count and Value have one name, quantiles as above
 *       kafka_server_socketservermetrics_io_wait_ratio{network_processor="0"}
 *   no rules at all, io.prometheus.jmx.JmxCollector:
 *       kafka_server_BrokerTopicMetrics_Count{name="BytesInPerSec"}
 *
 * Rule files differ in upper and lower case, and in the underscores of labels: here all names are in lower case.
 */

interface Candidate {
  bean: Bean;
  attribute: string;
  /** Labels that the sample must have besides the keys of the bean. */
  labels: Readonly<Record<string, string>>;
}

const candidates = new Map<string, Candidate[]>();

for (const { bean, attribute, times } of figures) {
  for (const read of new Set(times === undefined ? [attribute] : [attribute, times.attribute, 'Count'])) {
    for (const [name, labels] of namesOf(bean, read)) {
      const known = candidates.get(name) ?? [];
      candidates.set(name, known);
      if (!known.some((other) => other.bean === bean && other.attribute === read)) {
        known.push({ bean, attribute: read, labels });
      }
    }
  }
}

function namesOf({ domain, type, name = '' }: Bean, attribute: string): [string, Record<string, string>][] {
  const plain = (...parts: readonly string[]) =>
    parts
      .filter((part) => part !== '')
      .join('_')
      .replace(/[.-]/g, '_')
      .toLowerCase();
  const base = plain(domain, type, name);
  const withoutRules: [string, Record<string, string>] = [plain(domain, type, attribute), name === '' ? {} : { name }];
  switch (attribute) {
    case 'Count': {
      const byExamples = name.endsWith('PerSec')
        ? [`${plain(domain, type, name.slice(0, -'PerSec'.length))}_total`]
        : [`${base}_count`, `${base}_count_total`];
      return [withoutRules, ...[...byExamples, base].map((known): [string, Record<string, string>] => [known, {}])];
    }
    case 'Value':
      return [withoutRules, [base, {}], [base.replace(/percent$/, '_percent'), {}]];
    case '99thPercentile':
      return [withoutRules, [base, { quantile: '0.99' }]];
    default:
      return [withoutRules, [plain(domain, type.replaceAll('-', ''), attribute), withoutRules[1]]];
  }
}

/** Whether a line must be parsed, which most of a page need not. @param metric name on the page */
function isBeanSample(metric: string): boolean {
  return candidates.has(metric.toLowerCase());
}

/** Maps a sample of a JMX exporter page to its MBean attribute, by the naming of common rule files. */
function beanOf({ metric, labels }: Sample): (Candidate & { keys: Record<string, string> }) | undefined {
  return candidates
    .get(metric.toLowerCase())
    ?.map((candidate) => ({ ...candidate, keys: keysOf(candidate, labels) }))
    .find((candidate): candidate is Candidate & { keys: Record<string, string> } => candidate.keys !== undefined);
}

/** @returns undefined unless the sample has exactly the labels of the bean */
function keysOf({ bean, labels: wanted }: Candidate, labels: Sample['labels']): Record<string, string> | undefined {
  const keys: Record<string, string> = {};
  const open = new Map(Object.entries(wanted));
  for (const [label, value] of Object.entries(labels)) {
    if (open.get(label) === value) {
      open.delete(label);
      continue;
    }
    const plain = label.replaceAll('_', '').toLowerCase();
    const key = [...bean.keys, ...(bean.sumOver ?? [])].find((name) => name.toLowerCase() === plain);
    if (key === undefined) return undefined;
    keys[key] = value;
  }
  return open.size === 0 && bean.keys.every((key) => key in keys) ? keys : undefined;
}
