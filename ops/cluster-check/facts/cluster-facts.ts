// Collects the facts of a cluster as a whole, its topics and its groups.

import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { traitsOf, type ByKind } from '../../../core/broker-kind/registry.ts';
import type { Topic } from '../../../core/cluster.ts';
import { factsFrom, unreadableSource, type Fact, type FactSource, type Subject } from '../fact.ts';
import type { CheckedCluster } from '../checked-cluster.ts';
import { list } from './host-facts.ts';
import { unlimitedRetentionOf } from './unlimited-retention.ts';

export function clusterSource(checked: CheckedCluster): FactSource {
  const { name, brokers, snapshot, differences, producerVersions, mustNotLose } = checked;
  const servers = snapshot?.rocketmq?.nameServers;
  const disagreements = snapshot?.rocketmq?.disagreements.filter(({ of }) => of.startsWith('name-server'));
  const values = {
    brokers: brokers.length === 0 ? undefined : brokers.length,
    differences:
      differences &&
      list(
        differences.filter(({ of }) => of === 'broker').map(({ setting, sides }) => `${setting} (${sidesText(sides)})`),
      ),
    mastersWithoutSlave: snapshot && list(mastersWithoutSlave(snapshot)),
    nameServers: servers?.length,
    nameServerDisagreements:
      disagreements && list(disagreements.map(({ subject, sides }) => `${subject} (${sidesText(sides)})`)),
    producerVersions: producerVersions?.length,
    mustNotLose,
  };
  return factsFrom(values, `cluster ${name}`, (fact) => ({
    kind: 'unread',
    reason: `cluster ${name} did not report its ${fact}`,
  }));
}

const sidesText = (sides: Readonly<Record<string, string>>) =>
  Object.entries(sides)
    .map(([id, value]) => `${id}: ${value}`)
    .join(', ');

function mastersWithoutSlave({ rocketmq }: ClusterSnapshot): string[] {
  const byName = Map.groupBy(rocketmq?.brokers ?? [], ({ brokerName }) => brokerName);
  return [...byName].filter(([, brokers]) => brokers.length < 2).map(([name]) => name);
}

export function topicSubjects(checked: CheckedCluster, cluster: FactSource): Subject[] {
  const { snapshot, kind, brokers } = checked;
  const address = brokers[0]?.broker.address ?? '';
  return (snapshot?.topics ?? []).map((topic) => ({
    on: 'topic',
    id: topic.name,
    sources: {
      topic: topicBy[kind](topic, checked),
      config: topicConfig(topic.name, checked),
      cluster,
    },
    names: { id: topic.name, address },
  }));
}

const topicBy: ByKind<(topic: Topic, checked: CheckedCluster) => FactSource> = {
  kafka: kafkaTopic,
  rocketmq: rocketmqTopic,
};

function kafkaTopic({ name, internal, partitions }: Topic, { topicSettings }: CheckedCluster): FactSource {
  const values = topicSettings?.find(({ topic }) => topic === name)?.values;
  const counts = partitions.map(({ replicas }) => replicas.length).filter((count) => count > 0);
  return factsFrom(
    {
      isInternal: internal,
      replicas: counts.length === 0 ? undefined : Math.min(...counts),
      underReplicated: partitions.filter(({ replicas, inSyncReplicas }) => inSyncReplicas.length < replicas.length)
        .length,
      leaderless: partitions.filter(({ leader }) => leader === undefined).length,
      notPreferred: partitions.filter(({ leader, replicas }) => leader !== undefined && leader !== replicas[0]).length,
      unlimitedRetention: values && unlimitedRetentionOf(name, values),
    },
    `topic ${name}`,
    (fact) => ({ kind: 'unread', reason: `the cluster did not report ${fact} of topic ${name}` }),
  );
}

function topicConfig(name: string, { kind, topicSettings }: CheckedCluster): FactSource {
  const { displayName, retentionPer } = traitsOf(kind);
  if (retentionPer === 'broker') {
    return {
      facts: new Map(),
      otherwise: () => ({ kind: 'not-there', reason: `topics of ${displayName} have no such settings` }),
    };
  }
  const values = topicSettings?.find(({ topic }) => topic === name)?.values;
  if (values === undefined) return unreadableSource(`the settings of topic ${name} were not read`);
  return {
    facts: new Map(
      [...values].map(([key, value]): [string, Fact] => [key, { kind: 'read', value, where: `topic ${name}, ${key}` }]),
    ),
    otherwise: (key) => ({ kind: 'not-there', reason: `topic ${name} has no setting ${key}` }),
  };
}

function rocketmqTopic({ name }: Topic, { snapshot }: CheckedCluster): FactSource {
  const topic = snapshot?.rocketmq?.topics.find((each) => each.name === name);
  const routes = topic?.routes;
  const masters = new Set(
    (snapshot?.rocketmq?.brokers ?? []).filter(({ role }) => role !== 'slave').map(({ brokerName }) => brokerName),
  );
  return factsFrom(
    {
      kind: topic?.kind,
      queuesDiffer:
        routes &&
        list(
          routes
            .filter(({ readQueues, writeQueues }) => readQueues !== writeQueues)
            .map(
              ({ brokerName, readQueues, writeQueues }) =>
                `${brokerName} reads ${readQueues} and writes ${writeQueues}`,
            ),
        ),
      notOpenOn:
        routes &&
        list(
          routes
            .filter(({ permission }) => permission !== 'rw')
            .map(
              ({ brokerName, permission }) =>
                `${brokerName} ${permission === 'none' ? 'is closed' : `only ${permission}`}`,
            ),
        ),
      mastersWithout:
        routes && list([...masters].filter((master) => !routes.some(({ brokerName }) => brokerName === master))),
    },
    `topic ${name}`,
    (fact) => ({ kind: 'unread', reason: `the cluster did not report ${fact} of topic ${name}` }),
  );
}

export function groupSubjects({ snapshot }: CheckedCluster): Subject[] {
  return (snapshot?.rocketmq?.groups ?? []).map(({ name, subscriptionConflicts, clientVersions }) => ({
    on: 'group',
    id: name,
    sources: {
      group: factsFrom(
        { subscriptionConflicts: list(subscriptionConflicts), clientVersions: clientVersions.length },
        `group ${name}`,
        (fact) => ({ kind: 'unread', reason: `the brokers did not report ${fact} of group ${name}` }),
      ),
    },
    names: { id: name },
  }));
}
