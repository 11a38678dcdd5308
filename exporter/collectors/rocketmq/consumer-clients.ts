// Exports the clients of each consumer group, and whether their subscriptions agree.

import type { RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import { type ClusterCollector, known, labelled, type Measurement } from '../../collector.ts';
import { fromDetails } from './from-details.ts';

const { gauge, flag } = labelled('consumergroup');

export const rocketmqConsumerClients = {
  of: 'rocketmq',
  source: 'GET_CONSUMER_CONNECTION_LIST; GET_CONSUMER_RUNNING_INFO of members',
  cost: '1 request per group and master a minute; members of a group every 10 minutes',
  metrics: {
    rocketmq_consumergroup_info: labelled('consumergroup', 'consume_type', 'message_model').info(
      'How the group consumes: push, pull or pop, clustering or broadcasting; the value is always 1. Empty means unknown: the group was never seen online.',
    ),
    rocketmq_consumergroup_clients: gauge(
      'Clients connected for the group; the members endpoint lists them on demand.',
      { unit: 'clients', additive: true },
    ),
    rocketmq_consumergroup_client_versions: gauge('Different client versions among the members of the group.', {
      unit: 'versions',
    }),
    rocketmq_consumergroup_mixed_client_versions: flag(
      '1 while the members of the group run more than one client version, else 0.',
    ),
    rocketmq_consumergroup_subscription_conflicts: gauge(
      'Topics for which members of the group have different subscriptions: each receives messages of the others and drops those that it did not subscribe to.',
      { unit: 'topics', additive: true },
    ),
    rocketmq_consumergroup_subscription_conflict: labelled('consumergroup', 'topic').info(
      '1 for each topic for which members of the group have different subscriptions; absent when they agree.',
    ),
  },

  collect: ({ snapshot }) => fromDetails(snapshot, clientsOf),
} satisfies ClusterCollector;

function* clientsOf({ groups }: RocketmqDetails): Iterable<Measurement> {
  for (const { name, consumeType, messageModel, clients, clientVersions, subscriptionConflicts } of groups) {
    yield { metric: 'rocketmq_consumergroup_info', labels: [name, consumeType ?? '', messageModel ?? ''], value: 1 };
    yield* known('rocketmq_consumergroup_clients', [name], clients);
    // Without clients there is nothing to compare. While clients are unknown, the last conflicts remain.
    if (clients === 0 || (clients === undefined && subscriptionConflicts.length === 0)) continue;
    if (clients !== undefined) {
      yield { metric: 'rocketmq_consumergroup_client_versions', labels: [name], value: clientVersions.length };
      const isMixed = Number(clientVersions.length > 1);
      yield { metric: 'rocketmq_consumergroup_mixed_client_versions', labels: [name], value: isMixed };
    }
    const conflicts = subscriptionConflicts.length;
    yield { metric: 'rocketmq_consumergroup_subscription_conflicts', labels: [name], value: conflicts };
    for (const topic of subscriptionConflicts) {
      yield { metric: 'rocketmq_consumergroup_subscription_conflict', labels: [name, topic], value: 1 };
    }
  }
}
