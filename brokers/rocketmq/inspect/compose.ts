// Merges the readings of brokers and name servers into one snapshot, without I/O.

import type { Cluster, ConsumerLag, Partition, PartitionOffsets, Topic } from '../../../core/cluster.ts';
import type { ClusterSnapshot, CommitWithoutEnd, GroupSnapshot, Section } from '../../snapshot.ts';
import type { Disagreement, RocketmqBroker, RocketmqDetails, RocketmqTopic } from '../details.ts';
import { permissionOf } from '../protocol/name-server-requests.ts';
import type { SyncStateSet } from '../protocol/controller-requests.ts';
import { parseRuntimeInfo } from '../runtime-info.ts';
import type { NameReading } from './broker-name.ts';
import type { QueueReading } from './broker-reading.ts';
import { configDrift, topicDrift } from './disagreements.ts';
import { clientsOf, type GroupClients } from './group-clients.ts';
import {
  brokerDisagreements,
  byCluster,
  nameServersOf,
  type Membership,
  type NameServerReading,
} from './membership.ts';
import { type SyncState, unlistedReplicas } from './sync-state.ts';
import { isPredefinedGroup, topicKindOf } from './topic-kind.ts';
import { naturalOrder } from '../../../core/text/natural-order.ts';
import { defined } from '../../../core/defined.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

interface Readings {
  name: string;
  readings: readonly NameServerReading[];
  membership: Membership;
  nameReadings: readonly NameReading[];
  syncState?: SyncState;
  nativeMetrics: RocketmqDetails['nativeMetrics'];
  routeDisagreements: readonly Disagreement[];
  sections: readonly Section[];
  unlisted: readonly Section[];
  requests: Readonly<Record<string, number>>;
}

export function composeSnapshot(all: Readings): ClusterSnapshot {
  const { name, readings, membership, nameReadings, syncState, sections, unlisted, requests } = all;
  const brokers = nameReadings.flatMap((reading) =>
    reading.brokers.map((each) => brokerOf(each, membership.clusterOf.get(each.member.brokerName))),
  );
  const queues = nameReadings.flatMap((reading) => (reading.queues === undefined ? [] : [reading.queues]));
  const clients = clientsOf(nameReadings);
  const copies = copiesByName(membership, answering(brokers, sections), syncState?.sets ?? []);
  // A slave that acts as master accepts no messages.
  const leaders = new Set(brokers.filter(({ role }) => role === 'master').map(({ id }) => id));
  const kindOf = topicKindsIn(queues, membership.names);
  const listed = queues.filter(({ broker }) => membership.byName.has(broker.brokerName));
  const normal = listed.map(({ broker, topics }) => ({
    broker,
    topics: topics.filter(({ name }) => kindOf(name) === 'normal'),
  }));
  return {
    cluster: clusterOf(
      name,
      membership,
      brokers.map(({ runtime }) => runtime),
      syncState?.leader,
    ),
    topics: topicsOf(queues, { copies, leaders, kindOf }),
    offsets: queues.flatMap((reading) => [...offsetsOf(reading)]),
    groups: groupsOf(queues, clients),
    sections,
    ...(unlisted.length > 0 && { unlisted }),
    requests,
    rocketmq: {
      brokers,
      nameServers: nameServersOf(readings),
      topics: detailedTopics(queues, kindOf),
      groups: [...clients].map(([group, { conflicts, ...of }]) =>
        defined({
          name: group,
          consumeType: of.consumeType,
          messageModel: of.messageModel,
          clients: of.count,
          clientVersions: of.versions,
          subscriptionConflicts: conflicts,
        }),
      ),
      orphanedGroups: queues.flatMap(({ broker: { brokerName }, orphanedGroups }) =>
        orphanedGroups === undefined ? [] : [{ brokerName, groups: orphanedGroups.size }],
      ),
      liteLags: nameReadings.flatMap(({ liteLags }) => liteLags),
      topicTraffic: nameReadings.flatMap(({ traffic }) => traffic.topics),
      groupTraffic: nameReadings.flatMap(({ traffic }) => traffic.groups),
      disagreements: [
        ...brokerDisagreements(readings),
        ...all.routeDisagreements,
        ...byCluster(membership.clusterOf, brokers, ({ brokerName }) => brokerName).flatMap((own) => configDrift(own)),
        ...byCluster(membership.clusterOf, normal, ({ broker }) => broker.brokerName).flatMap((own) => topicDrift(own)),
      ],
      syncStateSets: syncState?.sets ?? [],
      nativeMetrics: all.nativeMetrics,
    },
  };
}

