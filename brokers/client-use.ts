// Defines what brokers and their stored messages reveal about single clients.

import type { CountedUse } from '../core/client-cost.ts';
import type { Io } from './driver.ts';

/** Messages of one producer in a sample of what a topic stored in the last seconds. */
export interface SampledProducer {
  topic: string;
  /** Kafka: given by the broker to each idempotent or transactional producer; absent for all that send without one. */
  producerId?: bigint;
  /** RocketMQ: host and port that it sent from. */
  address?: string;
  /** RocketMQ: of the connected producer with this address; absent once it left. */
  clientId?: string;
  /** RocketMQ: a client may send for several. */
  groups?: readonly string[];
  /** Of the last seconds, over all sampled partitions. */
  messagesPerSecond: number;
  /** As stored: packed, with what surrounds the body. */
  bytesPerSecond: number;
  /** Kafka: messages of one record batch, which is what a produce request has for a partition. */
  messagesPerBatch?: number;
  /** Plain over packed; absent where nothing is packed, or it cannot be unpacked. */
  compressionRatio?: number;
  /** Kafka: since it began to write to these partitions, at the rate of now. A producer with an error begins again. */
  activeSeconds?: number;
}

export interface ProducerSample {
  producers: readonly SampledProducer[];
  /** Topics of which something was read. */
  topics: readonly string[];
  notices: readonly string[];
}

/** One client as one broker counts it, mean of its quota windows (about 10 s). */
export interface CountedClient extends Omit<CountedUse, 'shareOfThreads' | 'shareOfSafeMax'> {
  broker: string;
}

export interface ClientCounts {
  clients: readonly CountedClient[];
  notices: readonly string[];
}

/** @param topics the most important first; those beyond the limit of a sample are left out */
export type SampleProducers = (topics: readonly string[], io: Io) => Promise<ProducerSample>;

/** What is looked at: long enough for a producer that sends each second. */
export const sampledSeconds = 10;
/** Partitions or queues of one sample; whole topics only, the first one in any case. */
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
  /** Messages since its start, where each partition states it. */
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

/** @returns of what a tally means for its producer */
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
