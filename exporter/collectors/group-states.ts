// Exports the state and the protocol of each consumer group.

import type { GroupSnapshot } from '../../brokers/snapshot.ts';
import { ok, type ClusterCollector, labelled, type Measurement } from '../collector.ts';

/** Names used by brokers: org.apache.kafka.common.GroupState. */
const statesOf: Readonly<Partial<Record<NonNullable<GroupSnapshot['kind']>, readonly string[]>>> = {
  classic: ['PreparingRebalance', 'CompletingRebalance', 'Stable', 'Dead', 'Empty'],
  consumer: ['Assigning', 'Reconciling', 'Stable', 'Dead', 'Empty'],
  share: ['Stable', 'Dead', 'Empty'],
  streams: ['NotReady', 'Assigning', 'Reconciling', 'Stable', 'Dead', 'Empty'],
};

export const groupStates = {
  of: 'kafka',
  source: 'ListGroups, DescribeGroups, ConsumerGroupDescribe, ShareGroupDescribe, StreamsGroupDescribe',
  cost: 'no additional cost; shared with `consumer-groups`',
  metrics: {
    kafka_consumergroup_state: labelled('consumergroup', 'state').flag(
      '1 for the current state of the group, 0 for the others. Empty: commits, but no members.',
    ),
    kafka_consumergroup_info: labelled('consumergroup', 'kind').info(
      'Group protocol: classic, consumer, share or streams; the value is always 1.',
    ),
  },

  collect: ({ snapshot }) => ok(snapshot.groups.flatMap((group) => [...stateOf(group)])),
} satisfies ClusterCollector;

function* stateOf({ name, state, kind }: GroupSnapshot): Iterable<Measurement> {
  if (kind !== undefined) yield { metric: 'kafka_consumergroup_info', labels: [name, kind], value: 1 };
  if (state === undefined) return;
  for (const each of new Set([...(statesOf[kind ?? 'classic'] ?? []), state])) {
    yield { metric: 'kafka_consumergroup_state', labels: [name, each], value: Number(each === state) };
  }
}
