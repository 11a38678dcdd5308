// Defines the steps that add partitions. They have no rollback: Kafka cannot remove partitions.

import type { MorePartitions } from '../../../brokers/kafka/changes/create-partitions.ts';
import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { Clock } from '../../../core/clock.ts';
import { changesNothing, type Step } from '../../change/step.ts';
import { awaitPartitions } from './await-partitions.ts';

/** @param created gets the seconds until every partition had a leader */
export function partitionSteps(
  changes: KafkaChanges,
  wanted: MorePartitions,
  clock: Clock,
  created: (seconds: number) => void,
): Step<object>[] {
  return [
    {
      id: 'create-partitions',
      by: 'plimsoll',
      says: `create partitions of ${wanted.topic}, ${wanted.count} in all`,
      undo: { none: 'Kafka cannot remove partitions' },
      async run(io) {
        await changes.createPartitions(wanted, { validateOnly: false }, io);
        return { kind: 'done', evidence: [] };
      },
    },
    {
      id: 'await-leaders',
      by: 'plimsoll',
      says: 'wait until every partition has a leader',
      undo: changesNothing,
      async run({ signal }) {
        created(await awaitPartitions(changes, wanted, { clock, signal }));
        return { kind: 'done', evidence: [] };
      },
    },
  ];
}