export function clusterOf(
  name: string,
  { clusters, members }: Membership,
  runtimes: readonly RocketmqBroker['runtime'][],
  controllerId?: string,
): Cluster {
  const versions = runtimes.map((runtime) => parseRuntimeInfo(runtime).version).filter((each) => each !== undefined);
  // During a rolling upgrade, the version is the oldest, because all brokers support its features.
  const [version, ...newer] = versions.sort(naturalOrder);
  const newestVersion = newer.at(-1);
  return {
    name,
    kind: 'rocketmq',
    // Name servers may serve several clusters; all of them are monitored as one.
    ...(clusters.length > 0 && { clusterId: clusters.join('+') }),
    ...(version !== undefined && { version }),
    ...(newestVersion !== undefined && newestVersion !== version && { newestVersion }),
    ...(controllerId !== undefined && { controllerId }),
    brokers: members.map(({ id, address }) => ({ id, address })),
  };
}

function brokerOf(
  { member, role, runtime, config, ha }: NameReading['brokers'][number],
  cluster: string | undefined,
): RocketmqBroker {
  return defined({ ...member, cluster, role, runtime, ha, config });
}

/** Returns the ids of brokers that report their figures now; kept figures do not show that a broker is up. */
function answering(brokers: readonly RocketmqBroker[], sections: readonly Section[]): ReadonlySet<string> {
  const silent = new Set(
    sections.flatMap(({ section, kind, broker }) => (section === 'runtime' && kind !== 'fresh' ? (broker ?? []) : [])),
  );
  return new Set(brokers.flatMap(({ id, runtime }) => (runtime === undefined || silent.has(id) ? [] : id)));
}

type Copies = Pick<Partition, 'replicas' | 'inSyncReplicas' | 'unknownReplicas'>;

/** Returns copies by broker name: from the controllers, else from replicas that report figures; others are unknown. */
function copiesByName(
  { byName }: Membership,
  answered: ReadonlySet<string>,
  sets: readonly SyncStateSet[],
): ReadonlyMap<string, Copies> {
  return new Map(
    Array.from(byName, ([brokerName, members]) => {
      const set = sets.find((each) => each.brokerName === brokerName);
      const idsOf = (some: readonly { id: string }[]) => some.map(({ id }) => id);
      const replicas = idsOf(members);
      if (set !== undefined) {
        const inSyncReplicas = idsOf(members.filter((each) => set.inSync.includes(each.address)));
        return [brokerName, { replicas: [...replicas, ...idsOf(unlistedReplicas([set], members))], inSyncReplicas }];
      }
      const inSyncReplicas = replicas.filter((id) => answered.has(id));
      const unknown = replicas.filter((id) => !answered.has(id));
      return [brokerName, { replicas, inSyncReplicas, ...(unknown.length > 0 && { unknownReplicas: unknown }) }];
    }),
  );
}

type TopicKinds = (topic: string) => RocketmqTopic['kind'];

function topicKindsIn(queues: readonly QueueReading[], names: ReadonlySet<string>): TopicKinds {
  const used = new Set(queues.flatMap(({ topics }) => topics.flatMap((topic) => (topic.queues > 0 ? topic.name : []))));
  return (topic) => topicKindOf(topic, names, used.has(topic));
}

function topicsOf(
  queues: readonly QueueReading[],
  {
    copies,
    leaders,
    kindOf,
  }: { copies: ReadonlyMap<string, Copies>; leaders: ReadonlySet<string>; kindOf: TopicKinds },
): Topic[] {
  const partitions = new Map<string, Partition[]>();
  for (const { broker, topics } of queues) {
    const { brokerName } = broker;
    const own = copies.get(brokerName) ?? { replicas: [broker.id], inSyncReplicas: [] };
    const leader = own.replicas.find((id) => leaders.has(id));
    for (const topic of topics) {
      const all = getOrMake(partitions, topic.name, () => []);
      for (let partition = 0; partition < topic.queues; partition += 1) {
        all.push({ topic: topic.name, partition, brokerName, ...(leader !== undefined && { leader }), ...own });
      }
    }
  }
  return Array.from(partitions, ([name, own]) => {
    const kind = kindOf(name);
    return { name, internal: kind === 'system' || kind === 'delayed' || kind === 'transactional', partitions: own };
  });
}

function* offsetsOf({ broker, offsets }: QueueReading): Iterable<PartitionOffsets> {
  for (const [topic, queues] of offsets ?? []) {
    for (const [partition, queue] of queues.entries()) {
      if (queue !== undefined) yield { topic, partition, brokerName: broker.brokerName, ...queue };
    }
  }
}

