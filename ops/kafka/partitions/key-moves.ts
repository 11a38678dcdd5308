// Computes the share of keys that change partition when partitions are added, and measures it on samples.

import { partitionOfKey, type SampledPartition } from '../../../brokers/kafka/changes/sample-keys.ts';

/**
 * Share of keys that stay where they are, for keys whose hashes are spread evenly. A hash h stays when h mod `from` is h mod `to`:
 * of lcm(from, to) hashes in a row these are the first min(from, to) and no others, by the Chinese remainder theorem.
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
  /** Different keys among them, and how many of these go elsewhere. */
  keys: number;
  movedKeys: number;
  /** Messages of keys that go elsewhere. */
  movedMessages: number;
  /** Messages with a key that are in the partition that Kafka's own partitioner would choose; few of them: senders use another one. */
  asExpected: number;
  /** Partitions with messages of a format whose keys are not read. */
  unreadIn?: readonly number[];
}

/** @returns messages with a key; undefined without a sample, or if it has none and is not whole: keys are then unknown rather than absent */
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
