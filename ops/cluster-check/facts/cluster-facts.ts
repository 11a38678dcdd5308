// Collects the facts of a cluster as a whole, its topics and its groups.

import { unlistedReplicas } from '../../../brokers/rocketmq/inspect/sync-state.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { traitsOf, type ByKind } from '../../../core/broker-kind/registry.ts';
import { rocketmq } from '../../../core/broker-kind/rocketmq.ts';
import type { Topic } from '../../../core/cluster.ts';
import { roundedDurationText } from '../../../core/text/duration-text.ts';
import { factsFrom, notThere, unread, unreadableSource, type Fact, type FactSource, type Subject } from '../fact.ts';
import type { CheckedBroker, CheckedCluster } from '../checked-cluster.ts';
import { list } from './host-facts.ts';
import { unlimitedRetentionOf } from './unlimited-retention.ts';

export function clusterSource(checked: CheckedCluster, now: Date): FactSource {
  const { name, brokers, snapshot, differences, producerVersions, mustNotLose } = checked;
  const servers = snapshot?.rocketmq?.nameServers;
  const disagreements = snapshot?.rocketmq?.disagreements.filter(({ of }) => of.startsWith('name-server'));
  const ofBrokers = differences?.filter(({ of }) => of === 'broker');
  const values = {
    brokers: brokers.length === 0 ? undefined : brokers.length,
    differences: list(ofBrokers?.map(({ setting, sides }) => `${setting} (${sidesText(sides)})`)),
    mastersWithoutSlave: snapshot && list(mastersWithoutSlave(snapshot)),
    missingBrokers: missingBrokers(checked),
    nameServers: servers?.length,
    nameServerDisagreements: list(disagreements?.map(({ subject, sides }) => `${subject} (${sidesText(sides)})`)),
    producerVersions: producerVersions?.length,
    mustNotLose,
    certificatesExpiring: snapshot && certificatesExpiring(snapshot, now),
  };
  return factsFrom(values, `cluster ${name}`, (fact) => {
    if (fact === 'certificatesExpiring' && snapshot !== undefined) return certificatesUnknown(snapshot);
    return fact === 'missingBrokers' ? missingUnknown(checked) : unread(`cluster ${name} did not report its ${fact}`);
  });
}

const dayMs = 86_400_000;

/** Short-lived certificates are renewed late, by software. */
function certificatesExpiring(snapshot: ClusterSnapshot, now: Date): string | undefined {
  const { certificates = [] } = snapshot;
  const left = certificates.map((each) => ({ ...each, leftMs: each.expiresAtMs - now.getTime() }));
  const soon = left.filter(({ leftMs, lifetimeSeconds }) => leftMs < Math.min(30 * dayMs, 250 * lifetimeSeconds));
  const others = addressesUnread(snapshot).map((address) => `${address} could not be read`);
  if (soon.length === 0 && (certificates.length === 0 || others.length > 0)) return undefined;
  const expiring = soon.map(
    ({ address, leftMs }) =>
      `${address} ${leftMs < 0 ? 'expired' : `expires in ${roundedDurationText(leftMs / 1000)}`}`,
  );
  return list([...expiring, ...others]);
}

const addressesUnread = ({ cluster, certificates = [] }: ClusterSnapshot): string[] =>
  cluster.brokers.map(({ address }) => address).filter((each) => !certificates.some(({ address }) => address === each));

const certificatesUnknown = (snapshot: ClusterSnapshot): Fact =>
  snapshot.certificates === undefined
    ? notThere(`cluster ${snapshot.cluster.name} is read without TLS`)
    : unread(`the TLS certificates of ${addressesUnread(snapshot).join(', ')} could not be read`);

const controllerGroup = ({ brokers }: CheckedCluster) =>
  brokers.find(({ settings }) => settings?.get('enableControllerMode') === 'true');

/** Name servers forget a stopped broker; controllers (except those of 5.0), DLedger peers and the configuration do not. */
function missingBrokers(checked: CheckedCluster): string | undefined {
  const { snapshot, configured = [] } = checked;
  const { syncStateSets = [], brokers = [] } = snapshot?.rocketmq ?? {};
  const isComplete = syncStateSets.length > 0 && syncStateSets.every(({ notInSync }) => notInSync !== undefined);
  const replicas = isComplete ? unlistedReplicas(syncStateSets, brokers) : [];
  const groups = Map.groupBy(checked.brokers, ({ broker }) => rocketmq.brokerId.group(broker.id));
  const peers = [...groups].map(([name, members]) => missingPeers(name, members));
  const missing = [
    ...replicas.map(({ id, address }) => `${id} at ${address}`),
    ...peers.flatMap((of) => of ?? []),
    ...configured.filter((name) => !groups.has(name)).map((name) => `every member of ${name}`),
  ];
  const isKnown = isComplete || (peers.length > 0 && peers.every((of) => of !== undefined));
  return missing.length > 0 || isKnown ? list(missing) : undefined;
}

