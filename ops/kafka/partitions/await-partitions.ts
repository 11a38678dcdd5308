// Waits until all new partitions have a leader.

import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/units.ts';

const pause = seconds(0.2);
const patience = seconds(30);

/** @returns seconds it took. @throws AppError broker-refused when one still has no leader */
export async function awaitPartitions(
  changes: Pick<KafkaChanges, 'describe'>,
  { topic, count }: { topic: string; count: number },
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<number> {
  const begun = clock.monotonic();
  for (;;) {
    const { topics } = await changes.describe({ signal });
    const { partitions = [] } = topics.find(({ name }) => name === topic) ?? {};
    const led = partitions.filter(({ leader }) => leader !== undefined);
    const waited = clock.monotonic() - begun;
    if (partitions.length === count && led.length === count) return waited;
    if (waited > patience) {
      throw new AppError(
        'broker-refused',
        `${led.length} of ${count} partitions of ${topic} have a leader after ${patience} s`,
        {
          hint: 'the partitions are created; the log of the controller shows why they have no leaders',
        },
      );
    }
    await clock.sleep(pause, { signal });
  }
}
