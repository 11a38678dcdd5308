// Computes produce and consume rates of a cluster between two readings. Data missing in either reading is unknown.

import { areCommitsFresh } from '../../brokers/delta/commit-growth.ts';
import { counterGrowth } from '../../brokers/delta/counter-growth.ts';
import { logGrowth, type KnownLogs } from '../../brokers/delta/log-growth.ts';
import { partitionKey } from '../../brokers/delta/partition-key.ts';
import { readingTimes } from '../../brokers/delta/reading-times.ts';
import { detailsOf } from '../../brokers/reported.ts';
import type { ClusterSnapshot, Lags } from '../../brokers/snapshot.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { ClusterTraffic } from './traffic.ts';

export interface ObservedSnapshot {
  at: Date;
  /** Time from a monotonic clock. */
  atSeconds: number;
  snapshot: ClusterSnapshot;
  /** Log end offsets known from this and earlier snapshots. */
  logs: KnownLogs;
}

interface Rates {
  produceTps?: number;
  consumeTps?: number;
}

/**
 * Produced messages are the growth of partition end offsets, without internal topics; consumed messages are the growth
 * of committed offsets. The growth of a new or re-created topic counts from the next reading. Counters of RocketMQ
 * brokers give the messages they delivered; and the stored ones only if offsets are missing, because they count a
 * returned or delayed message again.
 */
export function trafficBetween(before: ObservedSnapshot, after: ObservedSnapshot): ClusterTraffic {
  const seconds = after.atSeconds - before.atSeconds;
  const topics = new Map<string, Rates>();
  const brokers = new Map<string, Rates>();
  const groups = new Map<string, { consumeTps: number; topics: ReadonlyMap<string, number> }>();
  const traffic = { at: after.at, seconds, topics, brokers, groups };
  if (!(seconds > 0)) return traffic;
  const leaders = leadersOf(after.snapshot);
  const unread = new Set([...unreadBrokers(before.snapshot, 'offsets'), ...unreadBrokers(after.snapshot, 'offsets')]);
  const produced = producedBetween(before, after, leaders);
  for (const [topic, produceTps] of produced.topics) topics.set(topic, { produceTps });
  const { cluster } = after.snapshot;
  const canAllLead = traitsOf(cluster.kind).copies === 'any-broker';
  for (const { id } of cluster.brokers) {
    const isLeader = produced.brokers.has(id) || canAllLead;
    if (isLeader && !unread.has(id)) brokers.set(id, { produceTps: produced.brokers.get(id) ?? 0 });
  }
  const internal = new Set(after.snapshot.topics.filter((topic) => topic.internal).map(({ name }) => name));
  for (const [group, consumed] of consumedBetween(before, after)) {
    for (const topic of internal) consumed.delete(topic);
    if (consumed.size === 0) continue;
    let all = 0;
    const read = new Map<string, number>();
    for (const [topic, messages] of consumed) {
      all += messages;
      read.set(topic, messages / seconds);
      const { consumeTps = 0, ...rest } = topics.get(topic) ?? {};
      topics.set(topic, { ...rest, consumeTps: consumeTps + messages / seconds });
    }
    groups.set(group, { consumeTps: all / seconds, topics: read });
  }
  for (const [id, rates] of ratesByBroker(before, after)) {
    brokers.set(id, { ...rates, ...brokers.get(id) });
  }
  const isWhole =
    leaders.size > 0
      ? !new Set(leaders.values()).keys().some((leader) => unread.has(leader))
      : isKnownEmpty(before.snapshot) && isKnownEmpty(after.snapshot);
  const isUnreadCommit = ({ snapshot: { sections, cluster } }: ObservedSnapshot) =>
    sections.some(isUnread('commits')) ||
    (traitsOf(cluster.kind).commitsAt !== 'any-broker' && sections.some(isUnread('offsets')));
  const areCommitsRead =
    groups.size > 0 && [before, after].every((each) => !isUnreadCommit(each) && areCommitsFresh(each.snapshot));
  return {
    ...traffic,
    ...(isWhole && { produceTps: sum(produced.topics.values()) }),
    ...(areCommitsRead && { consumeTps: sum(groups.values().map(({ consumeTps }) => consumeTps)) }),
  };
}

const sum = (values: Iterable<number>) => Iterator.from(values).reduce((total, value) => total + value, 0);

const isUnread =
  (name: string) =>
  ({ section, kind }: ClusterSnapshot['sections'][number]) =>
    section === name && kind !== 'fresh';

const unreadBrokers = ({ sections }: ClusterSnapshot, name: string) =>
  sections.filter(isUnread(name)).flatMap(({ broker }) => broker ?? []);

/** Without topics that producers send to, nothing is produced; but an incomplete reading may miss such topics. */
const isKnownEmpty = ({ cluster, sections }: ClusterSnapshot) =>
  cluster.brokers.length > 0 && sections.every(({ kind }) => kind === 'fresh' || kind === 'skipped');