function groupsOf(queues: readonly QueueReading[], clients: ReadonlyMap<string, GroupClients>): GroupSnapshot[] {
  const lags = new Map<string, ConsumerLag[]>();
  for (const { groups } of queues) {
    for (const { name } of groups) if (!isPredefinedGroup(name)) lags.set(name, []);
  }
  const commits = queues.flatMap((reading) => [...reading.commits.values()]);
  for (const [group, own] of Map.groupBy(commits, (commit) => commit.group)) {
    // PopReviveService commits the last offset that it processed, not the next one, so its lag never falls to 0.
    if (isPredefinedGroup(group) && group !== 'CID_RMQ_SYS_TRANS') continue;
    // A broadcasting group keeps offsets at its clients: commits on the broker are outdated.
    if (clients.get(group)?.messageModel === 'broadcasting') continue;
    const topics = new Set(own.map(({ topic }) => topic));
    lags.set(
      group,
      [...topics].flatMap((topic) => queues.flatMap((reading) => lagsOf(reading, topic, group))),
    );
  }
  const withoutEnd = committedWithoutEnd(queues);
  return Array.from(lags, ([name, partitions]) => {
    const { count, messageModel } = clients.get(name) ?? {};
    const unread = messageModel === 'broadcasting' ? undefined : withoutEnd.get(name);
    return defined({ name, withoutEnd: unread, members: count, kind: messageModel, partitions });
  });
}

/** By group, then by topic: commits in queues that could not be read; without queues that the topic no longer has. */
function committedWithoutEnd(
  queues: readonly QueueReading[],
): ReadonlyMap<string, ReadonlyMap<string, readonly CommitWithoutEnd[]>> {
  const found = new Map<string, Map<string, readonly CommitWithoutEnd[]>>();
  for (const { broker, topics, commits, endsOfCommits } of queues) {
    const sizes = new Map(topics.map((topic) => [topic.name, topic.queues]));
    for (const { topic, group, byQueue } of commits.values()) {
      const ends = endsOfCommits?.get(topic);
      const size = sizes.get(topic) ?? 0;
      const unread = [...byQueue].filter(([id]) => id < size && ends?.[id] === undefined);
      if (unread.length === 0) continue;
      const own = found.get(group) ?? new Map<string, readonly CommitWithoutEnd[]>();
      const { brokerName } = broker;
      const commits = unread.map(([partition, committed]) => ({ partition, brokerName, committed }));
      found.set(group, own.set(topic, [...(own.get(topic) ?? []), ...commits]));
    }
  }
  return found;
}

/** Returns lags of queues that hold messages or have a commit of the group; a queue without an end has none. */
function lagsOf(
  { broker, commits, endsOfCommits, consumption }: QueueReading,
  topic: string,
  group: string,
): ConsumerLag[] {
  const key = `${topic}@${group}`;
  const byQueue = commits.get(key)?.byQueue;
  const consumed = new Map(consumption?.get(key)?.map((row) => [row.queueId, row]));
  const lags: ConsumerLag[] = [];
  for (const [partition, queue] of (endsOfCommits?.get(topic) ?? []).entries()) {
    if (queue === undefined) continue;
    const { start, end } = queue;
    const committed = byQueue?.get(partition);
    if (committed === undefined && end === 0n) continue;
    const { committed: then, consumedStoredAtMs } = consumed.get(partition) ?? {};
    lags.push({
      topic,
      partition,
      brokerName: broker.brokerName,
      end,
      // For each queue of each group: `defined` takes four times as long.
      ...(start !== undefined && { start }),
      ...(committed !== undefined && { committed }),
      // With another commit, it would be the time of another message.
      ...(then === committed && consumedStoredAtMs !== undefined && { consumedStoredAtMs }),
    });
  }
  return lags;
}

function detailedTopics(queues: readonly QueueReading[], kindOf: TopicKinds): RocketmqTopic[] {
  const topics = new Map<string, RocketmqTopic>();
  for (const { broker, topics: configs } of queues) {
    for (const { name, readQueues, writeQueues, permission, attributes } of configs) {
      const before = topics.get(name);
      const messageType = attributes['message.type'] ?? before?.messageType;
      const route = { brokerName: broker.brokerName, readQueues, writeQueues, permission: permissionOf(permission) };
      topics.set(name, {
        name,
        kind: kindOf(name),
        ...(messageType !== undefined && { messageType }),
        routes: [...(before?.routes ?? []), route],
      });
    }
  }
  return [...topics.values()];
}
