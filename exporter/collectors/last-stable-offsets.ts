// Exports last stable offsets, up to which read_committed consumers can read, and how long transactions have been open.

import type { PartitionOffsets } from '../../core/cluster.ts';
import { ok, addTo, type ClusterCollector, inRuns, labelled, openRun, type Run } from '../collector.ts';
import type { LagTimes } from '../lag/lag-times.ts';

export const lastStableOffsets = {
  of: 'kafka',
  usesLagTimes: true,
  source: 'ListOffsets, isolation level read committed',
  cost: '1 request per broker, in clusters that have seen a transactional producer; none in others',
  metrics: {
    kafka_topic_partition_last_stable_offset: labelled('topic', 'partition').gauge(
      'Offset of the first message of the oldest open transaction, or the end where none is open. Absent in clusters without transactions: there it is the end.',
      'messages',
    ),
    kafka_topic_open_transaction_seconds: labelled('topic').gauge(
      'Age of the oldest open transaction, at least since the exporter first saw it; 0 where none is open. Absent in clusters without transactions.',
    ),
  },

  collect: ({ snapshot: { offsets }, lagTimes }) => ok(inRuns(() => runsOf(offsets, lagTimes))),
} satisfies ClusterCollector;

function* runsOf(offsets: readonly PartitionOffsets[], lagTimes: LagTimes | undefined): Iterable<Run> {
  yield* stableOf(offsets);
  if (lagTimes === undefined) return;
  const longest = new Map<string, number>();
  for (const partition of offsets) {
    if (partition.lastStable === undefined) continue;
    const seconds = lagTimes.openTransactionSeconds(partition) ?? 0;
    longest.set(partition.topic, Math.max(seconds, longest.get(partition.topic) ?? 0));
  }
  yield {
    metric: 'kafka_topic_open_transaction_seconds',
    labels: [],
    last: [...longest.keys()],
    values: [...longest.values()],
  };
}

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
