// Exports disagreements between name servers and configuration drift between brokers.

import type { Disagreement, RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import { type ClusterCollector, labelled, type Measurement } from '../../collector.ts';
import { fromDetails } from './from-details.ts';

export const rocketmqDisagreements = {
  of: 'rocketmq',
  source:
    'GET_BROKER_CLUSTER_INFO and GET_ROUTEINFO_BY_TOPIC of every name server, GET_BROKER_CONFIG, GET_ALL_TOPIC_CONFIG',
  cost: '1 request for settings per broker every 10 minutes; routes of 50 topics at a time, each every 5 minutes',
  metrics: {
    rocketmq_disagreements: labelled('of').gauge(
      'Differences between brokers or name servers: `of` is broker-config, topic-config, name-server-brokers or name-server-route. Brokers are compared within their cluster. Absent while there are no two to compare.',
      'subjects',
    ),
    rocketmq_disagreement: labelled('of', 'subject').info(
      '1 for each setting, topic or broker that differs between brokers or name servers; absent when they agree.',
    ),
  },

  collect: ({ snapshot }) => fromDetails(snapshot, disagreementsOf),
} satisfies ClusterCollector;

function* disagreementsOf(details: RocketmqDetails): Iterable<Measurement> {
  for (const of of comparable(details)) {
    const subjects = new Set(details.disagreements.filter((each) => each.of === of).map(({ subject }) => subject));
    yield { metric: 'rocketmq_disagreements', labels: [of], value: subjects.size };
    for (const subject of subjects) yield { metric: 'rocketmq_disagreement', labels: [of, subject], value: 1 };
  }
}

/** Subjects with at least two sides: 0 means that the sides agree, which one side alone cannot show. */
function comparable({ brokers, nameServers, disagreements }: RocketmqDetails): ReadonlySet<Disagreement['of']> {
  const kinds = new Set(disagreements.map(({ of }) => of));
  const reachable = nameServers.filter((server) => server.reachable).length;
  if (reachable > 1) kinds.add('name-server-brokers').add('name-server-route');
  // Drift is computed separately for each cluster of the name servers.
  for (const own of Map.groupBy(brokers, ({ cluster }) => cluster).values()) {
    if (own.filter(({ config }) => config !== undefined).length > 1) kinds.add('broker-config');
    const answering = own.filter(({ runtime }) => runtime !== undefined);
    if (new Set(answering.map(({ brokerName }) => brokerName)).size > 1) kinds.add('topic-config');
  }
  return kinds;
}
