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

  collect: ({ snapshot }) => ok(inRuns(() => offsetsOf(snapshot.offsets))),
} satisfies ClusterCollector;

/** Partitions of a topic are consecutive, broker by broker. */
function* offsetsOf(offsets: readonly PartitionOffsets[]): Iterable<Run> {
  let of: string | undefined;
  let [ends, starts] = runsOf('');
  for (const { topic, partition, start, end } of offsets) {
    if (topic !== of) {
      yield ends;
      yield starts;
      of = topic;
      [ends, starts] = runsOf(topic);
    }
    if (end !== undefined) addTo(ends, partition, end);
    if (start !== undefined) addTo(starts, partition, start);
  }
  yield ends;
  yield starts;
}

const runsOf = (topic: string) =>
  [
    openRun('kafka_topic_partition_current_offset', [topic]),
    openRun('kafka_topic_partition_oldest_offset', [topic]),
  ] as const;
