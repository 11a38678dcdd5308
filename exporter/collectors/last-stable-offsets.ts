// Exports last stable offsets, up to which read_committed consumers can read, and how long transactions have been open.

import type { PartitionOffsets } from '../../core/cluster.ts';
import { addTo, ok, type ClusterCollector, inRuns, labelled, openRun, type Run } from '../collector.ts';
import type { LagTimes } from '../lag/lag-times.ts';
import { runsOf } from './offsets.ts';

export const lastStableOffsets = {
  of: 'kafka',
  usesLagTimes: true,
  source: 'ListOffsets, isolation level read committed',
  cost: '1 request per broker, in clusters that have seen a transactional producer, or may have; none in others',
  metrics: {
    kafka_topic_partition_last_stable_offset: labelled('topic', 'partition').gauge(
      'Offset of the first message of the oldest open transaction, or the end where none is open. Absent in clusters without transactions: there it is the end.',
      'messages',
    ),
    kafka_topic_open_transaction_seconds: labelled('topic').gauge(
      'Age of the oldest open transaction, at least since the exporter first saw it; 0 where none is open. Absent in clusters without transactions.',
    ),
  },

  collect: ({ snapshot: { offsets }, lagTimes }) =>
    ok(
      inRuns(function* () {
        yield* runsOf('kafka_topic_partition_last_stable_offset', offsets, ({ lastStable }) => lastStable);
        if (lagTimes !== undefined) yield openTransactions(offsets, lagTimes);
      }),
    ),
} satisfies ClusterCollector;

function openTransactions(offsets: readonly PartitionOffsets[], lagTimes: LagTimes): Run {
  const longest = new Map<string, number>();
  const incomplete = new Set<string>();
  for (const partition of offsets) {
    if (partition.lastStable === undefined) continue;
    const seconds = lagTimes.openTransactionSeconds(partition);
    if (seconds === undefined) incomplete.add(partition.topic);
    longest.set(partition.topic, Math.max(seconds ?? 0, longest.get(partition.topic) ?? 0));
  }
  const run = openRun('kafka_topic_open_transaction_seconds');
  for (const [topic, seconds] of longest) if (seconds > 0 || !incomplete.has(topic)) addTo(run, topic, seconds);
  return run;
}
