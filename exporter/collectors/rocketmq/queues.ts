// Exports the first and last offset of each queue.

import type { PartitionOffsets } from '../../../core/cluster.ts';
import { ok, type ClusterCollector, known, labelled, type Measurement } from '../../collector.ts';

/** `broker` is the broker name, because a master and its slaves share their queues. */
const { gauge } = labelled('topic', 'broker', 'queue');

export const rocketmqQueues = {
  of: 'rocketmq',
  source: 'GET_MAX_OFFSET, GET_MIN_OFFSET; GET_TOPIC_STATS_INFO of topics in full use',
  cost: 'no request while the commit log stands; else 1 per queue, or per topic all of whose queues move',
  metrics: {
    rocketmq_queue_start_offset: gauge('Start offset of the queue: offset of the first stored message.', 'messages'),
    rocketmq_queue_end_offset: gauge('End offset of the queue: offset of the next message.', 'messages'),
  },

  collect: ({ snapshot }) => ok(offsetsOf(snapshot.offsets)),
} satisfies ClusterCollector;

function* offsetsOf(offsets: readonly PartitionOffsets[]): Iterable<Measurement> {
  for (const { topic, partition, brokerName, start, end } of offsets) {
    const labels = [topic, brokerName ?? '', String(partition)];
    yield* known('rocketmq_queue_start_offset', labels, start);
    yield* known('rocketmq_queue_end_offset', labels, end);
  }
}
