// Computes the bytes that a domain keeps on the disks of a cluster.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Build } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';

interface KeptLoad {
  peakTps: number;
  /** On average over the retention, without the promotion. */
  usualTps: number;
  promotion: { multiplier: number; days: number };
}

interface KeptMessages {
  load: KeptLoad;
  retentionSeconds: number;
  /** Of one message; on Kafka of all its copies. */
  diskBytes: number;
  /** Copies not counted. */
  partitions: number;
}

/** A promotion is some of the days, or all of them. @returns messages a second, on average over this time */
export function averageOver(seconds: number, { peakTps, usualTps, promotion }: KeptLoad): number {
  const share = Math.min(1, (promotion.days * 86_400) / seconds);
  return Math.min(peakTps, usualTps * (1 + (promotion.multiplier - 1) * share));
}

/** Kafka has a retention for each topic. A RocketMQ broker has one for its commit log: the longest of all that it holds. */
export const keptSeconds = ({ broker }: Pick<Build, 'broker'>, ownSeconds: number, all: readonly number[]): number =>
  traitsOf(broker).copies === 'any-broker' ? ownSeconds : Math.max(ownSeconds, ...all);

/**
 * Kafka deletes whole segments, each when its newest message is older than the retention. So each copy of a partition
 * keeps up to a whole segment more. RocketMQ keeps at most one file of 1 GiB more, since a broker has one commit log.
 */
export function storedBytes(
  { broker, replicas }: Build,
  { load, retentionSeconds, diskBytes, partitions }: KeptMessages,
  { kafkaSegmentBytes, kafkaSegmentSeconds }: Pick<SizingPolicy, 'kafkaSegmentBytes' | 'kafkaSegmentSeconds'>,
): number {
  const kept = averageOver(retentionSeconds, load) * retentionSeconds * diskBytes;
  if (traitsOf(broker).copies !== 'any-broker') return kept;
  const fullSegments = replicas * partitions * kafkaSegmentBytes.value;
  const rolled = averageOver(kafkaSegmentSeconds.value, load) * kafkaSegmentSeconds.value * diskBytes;
  return kept + Math.min(fullSegments, rolled);
}
