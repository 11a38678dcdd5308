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
    // Which of them there are depends on the rules of a JMX exporter.
    figures: ['requestHandlersBusy', 'networkProcessorsBusy', 'requestQueueRequests', 'requestQueueSeconds'],
  },
  memory: {
    // Apache Kafka operations, Java.
    usualHeapBytes: 6 * 2 ** 30,
    leastMemoryOverHeap: 4,
    // log.cleaner.dedupe.buffer.size alone is 128 MiB: 4.3 with 192 MiB ran out of memory while it started.
    leastHeapBytes: 512 * 2 ** 20,
  },
  failover: {
    // KRaft's broker.session.timeout.ms, after which partitions get another leader.
    electionSeconds: 9,
    // Leaders move to other brokers before a broker stops.
    handoverSeconds: 0,
    // delivery.timeout.ms of the producer.
    holdSeconds: 120,
  },
  bytes: {
    // A record and its share of a batch.
    storedOverhead: 12,
    // A link of 50 Mbit/s was full at 11,519 msg/s of 500 bytes, which are 543 bytes a message on the wire (docs/truth.md).
    sentOverhead: 12,
  },
} as const satisfies BrokerTraits;
