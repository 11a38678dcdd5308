// Exports committed offsets and lag in messages of each consumer group.

import { lagColumn, sumOf } from '../../brokers/offset-column.ts';
import type { ClusterSnapshot, CommittedColumns, GroupSnapshot, Lags } from '../../brokers/snapshot.ts';
import { ok, addTo, type ClusterCollector, inRuns, labelled, openRun, type Run } from '../collector.ts';
import { topicsWithUnreadEnds } from './unread-ends.ts';

const perPartition = labelled('consumergroup', 'topic', 'partition');
const perTopic = labelled('consumergroup', 'topic');
const neverCommitted = 'a partition the group never committed in has no series; upstream prints -1';
const wholeTopic = 'absent while a partition of the topic could not be read';

export const consumerGroups = {
  of: 'kafka',
  follows: 'danielqsj/kafka_exporter',
  source: 'ListGroups, DescribeGroups, OffsetFetch; DescribeShareGroupOffsets for share groups (Kafka 4.1 and later)',
  cost: '1 list and 1 describe per broker, 1 OffsetFetch per 100 groups',
  metrics: {
    kafka_consumergroup_members: labelled('consumergroup').gauge('Members of the consumer group.', {
      unit: 'members',
      additive: true,
      differs:
        'members of groups with the consumer protocol (KIP-848), of share and of streams groups count; upstream, which describes classic groups only, prints 0',
    }),
    kafka_consumergroup_current_offset: perPartition.gauge(
      'Committed offset of the group in the partition. For a share group: end offset minus its lag, which brokers report since Kafka 4.2; before, its start offset.',
      { unit: 'messages', differs: neverCommitted },
    ),
    kafka_consumergroup_current_offset_sum: perTopic.gauge('Sum of the committed offsets of the group in the topic.', {
      unit: 'messages',
      differs: `sums what was committed, where upstream adds -1 for each partition never committed in; ${wholeTopic}`,
    }),
    kafka_consumergroup_lag: perPartition.gauge(
      'Messages between the committed offset and the end of the partition. For a share group: as the broker reports it since Kafka 4.2; before, its last acknowledgements may be missing.',
      { unit: 'messages', additive: true, differs: `${neverCommitted}. Never below 0` },
    ),
    kafka_consumergroup_lag_sum: perTopic.gauge(
      "Sum of the messages between the committed offsets and the ends of the topic's partitions.",
      {
        unit: 'messages',
        additive: true,
        differs: `each partition counts at least 0, where upstream subtracts a negative lag; ${wholeTopic}`,
      },
    ),
  },

  collect: ({ snapshot }) => ok(inRuns(() => groupsOf(snapshot))),
} satisfies ClusterCollector;

function* groupsOf(snapshot: ClusterSnapshot): Iterable<Run> {
  const members = openRun('kafka_consumergroup_members');
  for (const group of snapshot.groups) {
    if (group.members !== undefined) addTo(members, group.name, group.members);
  }
  yield members;
  const unread = topicsWithUnreadEnds(snapshot);
  for (const group of snapshot.groups) yield* lagsOf(group, unread);
}

function* lagsOf({ name, partitions: lags, withoutEnd }: GroupSnapshot, unread: ReadonlySet<string>): Iterable<Run> {
  const sums = new Map<string, { committed: bigint; lag: bigint }>();
  for (const { topic, partitions, committed, ends } of lags.committed?.() ?? committedOf(lags)) {
    const sum = sums.get(topic) ?? { committed: 0n, lag: 0n };
    sums.set(topic, sum);
    // Commits are read before ends, so only a re-created topic can have an end below a commit.
    const lag = lagColumn(ends, committed);
    sum.committed += sumOf(committed);
    sum.lag += sumOf(lag);
    yield { metric: 'kafka_consumergroup_current_offset', labels: [name, topic], last: partitions, values: committed };
    yield { metric: 'kafka_consumergroup_lag', labels: [name, topic], last: partitions, values: lag };
  }
  for (const [topic, commits] of withoutEnd ?? []) {
    const run = openRun('kafka_consumergroup_current_offset', [name, topic]);
    for (const { partition, committed } of commits) addTo(run, partition, committed);
    yield run;
  }
  const commitSums = openRun('kafka_consumergroup_current_offset_sum', [name]);
  const lagSums = openRun('kafka_consumergroup_lag_sum', [name]);
  for (const [topic, { committed, lag }] of sums) {
    if (unread.has(topic)) continue;
    addTo(commitSums, topic, committed);
    addTo(lagSums, topic, lag);
  }
  yield commitSums;
  yield lagSums;
}

/** A partition without a commit has no series, since that is neither offset -1 nor a lag of the whole log. */
function* committedOf(lags: Lags): Iterable<CommittedColumns> {
  let of: string | undefined;
  let columns = { partitions: [] as number[], committed: [] as bigint[], ends: [] as bigint[] };
  for (const { topic, partition, end, committed } of lags) {
    if (committed === undefined) continue;
    if (topic !== of) {
      if (of !== undefined) yield { topic: of, ...columns };
      of = topic;
      columns = { partitions: [], committed: [], ends: [] };
    }
    columns.partitions.push(partition);
    columns.committed.push(committed);
    columns.ends.push(end);
  }
  if (of !== undefined) yield { topic: of, ...columns };
}
