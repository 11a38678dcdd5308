// Computes the share of keys that change partition when partitions are added, and measures it on samples.

import type { SampledPartition } from '../../../brokers/kafka/changes/sample-keys.ts';
import { partitionOfKey } from '../../../brokers/kafka/partition-of-key.ts';

/**
 * Share of keys that stay in their partition, for keys with evenly distributed hashes. A hash h stays if h mod `from`
 * is h mod `to`: of lcm(from, to) consecutive hashes exactly the first min(from, to) stay, by the Chinese remainder
 * theorem.
 */
export function stayingShare(from: number, to: number): number {
  return Math.min(from, to) / leastCommonMultiple(from, to);
}

function leastCommonMultiple(one: number, other: number): number {
  let [a, b] = [one, other];
  while (b !== 0) [a, b] = [b, a % b];
  return (one / a) * other;
}

export interface MeasuredMoves {
  messages: number;
  keyless: number;
  /** Number of distinct keys, and of those that move to another partition. */
  keys: number;
  movedKeys: number;
  /** Messages whose keys move to another partition. */
  movedMessages: number;
  /**
   * Messages whose key is in the partition that Kafka's default partitioner would choose; if they are few, producers
   * use another one.
   */
  asExpected: number;
  /** Partitions with messages in a format whose keys are not read. */
  unreadIn?: readonly number[];
}

/**
 * @returns messages with a key; undefined without a sample, or if no message read has a key and some were unreadable:
 *   keys are then unknown rather than absent
 */
export const keyedMessages = ({ messages, keyless, unreadIn }: MeasuredMoves): number | undefined =>
  messages === 0 || (messages === keyless && unreadIn !== undefined) ? undefined : messages - keyless;

export function measureMoves(samples: readonly SampledPartition[], from: number, to: number): MeasuredMoves {
  const seen = new Map<string, boolean>();
  const moves = { messages: 0, keyless: 0, keys: 0, movedKeys: 0, movedMessages: 0, asExpected: 0 };
  for (const { partition, keys, keyless } of samples) {
    moves.messages += keys.length + keyless;
    moves.keyless += keyless;
    for (const key of keys) {
      const now = partitionOfKey(key, from);
      if (now === partition) moves.asExpected += 1;
      const isMoved = now !== partitionOfKey(key, to);
      if (isMoved) moves.movedMessages += 1;
      const name = key.toString('latin1');
      if (seen.has(name)) continue;
      seen.set(name, isMoved);
      moves.keys += 1;
      if (isMoved) moves.movedKeys += 1;
    }
  }
  const unreadIn = samples.flatMap(({ partition, hasOldFormat }) => (hasOldFormat === true ? [partition] : []));
  return { ...moves, ...(unreadIn.length > 0 && { unreadIn }) };
}
