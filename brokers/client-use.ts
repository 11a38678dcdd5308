// Defines what brokers and their stored messages reveal about single clients.

import type { CountedUse } from '../core/client-cost.ts';
import type { Io } from './driver.ts';

/** Messages of one producer in a sample of the last seconds of a topic. */
export interface SampledProducer {
  topic: string;
  /** Kafka: id that the broker assigned to an idempotent or transactional producer; absent for all others together. */
  producerId?: bigint;
  /** RocketMQ: host and port that the messages were sent from. */
  address?: string;
  /** RocketMQ: client id of the connected producer with this address; absent after it left. */
  clientId?: string;
  /** RocketMQ: producer groups, of which a client may have several. */
  groups?: readonly string[];
  /** Rate of the last seconds, over all sampled partitions. */
  messagesPerSecond: number;
  /** Stored bytes per second: compressed, with headers and properties. */
  bytesPerSecond: number;
  /** Kafka: messages per record batch, which is what a produce request has per partition. */
  messagesPerBatch?: number;
  /** Uncompressed divided by compressed size; absent if messages are not compressed or cannot be unpacked. */
  compressionRatio?: number;
  /** Kafka: time since it began to write to these partitions, at the current rate. A producer error restarts it. */
  activeSeconds?: number;
}

export interface ProducerSample {
  producers: readonly SampledProducer[];
  /** Topics with messages in the sample. */
  topics: readonly string[];
  notices: readonly string[];
}

/** Counts of one client on one broker, as means of its quota windows (about 10 s). */
export interface CountedClient extends Omit<CountedUse, 'shareOfThreads' | 'shareOfSafeMax'> {
  broker: string;
}

export interface ClientCounts {
  clients: readonly CountedClient[];
  notices: readonly string[];
}

/** @param topics most important first; topics beyond the limit of a sample are left out */
export type SampleProducers = (topics: readonly string[], io: Io) => Promise<ProducerSample>;

/** Sampled period: long enough for a producer that sends each second. */
export const sampledSeconds = 10;
/** Limit of partitions or queues per sample; only whole topics, except the first one, which is always included. */
const mostSampledPartitions = 48;

/** @returns partitions of as many topics as fit, in the order of the topics */
export function withinSample<Place>(topics: readonly (readonly Place[])[]): Place[] {
  const chosen: Place[] = [];
  for (const places of topics) {
    if (chosen.length > 0 && chosen.length + places.length > mostSampledPartitions) continue;
    chosen.push(...places.slice(0, mostSampledPartitions));
  }
  return chosen;
}

/** Adds up one producer over the partitions of a topic. */
export interface ProducerTally {
  messages: number;
  bytes: number;
  batches: number;
  plainBytes: number;
  packedBytes: number;
  messagesPerSecond: number;
  bytesPerSecond: number;
  /** Messages since the producer's start, for partitions that report it. */
  sentSinceStart?: number;
}

export const emptyTally = (): ProducerTally => ({
  messages: 0,
  bytes: 0,
  batches: 0,
  plainBytes: 0,
  packedBytes: 0,
  messagesPerSecond: 0,
  bytesPerSecond: 0,
});

/** @returns the measurements of a producer from its tally */
export function measuredOf(tally: ProducerTally) {
  const { messages, batches, plainBytes, packedBytes, messagesPerSecond, bytesPerSecond, sentSinceStart } = tally;
  return {
    messagesPerSecond,
    bytesPerSecond,
    ...(batches > 0 && { messagesPerBatch: messages / batches }),
    ...(packedBytes > 0 && { compressionRatio: plainBytes / packedBytes }),
    ...(sentSinceStart !== undefined && messagesPerSecond > 0 && { activeSeconds: sentSinceStart / messagesPerSecond }),
  };
}
