// Defines the step that waits until all new partitions have a leader.

import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { type Clock, seconds } from '../../../core/clock.ts';
import { changesNothing, done, type Step } from '../../change/step.ts';
import { untilApplied } from '../../change/until-applied.ts';

const election = {
  patience: seconds(30),
  hint: 'the partitions are created; the log of the controller shows why they have no leaders',
};

/** @param led receives the elapsed seconds. @throws AppError broker-refused if a partition still has no leader */
export const awaitLeaders = <Facts>(
  changes: Pick<KafkaChanges, 'describe'>,
  { topic, count }: { topic: string; count: number },
  clock: Clock,
  led?: (elapsedSeconds: number) => void,
): Step<Facts> => ({
  id: 'await-leaders',
  description: 'wait until every partition has a leader',
  zh: '等待所有分区都有 Leader',
  undo: changesNothing,
  async run({ signal }) {
    const begun = clock.monotonic();
    await untilApplied({ clock, ...election }, { signal }, async () => {
      const { topics } = await changes.describe({ signal });
      const { partitions = [] } = topics.find(({ name }) => name === topic) ?? {};
      const withLeader = partitions.filter(({ leader }) => leader !== undefined);
      if (partitions.length === count && withLeader.length === count) return undefined;
      return `${withLeader.length} of ${count} partitions of ${topic} have a leader`;
    });
    led?.(clock.monotonic() - begun);
    return done();
  },
});
