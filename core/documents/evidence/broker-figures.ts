// Defines what a broker reports about itself over an interval: one shape for load tests, Prometheus, imported files and production.

import { z } from 'zod';
import { share } from '../values.ts';

const count = z.number().nonnegative();
const perSecond = count;
const seconds = count;

/**
 * Rates and shares are means over the interval; sizes, waits and counts of partitions are readings at its end. A figure that
 * the broker does not report is absent, never 0. The contract test of this shape lists the figures of each source.
 */
export const BrokerFigures = z.strictObject({
  messagesInPerSecond: perSecond.optional(),
  /** RocketMQ: delivered to consumers. Kafka does not count them. */
  messagesOutPerSecond: perSecond.optional(),
  /** From producers, without replication. */
  bytesInPerSecond: perSecond.optional(),
  /** To consumers, without replication. */
  bytesOutPerSecond: perSecond.optional(),
  /** Fetched from leaders (in), and by followers (out). */
  replicationBytesInPerSecond: perSecond.optional(),
  replicationBytesOutPerSecond: perSecond.optional(),
  produceRequestsPerSecond: perSecond.optional(),
  fetchRequestsPerSecond: perSecond.optional(),

  /** Kafka: one minus the idle share of all request handlers, and of the network threads of the busiest listener. */
  requestHandlersBusy: share.optional(),
  networkProcessorsBusy: share.optional(),
  /** Kafka: requests waiting for a handler, and mean wait of produce requests. */
  requestQueueRequests: count.optional(),
  requestQueueSeconds: seconds.optional(),

  /** RocketMQ: requests in the send queue, and the wait of the oldest. */
  sendQueueRequests: count.optional(),
  sendQueueWaitSeconds: seconds.optional(),
  /** RocketMQ: hold time of the lock around a page cache write. */
  pageCacheLockSeconds: seconds.optional(),

  /** Kafka: mean throttle time of produce and fetch requests, by the broker's metric. */
  throttledSeconds: seconds.optional(),

  underReplicatedPartitions: count.optional(),
  /** Partitions with fewer in-sync replicas than min.insync.replicas, which reject writes with acks=all. */
  underMinIsrPartitions: count.optional(),
  /** RocketMQ: bytes not yet copied by a slave of this master; the largest of its slaves. */
  replicationLagBytes: count.optional(),
  /** Kafka: messages not yet copied by this broker as a follower; the largest of its partitions. */
  replicationLagMessages: count.optional(),
  /** Partitions (RocketMQ: write queues) led, of the run's topics; from a monitoring system, of all topics. */
  leaders: count.optional(),

  /** After the last collection, as a share of the maximum heap. */
  heapUsedRatio: share.optional(),
  /**
   * Share of the interval in stop-the-world pauses, and the longest pause. If several pauses are only counted together, the latter is
   * their mean, which the longest one exceeds.
   */
  gcPauseShare: share.optional(),
  longestPauseSeconds: seconds.optional(),

  flushesPerSecond: perSecond.optional(),
  /** Seconds spent in flushes per second; may exceed 1, since several logs flush concurrently. */
  flushSecondsPerSecond: count.optional(),
  /** RocketMQ: bytes in memory that are not yet on disk. */
  unflushedBytes: count.optional(),

  connections: count.optional(),
});
export type BrokerFigures = z.infer<typeof BrokerFigures>;

export const brokerFigureNames = Object.keys(BrokerFigures.shape) as (keyof BrokerFigures)[];
