// Builds the rows of brokers, topics and groups for pages from the last reading.

import { detailsOf, reportedBy } from '../../brokers/reported.ts';
import type { ClusterSnapshot, GroupSnapshot, Section } from '../../brokers/snapshot.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import type { Topic } from '../../core/cluster.ts';
import type { BrokerRow, GroupRow, PartitionFaults, TopicRow } from '../../dashboards/web/cluster/cluster-view.ts';
import type { LagTimes } from '../../exporter/lag/lag-times.ts';
import type { InstanceWatch } from '../instances/instance-watch.ts';
import type { BrokerPresence, KnownBroker } from './broker-presence.ts';
import { groupLag } from './group-lag.ts';
import type { ClusterTraffic } from './traffic.ts';
import { defined } from '../../core/defined.ts';

/** Returns a row for each broker; a lost broker keeps its row, without rates, and comes first. */
export function brokerRows(
  snapshot: ClusterSnapshot | undefined,
  { lost }: Pick<BrokerPresence, 'lost'>,
  traffic: ClusterTraffic | undefined,
  analysis: Analysis | undefined,
): BrokerRow[] {
  const rows = snapshot === undefined ? [] : listedRows(snapshot, traffic, analysis);
  const listed = rows.map((row) => (lost.some((each) => isSame(each, row)) ? lostRow(row, lost) : row));
  const unlisted = lost.filter((each) => !rows.some((row) => isSame(each, row)));
  const all = [...listed, ...unlisted.map((each) => lostRow(each, lost))];
  return all.toSorted((one, other) => Number(one.answers !== false) - Number(other.answers !== false));
}

/** When a DLedger group elects a leader, a RocketMQ id can move to a broker at another address. */
const isSame = (one: Pick<KnownBroker, 'id' | 'address'>, other: Pick<KnownBroker, 'id' | 'address'>) =>
  one.id === other.id && (one.address === undefined || one.address === other.address);

function lostRow({ id, address, ...of }: Partial<BrokerRow> & KnownBroker, lost: readonly KnownBroker[]): BrokerRow {
  const { lastSeenMs } = lost.find((each) => isSame(each, { id, ...(address !== undefined && { address }) })) ?? {};
  const { group, role, version } = of;
  const lastSeenAt = lastSeenMs === undefined ? undefined : new Date(lastSeenMs).toISOString();
  return defined({ id, group, role, address, version, answers: false, lastSeenAt });
}

function listedRows(
  snapshot: ClusterSnapshot,
  traffic: ClusterTraffic | undefined,
  analysis: Analysis | undefined,
): BrokerRow[] {
  const { cluster, sections, certificates } = snapshot;
  return cluster.brokers.map(({ id, address }) => {
    const { group, runtime, ...own } = reportedBy(snapshot).broker(snapshot, id);
    const version = runtime === undefined ? cluster.version : own.version;
    const { safeTps, limitedBy } = analysis?.perBroker.find(({ broker }) => broker === id) ?? {};
    const answers = answersOf(sections.filter(({ broker }) => broker === id));
    const expiresAtMs = certificates?.find((each) => each.address === address)?.expiresAtMs;
    const certificateExpiresAt = expiresAtMs === undefined ? undefined : new Date(expiresAtMs).toISOString();
    const role = own.role ?? (id === cluster.controllerId ? ('controller' as const) : undefined);
    return {
      id,
      address,
      ...defined({ group, role, version, answers, certificateExpiresAt, safeTps, limitedBy }),
      ...traffic?.brokers.get(id),
      ...(runtime && daysOf(runtime)),
    };
  });
}

export function withInstance(row: BrokerRow, cluster: string, instances: InstanceWatch | undefined): BrokerRow {
  const instance = instances?.last()?.instances.find((each) => each.cluster === cluster && each.broker === row.id);
  return { ...row, ...(instance && { instance }) };
}

/** Topics of the brokers themselves come last. */
export function partitionFaults(snapshot: ClusterSnapshot | undefined): PartitionFaults | undefined {
  if (snapshot === undefined) return undefined;
  const { topics } = snapshot;
  const ownLast = topics.toSorted((one, other) => Number(one.internal) - Number(other.internal));
  const partitions = ownLast.flatMap((topic) => topic.partitions);
  const lost = partitions.filter(({ leader }) => leader === undefined);
  const isBehind = ({ replicas, inSyncReplicas, unknownReplicas = [] }: Topic['partitions'][number]) =>
    inSyncReplicas.length + unknownReplicas.length < replicas.length;
  const underReplicated = partitions.filter((each) => each.leader !== undefined && isBehind(each)).length;
  if (lost.length === 0 && underReplicated === 0) return undefined;
  const topicsLost = [...new Set(lost.map(({ topic }) => topic))];
  return {
    all: partitions.length,
    withoutLeader: lost.length,
    topics: topicsLost,
    underReplicated,
    atMinimum: mostAtMinimum(snapshot),
  };
}

