// Exports committed offsets and lag in messages, per group and queue.

import type { ClusterSnapshot, GroupSnapshot } from '../../../brokers/snapshot.ts';
import { lagIn, lagOf } from '../../../core/consumer-lag.ts';
import { ok, type ClusterCollector, known, labelled, type Measurement } from '../../collector.ts';
import { topicsWithUnreadEnds } from '../unread-ends.ts';
import { isRetryTopic } from './group-names.ts';

/** `broker` is the broker name, because a master and its slaves share their queues. */
const perQueue = labelled('consumergroup', 'topic', 'broker', 'queue');
const perTopic = labelled('consumergroup', 'topic');
const broadcast = 'A broadcasting group keeps its offsets in its clients, so that it has no such series.';

export const rocketmqConsumerLag = {
  of: 'rocketmq',
  source:
    'GET_ALL_CONSUMER_OFFSET, then the end offsets; GET_ALL_SUBSCRIPTIONGROUP_CONFIG; GET_LITE_GROUP_INFO of groups that read lite topics',
  cost: '1 request per master, 1 a minute for the configs of the groups, and 1 for each group that reads lite topics',
  metrics: {
    rocketmq_consumergroup_offset: perQueue.gauge(`Offset the group has committed in the queue. ${broadcast}`, {
      unit: 'messages',
    }),
    rocketmq_consumergroup_lag_messages: perQueue.gauge(
      `Messages between the committed offset and the end of the queue. Absent where the group never committed. ${broadcast}`,
      { additive: true },
    ),
    rocketmq_consumergroup_topic_lag_messages: perTopic.gauge(
      `Lag of the group in all queues of the topic. Absent while a queue could not be read. ${broadcast}`,
      { additive: true },
    ),
    rocketmq_consumergroup_retry_lag_messages: perTopic.gauge(
      'Messages sent back for a retry that the group has not consumed again; `topic` is the retry topic.',
      { additive: true },
    ),
    rocketmq_consumergroup_lite_lag_messages: perTopic.gauge(
      'Lag of the group in the lite topics (5.5) of the topic.',
      { additive: true },
    ),
    rocketmq_consumergroup_lite_lag_seconds: perTopic.gauge(
      'Age of the oldest message of this lag, in the 100 lite topics with most of it. 0 without lag.',
    ),
    rocketmq_orphaned_commit_groups: labelled('broker').gauge(
      'Groups with committed offsets and without a subscription group config on the broker, left by a deletion that keeps offsets. They have no lag series there.',
      'groups',
    ),
  },

  collect: ({ snapshot }) => ok(lagsOf(snapshot)),
} satisfies ClusterCollector;

function* lagsOf(snapshot: ClusterSnapshot): Iterable<Measurement> {
  const unread = topicsWithUnreadEnds(snapshot);
  for (const group of snapshot.groups) {
    if (group.kind === 'broadcasting') continue;
    yield* queuesOf(group);
    for (const { topic, lag, isRetry } of topicLagsOf(group, unread)) {
      const metric = isRetry
        ? 'rocketmq_consumergroup_retry_lag_messages'
        : 'rocketmq_consumergroup_topic_lag_messages';
      yield { metric, labels: [group.name, topic], value: lag };
    }
  }
  const ofBrokers = Map.groupBy(snapshot.rocketmq?.liteLags ?? [], ({ group, topic }) => `${group}\0${topic}`);
  for (const [key, lags] of ofBrokers) {
    const labels = key.split('\0');
    const messages = lags.reduce((sum, lag) => sum + lag.messages, 0);
    yield { metric: 'rocketmq_consumergroup_lite_lag_messages', labels, value: messages };
    const seconds = Math.max(...lags.map(({ seconds = Infinity }) => seconds));
    if (seconds < Infinity) yield { metric: 'rocketmq_consumergroup_lite_lag_seconds', labels, value: seconds };
  }
  for (const { brokerName, groups } of snapshot.rocketmq?.orphanedGroups ?? []) {
    yield { metric: 'rocketmq_orphaned_commit_groups', labels: [brokerName], value: groups };
  }
}

function* queuesOf({ name, partitions }: GroupSnapshot): Iterable<Measurement> {
  for (const lag of partitions) {
    const labels = [name, lag.topic, lag.brokerName ?? '', String(lag.partition)];
    const behind = lagOf(lag);
    // Retries are exported by topic: a retry topic has one queue on each broker.
    if (behind === undefined || isRetryTopic(lag.topic)) continue;
    yield* known('rocketmq_consumergroup_offset', labels, lag.committed);
    yield { metric: 'rocketmq_consumergroup_lag_messages', labels, value: behind };
  }
}

/** Only topics whose queues were all read. */
export function* topicLagsOf({ partitions }: GroupSnapshot, unread: ReadonlySet<string>) {
  for (const [topic, queues] of Map.groupBy(partitions, (queue) => queue.topic)) {
    const lag = lagIn(queues);
    if (lag !== undefined && !unread.has(topic)) yield { topic, lag, isRetry: isRetryTopic(topic) };
  }
}