/** @returns peers whose id no listed member has; undefined without DLedger, or if the settings of a member are unknown */
function missingPeers(name: string, members: readonly CheckedBroker[]): string[] | undefined {
  const settings = members.flatMap((member) => member.settings ?? []);
  const [first] = settings;
  if (settings.length < members.length || first?.get('enableDLegerCommitLog') !== 'true') return undefined;
  const ids = new Set(settings.map((of) => of.get('dLegerSelfId')));
  const peers = (first.get('dLegerPeers') ?? '').split(';').filter(Boolean);
  return peers.filter((peer) => !ids.has(peer.replace(/-.*$/, ''))).map((peer) => `${peer} of ${name}`);
}

function missingUnknown(checked: CheckedCluster): Fact {
  const { snapshot, name } = checked;
  const section = snapshot?.sections.find((each) => each.section === 'sync-state');
  if (section !== undefined) {
    const isEmpty = snapshot?.rocketmq?.syncStateSets.length === 0;
    const reason = section.reason ?? (isEmpty ? 'they know none of them' : 'release 5.0 lacks stopped ones');
    return unread(`the controllers did not report all brokers: ${reason}`);
  }
  const broker = controllerGroup(checked);
  if (broker === undefined) return notThere(`no controller reports the brokers of cluster ${name}`);
  const addresses = broker.settings?.get('controllerAddr')?.replaceAll(';', ', ') ?? '';
  return unread(`only controllers know stopped brokers: set clusters.${name}.controllers: [${addresses}]`);
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
  const facts = {
    isInternal: internal,
    replicas: counts.length === 0 ? undefined : Math.min(...counts),
    underReplicated: partitions.filter(({ replicas, inSyncReplicas }) => inSyncReplicas.length < replicas.length)
      .length,
    leaderless: partitions.filter(({ leader }) => leader === undefined).length,
    notPreferred: partitions.filter(({ leader, replicas }) => leader !== undefined && leader !== replicas[0]).length,
    unlimitedRetention: values && unlimitedRetentionOf(name, values),
  };
  return factsFrom(facts, `topic ${name}`, (fact) => unread(`the cluster did not report ${fact} of topic ${name}`));
}

function topicConfig(name: string, { kind, topicSettings }: CheckedCluster): FactSource {
  const { displayName, retentionPer } = traitsOf(kind);
  if (retentionPer === 'broker')
    return factsFrom({}, '', () => notThere(`topics of ${displayName} have no such settings`));
  const values = topicSettings?.find(({ topic }) => topic === name)?.values;
  if (values === undefined) return unreadableSource(`the settings of topic ${name} were not read`);
  return factsFrom(
    Object.fromEntries(values),
    (key) => `topic ${name}, ${key}`,
    (key) => notThere(`topic ${name} has no setting ${key}`),
  );
}

function rocketmqTopic({ name }: Topic, { snapshot }: CheckedCluster): FactSource {
  const topic = snapshot?.rocketmq?.topics.find((each) => each.name === name);
  const routes = topic?.routes;
  const brokers = (snapshot?.rocketmq?.brokers ?? []).filter(({ role }) => role !== 'slave');
  const masters = new Set(brokers.map(({ brokerName }) => brokerName));
  const unlike = routes
    ?.filter(({ readQueues, writeQueues }) => readQueues !== writeQueues)
    .map((of) => `${of.brokerName} reads ${of.readQueues} and writes ${of.writeQueues}`);
  const closedText = (permission: string) => (permission === 'none' ? 'is closed' : `only ${permission}`);
  const closed = routes
    ?.filter(({ permission }) => permission !== 'rw')
    .map(({ brokerName, permission }) => `${brokerName} ${closedText(permission)}`);
  const facts = {
    kind: topic?.kind,
    queuesDiffer: list(unlike),
    notOpenOn: list(closed),
    mastersWithout:
      routes && list([...masters].filter((master) => !routes.some(({ brokerName }) => brokerName === master))),
  };
  return factsFrom(facts, `topic ${name}`, (fact) => unread(`the cluster did not report ${fact} of topic ${name}`));
}

export function groupSubjects({ snapshot }: CheckedCluster): Subject[] {
  return (snapshot?.rocketmq?.groups ?? []).map(({ name, subscriptionConflicts, clientVersions }) => ({
    on: 'group',
    id: name,
    sources: {
      group: factsFrom(
        { subscriptionConflicts: list(subscriptionConflicts), clientVersions: clientVersions.length },
        `group ${name}`,
        (fact) => unread(`the brokers did not report ${fact} of group ${name}`),
      ),
    },
    names: { id: name },
  }));
}
