// Computes the bytes that a domain stores on the disks of a cluster.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Build } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';

interface KeptLoad {
  peakTps: number;
  /** Mean over the retention, without the promotion. */
  usualTps: number;
  promotion: { multiplier: number; days: number };
}

interface KeptMessages {
  load: KeptLoad;
  retentionSeconds: number;
  /** Bytes of one message; on Kafka including all copies. */
  diskBytes: number;
  /** Without copies. */
  partitions: number;
}

/** A promotion covers some of the days, or all. @returns messages per second, mean over this time */
export function averageOver(seconds: number, { peakTps, usualTps, promotion }: KeptLoad): number {
  const share = Math.min(1, (promotion.days * 86_400) / seconds);
  return Math.min(peakTps, usualTps * (1 + (promotion.multiplier - 1) * share));
}

/** Kafka has a retention per topic. A RocketMQ broker has one for its commit log: the longest of all its topics. */
export const keptSeconds = ({ broker }: Pick<Build, 'broker'>, ownSeconds: number, all: readonly number[]): number =>
  traitsOf(broker).copies === 'any-broker' ? ownSeconds : Math.max(ownSeconds, ...all);

/**
 * Kafka deletes a whole segment when its newest message is older than the retention, so each replica of a partition
 * stores up to one segment more. RocketMQ stores at most one file of 1 GiB more, because a broker has one commit log.
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
