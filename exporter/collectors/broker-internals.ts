// Exports broker metrics from JMX exporters or Jolokia agents, if configured.

import { internalMetrics } from '../../brokers/kafka/internals/bean-metrics.ts';
import type { BrokerInternals } from '../../brokers/kafka/details.ts';
import { ok, type ClusterCollector, labelled, type Measurement, type MetricDefinition } from '../collector.ts';

const dropped = 'kafka_broker_internals_dropped';

export const brokerInternals = {
  of: 'kafka',
  source: 'JMX exporter or Jolokia agent of the broker (`jmx`)',
  cost: '1 page of the JMX exporter per broker, or 2 requests to its Jolokia agent',
  metrics: {
    ...Object.fromEntries(Object.entries(internalMetrics).map(([name, metric]) => [name, withBroker(metric)])),
    [dropped]: labelled('broker').gauge(
      'Values of the broker that were dropped because there were too many; above 0 only if JMX exporter rules are wrong.',
      'figures',
    ),
  } as Readonly<Record<string, MetricDefinition>>,

  collect({ snapshot: { kafka } }) {
    const internals = kafka?.internals;
    if (internals === undefined) return { kind: 'no-data', reason: 'no details of the cluster were read' };
    return ok(figuresOf(internals));
  },
} satisfies ClusterCollector;

function withBroker(metric: MetricDefinition): MetricDefinition {
  return { ...metric, labels: ['broker', ...metric.labels] };
}

function* figuresOf(internals: readonly BrokerInternals[]): Iterable<Measurement> {
  for (const { broker, values, dropped: count } of internals) {
    for (const { metric, labels, value } of values) yield { metric, labels: [broker, ...labels], value };
    yield { metric: dropped, labels: [broker], value: count };
  }
}
