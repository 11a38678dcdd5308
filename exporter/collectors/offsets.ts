// Exports the first and last offset of each partition.

import type { PartitionOffsets } from '../../core/cluster.ts';
import { ok, addTo, type ClusterCollector, inRuns, labelled, openRun, type Run } from '../collector.ts';

const { gauge } = labelled('topic', 'partition');

export const offsets = {
  of: 'kafka',
  follows: 'danielqsj/kafka_exporter',
  source: 'ListOffsets',
  cost: '2 requests per broker',
  metrics: {
    kafka_topic_partition_current_offset: gauge('End offset of the partition: offset of the next message.', 'messages'),
    kafka_topic_partition_oldest_offset: gauge('Start offset of the partition: offset of the first stored message.', {
      unit: 'messages',
    }),
  },

  collect: ({ snapshot: { offsets: read } }) =>
    ok(
      inRuns(function* () {
        yield* runsOf('kafka_topic_partition_current_offset', read, ({ end }) => end);
        yield* runsOf('kafka_topic_partition_oldest_offset', read, ({ start }) => start);
      }),
    ),
} satisfies ClusterCollector;

/** One run for the partitions of a topic on a broker, which are consecutive. */
export function* runsOf(
  metric: string,
  offsets: readonly PartitionOffsets[],
  valueOf: (offsets: PartitionOffsets) => bigint | undefined,
): Iterable<Run> {
  let run = openRun(metric, ['']);
  for (const each of offsets) {
    const value = valueOf(each);
    if (value === undefined) continue;
    if (each.topic !== run.labels[0]) {
      yield run;
      run = openRun(metric, [each.topic]);
    }
    addTo(run, each.partition, value);
  }
  yield run;
}
