// Finds brokers without timers, and delay levels that have stored but no delivered messages.

import type { PartitionOffsets } from '../../core/cluster.ts';
import type { DelayLevel } from './runtime-info.ts';

/** Queue 0 holds the messages of level 1. */
export const scheduleTopic = 'SCHEDULE_TOPIC_XXXX';

/** Brokers before 5.0 silently ignore the time of a timer message. */
export const lacksTimers = (version: string): boolean => /^[1-4]\./.test(version);

export const timersHint = 'use a delay level, or brokers of 5.0 and later';

const levelOfQueue = (queueId: number) => queueId + 1;

/**
 * 4.9 lists a level in its runtime figures only after its first delivery. Until then, all messages in the level's queue
 * are waiting, and only the end of the queue shows them.
 *
 * @param listed levels that the broker listed, read before the offsets
 * @param offsets offsets of the broker's queues; those of other topics are ignored
 */
export function withUndeliveredLevels(
  listed: readonly DelayLevel[],
  offsets: Iterable<Pick<PartitionOffsets, 'topic' | 'partition' | 'start' | 'end'>>,
): DelayLevel[] {
  const levels = new Map(listed.map((each) => [each.level, each]));
  for (const { topic, partition, start = 0n, end } of offsets) {
    const level = levelOfQueue(partition);
    if (topic !== scheduleTopic || end === undefined || end === 0n || levels.has(level)) continue;
    levels.set(level, { level, delivered: start, end });
  }
  return [...levels.values()].sort((one, other) => one.level - other.level);
}
