// Exports consumer groups under rocketmq-exporter's names.

import type { RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import type { ClusterSnapshot, GroupSnapshot } from '../../../brokers/snapshot.ts';
import { topicLagsOf } from '../../collectors/rocketmq/consumer-lag.ts';
import { brokerNameOf } from '../../collectors/rocketmq/from-details.ts';
import { topicsWithUnreadEnds } from '../../collectors/unread-ends.ts';
import { known, labelled, type Measurement } from '../../collector.ts';
import type { LagTimes } from '../../lag/lag-times.ts';
import { hasUpstreamRates, idleRate } from './rated-topics.ts';

const perGroup = labelled('group', 'topic', 'countOfOnlineConsumers', 'msgModel');
const perBroker = labelled('broker', 'topic', 'group');
const orphaned = 'Absent for commits that a deleted group left behind, which upstream shows';
const lag = `sums the queues the group committed in: upstream counts one it never did from 0, a full lag. Never below 0. ${orphaned}`;

/** Ordinal of MessageModel.CLUSTERING; like upstream, no lag is exported for a broadcasting group. */
const clustering = '1';

export const groupMetrics = {
  rocketmq_group_diff: perGroup.gauge('Messages the group is behind in the topic.', {
    unit: 'messages',
    ours: 'rocketmq_consumergroup_topic_lag_messages',
    differs: lag,
  }),
  rocketmq_group_retrydiff: perGroup.gauge('Messages the group is behind in its retry topic.', {
    unit: 'messages',
    ours: 'rocketmq_consumergroup_retry_lag_messages',
    differs: lag,
  }),
  rocketmq_group_count: labelled('caddr', 'localaddr', 'group').gauge('Clients connected for the group.', {
    unit: 'clients',
    ours: 'rocketmq_consumergroup_clients',
    differs:
      '`caddr` and `localaddr` stay empty: lists of addresses start a new series with every client that comes or goes',
  }),
  rocketmq_consumer_offset: perBroker.gauge(
    'Offsets the group has committed in the queues of the topic on the broker, added up.',
    {
      unit: 'messages',
      ours: 'sum by (consumergroup, topic, broker) (rocketmq_consumergroup_offset)',
      differs: `absent of broadcasting groups, and where the group never committed. ${orphaned}`,
    },
  ),
  rocketmq_consumer_tps: perBroker.gauge('Messages the group got per second, mean of the last minute.', {
    unit: 'messages per second',
    ours: 'rocketmq_consumergroup_get_messages_per_second',
    differs: idleRate,
  }),
  rocketmq_consumer_message_size: perBroker.gauge('Bytes the group got per second, mean of the last minute.', {
    unit: 'bytes per second',
    ours: 'rocketmq_consumergroup_get_bytes_per_second',
    differs: idleRate,
  }),
  rocketmq_send_back_nums: perBroker.gauge('Messages the group sent back for a retry within the last minute.', {
    unit: 'messages',
    ours: 'rocketmq_consumergroup_send_back_messages_per_second * 60',
    differs:
      '60 times the mean per second, 0 once idle for two minutes; upstream shows the sum that the broker counted, which is smaller until it has counted for a minute',
  }),
  rocketmq_group_get_latency_by_storetime: perBroker.gauge(
    'Age of the oldest message the group has not consumed, of the queue on the broker where it is highest.',
    {
      unit: 'milliseconds',
      ours: 'plimsoll_consumergroup_lag_max_seconds * 1000',
      differs:
        'from the history of end offsets or store times that the broker reports anyway: upstream pulls a message of each queue',
    },
  ),
};

export function* groupsOf(
  snapshot: ClusterSnapshot,
  { groups: connected, groupTraffic }: RocketmqDetails,
  lagTimes: LagTimes | undefined,
): Iterable<Measurement> {
  const clients = new Map(connected.map((group) => [group.name, group.clients]));
  const unread = topicsWithUnreadEnds(snapshot);
  for (const [group, count] of clients) yield* known('rocketmq_group_count', ['', '', group], count);
  for (const group of snapshot.groups) {
    if (group.kind === 'broadcasting') continue;
    yield* behindOf(group, String(clients.get(group.name) ?? ''), unread);
    yield* brokersOf(group, lagTimes);
  }
  for (const { broker, topic, group, messagesPerSecond, bytesPerSecond, sendBackPerSecond } of groupTraffic) {
    if (!hasUpstreamRates(topic)) continue;
    const labels = [brokerNameOf(broker), topic, group];
    yield* known('rocketmq_consumer_tps', labels, messagesPerSecond);
    yield* known('rocketmq_consumer_message_size', labels, bytesPerSecond);
    yield { metric: 'rocketmq_send_back_nums', labels, value: Math.round(sendBackPerSecond * 60) };
  }
}

function* behindOf(group: GroupSnapshot, online: string, unread: ReadonlySet<string>): Iterable<Measurement> {
  for (const { topic, lag: value, isRetry } of topicLagsOf(group, unread)) {
    const metric = isRetry ? 'rocketmq_group_retrydiff' : 'rocketmq_group_diff';
    yield { metric, labels: [group.name, topic, online, clustering], value };
  }
}

function* brokersOf({ name, partitions }: GroupSnapshot, lagTimes: LagTimes | undefined): Iterable<Measurement> {
  for (const [topic, onTopic] of Map.groupBy(partitions, (queue) => queue.topic)) {
    for (const [broker, queues] of Map.groupBy(onTopic, ({ brokerName }) => brokerName ?? '')) {
      const labels = [broker, topic, name];
      const committed = queues.flatMap((queue) => queue.committed ?? []);
      const offset = committed.length === 0 ? undefined : committed.reduce((sum, each) => sum + each, 0n);
      yield* known('rocketmq_consumer_offset', labels, offset);
      const ages = queues.flatMap((queue) => lagTimes?.of(name, queue)?.seconds ?? []);
      const oldest = ages.length === 0 ? undefined : Math.round(Math.max(...ages) * 1000);
      yield* known('rocketmq_group_get_latency_by_storetime', labels, oldest);
    }
  }
}
