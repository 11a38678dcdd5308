// Predicts how long writes wait during leader elections, and the effect on their p99.

import type { Finding } from '../../../core/documents/analysis.ts';
import { writeLatencyPolicy } from '../../../core/policy/write-latency.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import type { KafkaPartition } from '../reassign/plan-reassignment.ts';
import { partitionKey } from './broker-load.ts';

/**
 * With the end of a move the leader epoch of the partition rises. A follower that hears of it before the leader does is refused once, and
 * asks again after this setting, 1,000 ms by default; acks=all waits for it. docs/reassignment.md has what producers felt.
 */
export const fetchBackoff = 'replica.fetch.backoff.ms';

/** Shorter than any timeout of a producer. */
const unnoticedMs = 100;
/** A p99 does not show what fewer writes wait. */
const visibleShare = 0.01;

export interface Delays {
  /** Each partition as often as it is handed over. */
  handOvers: readonly { topic: string; partition: number }[];
  /** Bytes per second that producers send, by `topic-partition`. */
  written: ReadonlyMap<string, number>;
  /** Of all writes, that may wait; absent where hand-overs are not spaced. */
  share?: number;
}

/** Once for each replica that is copied, or once where replicas only go; and once for another leader. */
export function handOversIn(
  plan: readonly KafkaPartition[],
  now: readonly KafkaPartition[],
): { topic: string; partition: number }[] {
  const before = new Map(now.map((each) => [partitionKey(each), each.replicas]));
  return plan.flatMap(({ topic, partition, replicas }) => {
    const held = before.get(partitionKey({ topic, partition })) ?? [];
    const copies = replicas.filter((broker) => !held.includes(broker)).length;
    // The controller raises the leader epoch for replicas that go, in one request (Kafka, PartitionChangeBuilder).
    const ends = Math.max(copies, Number(held.some((broker) => !replicas.includes(broker))));
    return Array.from({ length: ends + Number(held[0] !== replicas[0]) }, () => ({ topic, partition }));
  });
}

/** @param backoffs milliseconds by broker; those that do not report it are left out */
export function writesWait(backoffs: ReadonlyMap<number, number>, delays: Delays): Finding | undefined {
  const longest = Math.max(0, ...backoffs.values());
  if (longest <= unnoticedMs) return undefined;
  const brokers = [...backoffs].filter(([, milliseconds]) => milliseconds > unnoticedMs).map(([id]) => id);
  const least = leastSeconds(longest / 1000, delays);
  return {
    severity: 'info',
    code: 'writes-wait',
    message: `Writes with acks=all to a partition may wait for ${durationText(longest / 1000)} when its move ends or its leader changes: ${fetchBackoff} of broker ${brokers.join(', ')}. ${predictionText(longest, delays, least)} Brokers read the setting only when they start; with ${unnoticedMs} ms or less, the wait is not noticeable.`,
    evidence: [
      { name: fetchBackoff, value: longest, unit: 'ms', source: 'DescribeConfigs' },
      { name: 'hand-overs', value: delays.handOvers.length, unit: '', source: 'the plan' },
      ...(least > 0
        ? [{ name: 'least duration', value: Math.round(least), unit: 's', source: 'DescribeLogDirs' }]
        : []),
    ],
  };
}

/** Seconds in which no more than the share of all writes waits; 0 where nothing is written or hand-overs are not spaced. */
function leastSeconds(wait: number, { handOvers, written, share }: Delays): number {
  const all = [...written.values()].reduce((sum, rate) => sum + rate, 0);
  if (all === 0 || share === undefined) return 0;
  const shares = handOvers.map((each) => (written.get(partitionKey(each)) ?? 0) / all);
  return shares.reduce((sum, each) => sum + each * wait, 0) / share;
}

function predictionText(longest: number, { handOvers, share }: Delays, least: number): string {
  if (share === undefined) {
    return `Leader changes and ends of moves (${handOvers.length}) are not spaced: expect a p99 of writes of up to ${durationText(longest / 1000)} during the change.`;
  }
  if (least === 0) return 'Nothing was written while the cluster was observed, so leader changes are not spaced.';
  const p99 =
    share < visibleShare
      ? 'the p99 of all writes is not expected to include them'
      : `expect a p99 of ${durationText(longest / 1000)}`;
  return `Leader changes and ends of moves (${handOvers.length}) are spaced over at least ${durationText(least)}, so that at most ${100 * share}% of all writes wait (--delayed-writes): ${p99}.`;
}

/** The share that `--delayed-writes` stands for when it is left away. */
export const defaultDelayedShare = writeLatencyPolicy.delayedShare.value;
/** What Kafka starts with, for brokers that do not report it. */
export const defaultBackoffMs = 1000;
