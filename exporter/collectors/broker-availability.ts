// Exports which registered Kafka brokers respond, and how many brokers are registered or hold replicas.

import { silentBrokers } from '../../brokers/broker-answers.ts';
import { ok, type ClusterCollector, labelled } from '../collector.ts';

export const brokerAvailability = {
  of: 'kafka',
  source: 'Metadata, ListOffsets',
  cost: 'no additional cost; shared with `brokers`, `partitions` and `offsets`',
  metrics: {
    kafka_broker_up: labelled('broker').flag(
      '1 if the registered broker answered for this page or refused, else 0: older values are shown for a limited time.',
    ),
    kafka_brokers_expected: labelled().gauge(
      'Brokers that are registered or hold a replica of any topic, also of one that the config filters out. Absent if no topic is visible.',
      'brokers',
    ),
  },

  collect({ snapshot: { cluster, kafka, sections } }) {
    // Any response counts: a reading that exceeds the scrape timeout leaves the offsets of every broker unread.
    const silent = silentBrokers(sections);
    const registered = cluster.brokers.map(({ id }) => id);
    const up = registered.map((id) => ({ metric: 'kafka_broker_up', labels: [id], value: Number(!silent.has(id)) }));
    if (kafka?.replicaHolders === undefined) return ok(up);
    const expected = new Set([...registered, ...kafka.replicaHolders]).size;
    return ok([...up, { metric: 'kafka_brokers_expected', labels: [], value: expected }]);
  },
} satisfies ClusterCollector;
