// Maps a sample of a JMX exporter page to its MBean attribute, by the naming of common rule files.

import type { Sample } from '../../../core/text/prometheus-text.ts';
import { figures, type Bean } from './bean-metrics.ts';

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
export function isBeanSample(metric: string): boolean {
  return candidates.has(metric.toLowerCase());
}

export function beanOf({ metric, labels }: Sample): (Candidate & { keys: Record<string, string> }) | undefined {
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