/** Leaders of the partitions that producers send to; a partition without a leader accepts no messages. */
function leadersOf(snapshot: ClusterSnapshot): ReadonlyMap<string, string> {
  const leaders = new Map<string, string>();
  // Consumers, not producers, send messages to retry and dead-letter topics.
  const { topics: known = [] } = detailsOf(snapshot);
  const handedBack = new Set(
    known.filter(({ kind }) => kind === 'retry' || kind === 'dead-letter').map(({ name }) => name),
  );
  for (const { name, partitions, internal } of snapshot.topics) {
    if (internal || handedBack.has(name)) continue;
    for (const each of partitions) if (each.leader !== undefined) leaders.set(partitionKey(each), each.leader);
  }
  return leaders;
}

/** Messages per second by topic and by leader; without topics that were read only partly. */
function producedBetween(before: ObservedSnapshot, after: ObservedSnapshot, leaders: ReadonlyMap<string, string>) {
  const topics = new Map<string, number>();
  const brokers = new Map<string, number>();
  const unread = new Set<string>();
  for (const growth of logGrowth(before.logs, after.logs)) {
    const leader = leaders.get(partitionKey(growth));
    if (leader === undefined) continue;
    if (growth.kind === 'unknown') {
      if (growth.reason === 'not-read') unread.add(growth.topic);
      continue;
    }
    const tps = growth.messages / growth.seconds;
    topics.set(growth.topic, (topics.get(growth.topic) ?? 0) + tps);
    brokers.set(leader, (brokers.get(leader) ?? 0) + tps);
  }
  for (const topic of unread) topics.delete(topic);
  return { topics, brokers };
}

/**
 * Compares commits in their columns, because `observeCommits` creates an object for each, and there may be millions.
 *
 * @returns messages by group and topic, of groups whose commits were all read; a commit that decreased was reset and
 *   counts as 0
 */
function consumedBetween(before: ObservedSnapshot, after: ObservedSnapshot): Map<string, Map<string, number>> {
  const earlier = new Map(before.snapshot.groups.map((group) => [group.name, group]));
  const times = [readingTimes(before, 'commits'), readingTimes(after, 'commits')];
  const consumed = new Map<string, Map<string, number>>();
  for (const { name, partitions, commitsAgeSeconds } of after.snapshot.groups) {
    const known = earlier.get(name);
    if (known === undefined || commitsAgeSeconds !== undefined || known.commitsAgeSeconds !== undefined) continue;
    const inColumns = columnGrowth(known.partitions, partitions);
    if (inColumns !== undefined) {
      const isFresh = times.every((timeOf) => timeOf({ brokerName: undefined }).isFresh);
      if (isFresh && inColumns.size > 0) consumed.set(name, inColumns);
      continue;
    }
    const commits = new Map(Array.from(known.partitions, (each) => [partitionKey(each), each.committed]));
    const topics = new Map<string, number>();
    let isWhole = true;
    for (const each of partitions) {
      const [from, to] = [commits.get(partitionKey(each)), each.committed];
      if (from === undefined || to === undefined || to < from) continue;
      isWhole &&= times.every((timeOf) => timeOf({ brokerName: each.brokerName }).isFresh);
      topics.set(each.topic, (topics.get(each.topic) ?? 0) + Number(to - from));
    }
    if (isWhole && topics.size > 0) consumed.set(name, topics);
  }
  return consumed;
}

/** @returns messages by topic; undefined unless both readings store commits in columns, which avoids an object for each */
function columnGrowth(before: Lags, after: Lags): Map<string, number> | undefined {
  const [earlier, later] = [before.committed?.(), after.committed?.()];
  if (earlier === undefined || later === undefined) return undefined;
  const known = new Map(Array.from(earlier, (each) => [each.topic, each]));
  const topics = new Map<string, number>();
  for (const { topic, partitions, committed } of later) {
    const columns = known.get(topic);
    if (columns === undefined) continue;
    const places = new Map(Array.from(columns.partitions, (partition, index) => [partition, index]));
    for (const [index, to] of committed.entries()) {
      const from = columns.committed[places.get(partitions[index] ?? -1) ?? -1];
      if (from === undefined || to < from) continue;
      topics.set(topic, (topics.get(topic) ?? 0) + distance(from, to));
    }
  }
  return topics;
}

const distance = (from: number | bigint, to: number | bigint): number =>
  typeof from === 'number' && typeof to === 'number' ? to - from : Number(BigInt(to) - BigInt(from));

/** Yields rates from RocketMQ's counters. */
function* ratesByBroker(before: ObservedSnapshot, after: ObservedSnapshot): Iterable<[string, Rates]> {
  for (const { id, role } of after.snapshot.rocketmq?.brokers ?? []) {
    const growth = counterGrowth(before, after, id);
    if (growth === undefined) continue;
    const { messagesIn, messagesOut } = growth.counters;
    yield [
      id,
      {
        ...(role !== 'slave' && messagesIn !== undefined && { produceTps: messagesIn / growth.seconds }),
        ...(messagesOut !== undefined && { consumeTps: messagesOut / growth.seconds }),
      },
    ];
  }
}
