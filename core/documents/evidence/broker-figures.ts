// Defines what a broker reports about itself over an interval: one shape for load tests, Prometheus, imported files and production.

import { z } from 'zod';
import type { BrokerKind } from '../../cluster.ts';
import { share } from '../values.ts';

const count = z.number().nonnegative();
const perSecond = count;
const seconds = count;

/** What yields a figure in a load test; `partitions` is the metadata of any cluster. */
export type FigureOrigin = BrokerKind | 'gc-log' | 'partitions';

const origins = z.registry<readonly FigureOrigin[]>();
const from = (figure: z.ZodNumber, ...by: readonly FigureOrigin[]) => figure.optional().register(origins, by);

/**
 * Rates and shares are means over the interval; sizes, waits and counts of partitions are readings at its end. A figure that
 * the broker does not report is absent, never 0. A contract test compares the origins with what each source yields.
 */
export const BrokerFigures = z.strictObject({
  messagesInPerSecond: from(perSecond, 'kafka', 'rocketmq'),
  /** RocketMQ: delivered to consumers. Kafka does not count them. */
  messagesOutPerSecond: from(perSecond, 'rocketmq'),
  /** From producers, without replication. */
  bytesInPerSecond: from(perSecond, 'kafka', 'rocketmq'),
  /** To consumers, without replication. */
  bytesOutPerSecond: from(perSecond, 'kafka'),
  /** Fetched from leaders (in), and by followers (out). */
  replicationBytesInPerSecond: from(perSecond, 'kafka'),
  replicationBytesOutPerSecond: from(perSecond, 'kafka'),
  produceRequestsPerSecond: from(perSecond, 'kafka'),
  fetchRequestsPerSecond: from(perSecond, 'kafka'),

  /** Kafka: one minus the idle share of all request handlers, and of the network threads of the busiest listener. */
  requestHandlersBusy: from(share, 'kafka'),
  networkProcessorsBusy: from(share, 'kafka'),
  /** Kafka: requests waiting for a handler, and mean wait of produce requests. */
  requestQueueRequests: from(count, 'kafka'),
  requestQueueSeconds: from(seconds, 'kafka'),

  /** RocketMQ: requests in the send queue, and the wait of the oldest. */
  sendQueueRequests: from(count, 'rocketmq'),
  sendQueueWaitSeconds: from(seconds, 'rocketmq'),
  /** RocketMQ: hold time of the lock around a page cache write. */
  pageCacheLockSeconds: from(seconds, 'rocketmq'),

  /** Kafka: mean throttle time of produce and fetch requests, by the broker's metric. */
  throttledSeconds: from(seconds, 'kafka'),

  underReplicatedPartitions: from(count, 'kafka', 'partitions'),
  /** Partitions with fewer in-sync replicas than min.insync.replicas, which reject writes with acks=all. */
  underMinIsrPartitions: from(count, 'kafka', 'partitions'),
  /** RocketMQ: bytes not yet copied by a slave of this master; the largest of its slaves. */
  replicationLagBytes: from(count, 'rocketmq'),
  /** Kafka: messages not yet copied by this broker as a follower; the largest of its partitions. */
  replicationLagMessages: from(count, 'kafka'),
  /** Partitions (RocketMQ: write queues) led, of the run's topics; from a monitoring system, of all topics. */
  leaders: from(count, 'partitions'),

  /** After the last collection, as a share of the maximum heap. */
  heapUsedRatio: from(share, 'kafka', 'gc-log'),
  /**
   * Share of the interval in stop-the-world pauses, and the longest pause. If several pauses are only counted together, the latter is
   * their mean, which the longest one exceeds.
   */
  gcPauseShare: from(share, 'kafka', 'gc-log'),
  longestPauseSeconds: from(seconds, 'kafka', 'gc-log'),

  flushesPerSecond: from(perSecond, 'kafka'),
  /** Seconds spent in flushes per second; may exceed 1, since several logs flush concurrently. */
  flushSecondsPerSecond: from(count, 'kafka'),
  /** RocketMQ: bytes in memory that are not yet on disk. */
  unflushedBytes: from(count, 'rocketmq'),

  connections: from(count, 'kafka'),
});
export type BrokerFigures = z.infer<typeof BrokerFigures>;

export const brokerFigureNames = Object.keys(BrokerFigures.shape) as (keyof BrokerFigures)[];

export const originsOf = (name: keyof BrokerFigures) => origins.get(BrokerFigures.shape[name]) ?? [];
