// Waits until all new partitions have a leader.

import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { type Clock, seconds } from '../../../core/clock.ts';
import { untilApplied } from '../../change/until-applied.ts';

const election = {
  patience: seconds(30),
  hint: 'the partitions are created; the log of the controller shows why they have no leaders',
};

/** @returns elapsed seconds. @throws AppError broker-refused if a partition still has no leader */
export async function awaitPartitions(
  changes: Pick<KafkaChanges, 'describe'>,
  { topic, count }: { topic: string; count: number },
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<number> {
  const begun = clock.monotonic();
  await untilApplied({ clock, ...election }, { signal }, async () => {
    const { topics } = await changes.describe({ signal });
    const { partitions = [] } = topics.find(({ name }) => name === topic) ?? {};
    const led = partitions.filter(({ leader }) => leader !== undefined);
    if (partitions.length === count && led.length === count) return undefined;
    return `${led.length} of ${count} partitions of ${topic} have a leader`;
  });
  return clock.monotonic() - begun;
}
