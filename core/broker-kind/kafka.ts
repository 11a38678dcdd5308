// Describes Kafka: each partition has replicas on any brokers, and each broker leads some partitions.

import type { BrokerTraits } from './traits.ts';

export const kafka = {
  displayName: 'Kafka',
  terms: {
    leader: 'leader',
    partitions: 'partitions',
    largestMessage: 'message.max.bytes',
    settingsFile: 'server.properties',
  },
  discovery: { key: 'bootstrap', of: 'brokers', hasUniqueClusterId: true },
  copies: 'any-broker',
  brokerId: { group: (id) => id, canLead: () => true },
  moves: ['leaders', 'replicas'],
  partitionNumbersPer: 'topic',
  commitsAt: 'any-broker',
  mustStopToMoveOffsets: true,
  retentionPer: 'topic',
  hasRecordBatches: true,
  storesAside: false,
  hasQuotas: true,
  clients: { producers: false, groupVersions: false },
  internals: {
    part: 'broker-internals',
    sourceOf: (broker) => `JMX of broker ${broker}`,
    // The rules of the JMX exporter decide which of them are available.
    figures: ['requestHandlersBusy', 'networkProcessorsBusy', 'requestQueueRequests', 'requestQueueSeconds'],
  },
  memory: {
    // Apache Kafka operations, Java.
    usualHeapBytes: 6 * 2 ** 30,
    leastMemoryOverHeap: 4,
    // log.cleaner.dedupe.buffer.size alone is 128 MiB; 4.3 with 192 MiB ran out of memory during startup.
    leastHeapBytes: 512 * 2 ** 20,
  },
  failover: {
    // broker.session.timeout.ms of KRaft, after which partitions elect another leader.
    electionSeconds: 9,
    // Leaders move to other brokers before a broker stops.
    handoverSeconds: 0,
    // delivery.timeout.ms of the producer.
    holdSeconds: 120,
  },
  bytes: {
    // A record and its share of a batch.
    storedOverhead: 12,
    // A 50 Mbit/s link was saturated at 11,519 msg/s of 500 bytes, that is 543 bytes per message on the wire (docs/evidence/truth.md).
    sentOverhead: 12,
  },
} as const satisfies BrokerTraits;
