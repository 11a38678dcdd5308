// Exports the last stable offset of each partition, up to which read_committed consumers can read.

import type { PartitionOffsets } from '../../core/cluster.ts';
import { ok, addTo, type ClusterCollector, inRuns, labelled, openRun, type Run } from '../collector.ts';

export const lastStableOffsets = {
  of: 'kafka',
  source: 'ListOffsets, isolation level read committed',
  cost: '1 request per broker, in clusters that have seen a transactional producer; none in others',
  metrics: {
    kafka_topic_partition_last_stable_offset: labelled('topic', 'partition').gauge(
      'Offset of the first message of the oldest open transaction, or the end where none is open. Absent in clusters without transactions: there it is the end.',
      'messages',
    ),
  },

  collect: ({ snapshot }) => ok(inRuns(() => stableOf(snapshot.offsets))),
} satisfies ClusterCollector;

function* stableOf(offsets: readonly PartitionOffsets[]): Iterable<Run> {
  let run = openRun('kafka_topic_partition_last_stable_offset', ['']);
  for (const { topic, partition, lastStable } of offsets) {
    if (lastStable === undefined) continue;
    if (topic !== run.labels[0]) {
      yield run;
      run = openRun('kafka_topic_partition_last_stable_offset', [topic]);
    }
    addTo(run, partition, lastStable);
  }
  yield run;
}