/** Partitions with fewer in-sync replicas than replicas that reject acks=all after the loss of any in-sync one, by its broker. */
export function partitionsAtMinimum(snapshot: ClusterSnapshot): Map<string, number> {
  const configs = detailsOf(snapshot).topicConfigs ?? [];
  const minimums = new Map(configs.map(({ topic, minInSyncReplicas }) => [topic, minInSyncReplicas]));
  const counts = new Map<string, number>();
  for (const { topic, replicas, inSyncReplicas } of snapshot.topics.flatMap(({ partitions }) => partitions)) {
    const inSync = inSyncReplicas.length;
    if (inSync !== minimums.get(topic) || inSync >= replicas.length) continue;
    for (const id of inSyncReplicas) counts.set(id, 1 + (counts.get(id) ?? 0));
  }
  return counts;
}

export const mostAtMinimum = (snapshot: ClusterSnapshot): number =>
  Math.max(0, ...partitionsAtMinimum(snapshot).values());

/** @returns undefined if the reading was skipped, or is not made separately */
function answersOf(own: readonly Section[]): boolean | undefined {
  const attempted = own.filter(({ kind }) => kind !== 'skipped');
  return attempted.length === 0 ? undefined : attempted.some(({ kind }) => kind === 'fresh');
}

/**
 * Computes daily counts from counters since boot, as recorded at two midnights: 0 at the last midnight means that the
 * broker did not exist the day before, or had no messages.
 */
function daysOf(runtime: ReadonlyMap<string, string>): Pick<BrokerRow, 'today' | 'yesterday'> {
  const at = (key: string) => {
    const text = runtime.get(key);
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
  };
  const between = (from: number | undefined, to: number | undefined) =>
    from === undefined || to === undefined || to < from ? undefined : to - from;
  const counts = (of: string) => ({
    today: between(at(`msg${of}TotalTodayMorning`), at(`msg${of}TotalTodayNow`)),
    yesterday: between(at(`msg${of}TotalYesterdayMorning`), at(`msg${of}TotalTodayMorning`) || undefined),
  });
  const [put, get] = [counts('Put'), counts('Get')];
  const day = (which: 'today' | 'yesterday') => defined({ produced: put[which], consumed: get[which] });
  return { today: day('today'), yesterday: day('yesterday') };
}

/** Returns a row for each topic except internal topics of the cluster. */
export function topicRows(snapshot: ClusterSnapshot | undefined, traffic: ClusterTraffic | undefined): TopicRow[] {
  if (snapshot === undefined) return [];
  const details = detailsOf(snapshot);
  const kinds = new Map(details.topics?.map((each) => [each.name, each]));
  const stored = new Map<string, number>();
  for (const { topic, bytes } of details.topicSizes ?? []) stored.set(topic, (stored.get(topic) ?? 0) + Number(bytes));
  return snapshot.topics
    .filter(({ internal }) => !internal)
    .map(({ name, partitions }: Topic) => {
      const { kind, messageType } = kinds.get(name) ?? {};
      return {
        name,
        partitions: partitions.length,
        ...defined({ kind, messageType, storedBytes: stored.get(name) }),
        ...traffic?.topics.get(name),
      };
    });
}

/** @param shares by name; rows without a share show none */
export function withShares<Row extends { name: string; share?: number }>(
  rows: readonly Row[],
  shares: ReadonlyMap<string, number> | undefined,
): Row[] {
  return rows.map((row) => {
    const share = shares?.get(row.name);
    return share === undefined ? row : { ...row, share };
  });
}

/** Costly, because the lag of a group is summed over its partitions: call only for rows that are shown or sorted by lag. */
export function groupRow(
  group: GroupSnapshot,
  snapshot: ClusterSnapshot,
  traffic: ClusterTraffic | undefined,
  lagTimes: LagTimes | undefined,
): GroupRow {
  const { clientVersions = [] } = detailsOf(snapshot).groups?.find(({ name }) => name === group.name) ?? {};
  const { messages: lag, seconds: lagSeconds } = groupLag(group, lagTimes);
  const consumeTps = traffic?.groups.get(group.name)?.consumeTps;
  const { name, state, members, kind } = group;
  return defined({ name, clientVersions, state, members, kind, lag, lagSeconds, consumeTps });
}
