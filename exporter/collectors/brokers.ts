// Exports the brokers of a Kafka cluster.

import type { ClusterCollector } from '../collector.ts';

export const brokers = {
  of: 'kafka',
  follows: 'danielqsj/kafka_exporter',
  source: 'Metadata',
  cost: '1 request a collection, shared with `partitions`',
  metrics: {
    kafka_brokers: { type: 'gauge', unit: 'brokers', help: 'Brokers registered with the cluster.', labels: [] },
    kafka_broker_info: {
      type: 'gauge',
      unit: 'always 1',
      help: 'Address that each broker advertises; the value is always 1.',
      labels: ['id', 'address'],
    },
  },

  collect({ snapshot: { cluster } }) {
    return {
      kind: 'ok',
      measurements: [
        { metric: 'kafka_brokers', labels: [], value: cluster.brokers.length },
        ...cluster.brokers.map(({ id, address }) => ({ metric: 'kafka_broker_info', labels: [id, address], value: 1 })),
      ],
    };
  },
} satisfies ClusterCollector;
