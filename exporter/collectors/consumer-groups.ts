// How far is each consumer group, and how many messages is it behind?

import type { ClusterSnapshot, GroupSnapshot } from '../../brokers/snapshot.ts';
import type { ClusterCollector, Measurement } from '../collector.ts';
import { topicsWithUnreadEnds } from './unread-ends.ts';

const perPartition = ['consumergroup', 'topic', 'partition'];
const perTopic = ['consumergroup', 'topic'];
const neverCommitted = 'a partition the group never committed in has no series; upstream prints -1';
const sumOfKnown =
  'sums what was committed, without the -1 of what never was; absent while a partition of the topic could not be read';

export const consumerGroups = {
  of: 'kafka',
  follows: 'danielqsj/kafka_exporter',
  source: 'ListGroups, DescribeGroups, OffsetFetch',
  cost: '1 list and 1 describe per broker, 1 OffsetFetch per 100 groups',
  metrics: {
    kafka_consumergroup_members: {
      type: 'gauge',
      unit: 'members',
      help: 'Members of the consumer group.',
      labels: ['consumergroup'],
      additive: true,
    },
    kafka_consumergroup_current_offset: {
      type: 'gauge',
      unit: 'messages',
      help: 'Offset the group has committed in the partition.',
      labels: perPartition,
      additive: true,
      differs: neverCommitted,
    },
    kafka_consumergroup_current_offset_sum: {
      type: 'gauge',
      unit: 'messages',
      help: 'Offsets the group has committed in the topic, added up.',
      labels: perTopic,
      additive: true,
      differs: sumOfKnown,
    },
    kafka_consumergroup_lag: {
      type: 'gauge',
      unit: 'messages',
      help: 'Messages between the committed offset and the end of the partition.',
      labels: perPartition,
      additive: true,
      differs: `${neverCommitted}. Never below 0`,
    },
    kafka_consumergroup_lag_sum: {
      type: 'gauge',
      unit: 'messages',
      help: "Messages between the committed offsets and the ends of the topic's partitions, added up.",
      labels: perTopic,
      additive: true,
      differs: sumOfKnown,
    },
  },

  collect({ snapshot }) {
    return { kind: 'ok', measurements: groupsOf(snapshot) };
  },
} satisfies ClusterCollector;

function* groupsOf(snapshot: ClusterSnapshot): Iterable<Measurement> {
  const unread = topicsWithUnreadEnds(snapshot);
  for (const group of snapshot.groups) {
    if (group.members !== undefined) {
      yield { metric: 'kafka_consumergroup_members', labels: [group.name], value: group.members };
    }
    yield* lagsOf(group, unread);
  }
}

function* lagsOf({ name, partitions }: GroupSnapshot, unread: ReadonlySet<string>): Iterable<Measurement> {
  const sums = new Map<string, { committed: bigint; lag: bigint }>();
  for (const { topic, partition, end, committed } of partitions) {
    // Never committed is a state of its own, neither offset -1 nor a full lag: the series is absent.
    if (committed === undefined) continue;
    // Commits are read before ends, so only a re-created topic can put the end behind.
    const lag = end > committed ? end - committed : 0n;
    const labels = [name, topic, String(partition)];
    yield { metric: 'kafka_consumergroup_current_offset', labels, value: committed };
    yield { metric: 'kafka_consumergroup_lag', labels, value: lag };
    const sum = sums.get(topic) ?? { committed: 0n, lag: 0n };
    sums.set(topic, { committed: sum.committed + committed, lag: sum.lag + lag });
  }
  for (const [topic, sum] of sums) {
    if (unread.has(topic)) continue;
    yield { metric: 'kafka_consumergroup_current_offset_sum', labels: [name, topic], value: sum.committed };
    yield { metric: 'kafka_consumergroup_lag_sum', labels: [name, topic], value: sum.lag };
  }
}
