// Exports the brokers of a Kafka cluster.

import { ok, type ClusterCollector, labelled } from '../collector.ts';

export const brokers = {
  of: 'kafka',
  follows: 'danielqsj/kafka_exporter',
  source: 'Metadata',
  cost: '1 request a collection, shared with `partitions`',
  metrics: {
    kafka_brokers: labelled().gauge('Brokers registered with the cluster.', 'brokers'),
    kafka_broker_info: labelled('id', 'address').info('Address that each broker advertises; the value is always 1.'),
  },

  collect({ snapshot: { cluster } }) {
    return ok([
      { metric: 'kafka_brokers', labels: [], value: cluster.brokers.length },
      ...cluster.brokers.map(({ id, address }) => ({ metric: 'kafka_broker_info', labels: [id, address], value: 1 })),
    ]);
  },
} satisfies ClusterCollector;
