// Defines what a broker reports about itself over an interval: one shape for load tests, Prometheus, imported files and production.

import { z } from 'zod';
import { share } from '../values.ts';

const count = z.number().nonnegative();
const perSecond = count;
const seconds = count;

/**
 * Rates and shares are means over the interval; sizes, waits and counts of partitions are the reading at its end. A figure that
 * the broker does not report is absent, never 0. The contract test of this shape lists which source produces which figure.
 */
export const BrokerFigures = z.strictObject({
  messagesInPerSecond: perSecond.optional(),
  /** RocketMQ: handed to consumers. Kafka does not count them. */
  messagesOutPerSecond: perSecond.optional(),
  /** Of producers, without replication. */
  bytesInPerSecond: perSecond.optional(),
  /** To consumers, without replication. */
  bytesOutPerSecond: perSecond.optional(),
  /** Fetched from leaders, and by followers. */
  replicationBytesInPerSecond: perSecond.optional(),
  replicationBytesOutPerSecond: perSecond.optional(),
  produceRequestsPerSecond: perSecond.optional(),
  fetchRequestsPerSecond: perSecond.optional(),

  /** Kafka: one minus the idle share of all request handlers, and of the network threads of the busiest listener. */
  requestHandlersBusy: share.optional(),
  networkProcessorsBusy: share.optional(),
  /** Kafka: requests that wait for a handler, and how long produce requests waited on average. */
  requestQueueRequests: count.optional(),
  requestQueueSeconds: seconds.optional(),

  /** RocketMQ: requests in the send queue, and how long its oldest has waited. */
  sendQueueRequests: count.optional(),
  sendQueueWaitSeconds: seconds.optional(),
  /** RocketMQ: how long the lock around a write to the page cache has been held. */
  pageCacheLockSeconds: seconds.optional(),

  /** Kafka: mean throttle time of produce and fetch requests, as the broker counts it. */
  throttledSeconds: seconds.optional(),

  underReplicatedPartitions: count.optional(),
  /** Fewer in-sync replicas than min.insync.replicas: writes with acks=all are refused. */
  underMinIsrPartitions: count.optional(),
  /** RocketMQ: bytes that a slave of this master has not copied yet; the largest of its slaves. */
  replicationLagBytes: count.optional(),
  /** Kafka: messages that this broker, as a follower, has not copied yet; the largest of its partitions. */
  replicationLagMessages: count.optional(),
  /** Partitions (RocketMQ: write queues) of the run's topics that it leads; from a monitoring system, of all topics. */
  leaders: count.optional(),

  /** After the last collection, as a share of the maximum heap. */
  heapUsedRatio: share.optional(),
  /**
   * Share of the interval in which a collection stopped all threads, and the longest such pause. Where several pauses are only
   * counted together it is their mean, which the longest one exceeds.
   */
  gcPauseShare: share.optional(),
  longestPauseSeconds: seconds.optional(),

  flushesPerSecond: perSecond.optional(),
  /** Seconds spent in flushes per second; several logs flush at once, so it may pass 1. */
  flushSecondsPerSecond: count.optional(),
  /** RocketMQ: stored in memory and not on disk. */
  unflushedBytes: count.optional(),

  connections: count.optional(),
});
export type BrokerFigures = z.infer<typeof BrokerFigures>;

export const brokerFigureNames = Object.keys(BrokerFigures.shape) as (keyof BrokerFigures)[];
