// Lists groups with unread messages on a broker; reads commits before end offsets, which avoids false lag.

import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk, QueueRef } from '../../brokers/rocketmq/changes/change-desk.ts';
import { isLiteTopic } from '../../brokers/rocketmq/protocol/lite-requests.ts';
import type { TopicDefinition } from '../../brokers/rocketmq/protocol/topic-requests.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { findingIf } from '../change/change-kind.ts';
import { named } from '../../core/text/bilingual.ts';
import { isClientGroup, queueKey, queuesOfTopics } from './broker-group.ts';

export interface Unread {
  group: string;
  topic: string;
  messages: bigint;
  /** Clients of the group on this broker; empty if the group is offline. */
  clients: readonly string[];
}

/** A group that has committed in a topic. */
export interface Reader {
  group: string;
  topic: string;
}

/** @param queues of topics that groups read. @param ignoredGroups are skipped. @returns groups with uncommitted messages */
export const readUnread = async (...of: Parameters<typeof readReaders>): Promise<Unread[]> =>
  (await readReaders(...of)).unread;

/**
 * Like `readUnread`, and returns groups in broadcast mode, whose members alone know what they have read.
 *
 * @param elsewhere readers at other brokers: offline ones have no commit on a broker that was added since
 */
export async function readReaders(
  desk: ChangeDesk,
  address: string,
  queues: readonly QueueRef[],
  io: Io,
  ignoredGroups: readonly string[] = [],
  elsewhere: readonly Reader[] = [],
): Promise<{ unread: Unread[]; broadcasting: string[] }> {
  const commits = await desk.commits(address, io);
  const groups = (await desk.groups(address, io)).map(({ name }) => name).filter(isClientGroup);
  const ranges = await rangesOf(desk, address, queues, io);
  const wanted = new Map<string, { group: string; topic: string; byQueue: ReadonlyMap<number, bigint> }>();
  for (const { topic, group, byQueue } of commits) {
    if (groups.includes(group)) wanted.set(`${topic} ${group}`, { group, topic, byQueue });
  }
  const clientsOf = new Map<string, readonly string[]>();
  const read = new Set(queues.map(({ topic }) => topic));
  const broadcasting: string[] = [];
  for (const group of groups) {
    const online = await desk.connections(address, group, io);
    clientsOf.set(group, online.kind === 'online' ? online.clients.map(({ clientId }) => clientId) : []);
    if (online.kind === 'offline') continue;
    const topics = Object.keys(online.subscriptions);
    if (online.messageModel === 'broadcasting') {
      if (topics.some((topic) => read.has(topic))) broadcasting.push(group);
      continue;
    }
    for (const topic of topics) {
      const key = `${topic} ${group}`;
      if (!wanted.has(key)) wanted.set(key, { group, topic, byQueue: new Map() });
    }
  }
  for (const { group, topic } of elsewhere) {
    const key = `${topic} ${group}`;
    if (!wanted.has(key) && !broadcasting.includes(group)) wanted.set(key, { group, topic, byQueue: new Map() });
  }
  const unread = [...wanted.values()]
    .map(({ group, topic, byQueue }) => {
      const own = queues.filter((queue) => queue.topic === topic);
      return { group, topic, messages: unreadOf(own, ranges, byQueue), clients: clientsOf.get(group) ?? [] };
    })
    .filter(({ group, messages }) => messages > 0n && !ignoredGroups.includes(group));
  return { unread, broadcasting };
}

/**
 * Lite topics (5.5) have no queues that are listed. @param topics of the broker
 * @returns groups with unread messages in those where they committed, and groups bound to a topic with lite topics
 *   where no group has committed
 */
export async function readUnreadLite(
  desk: ChangeDesk,
  address: string,
  topics: readonly TopicDefinition[],
  io: Io,
  ignoredGroups: readonly string[],
): Promise<Unread[]> {
  const lite = (await desk.commits(address, io)).filter(({ topic }) => isLiteTopic(topic));
  const ignored = new Set(ignoredGroups);
  const committed = new Set(lite.map(({ group }) => group)).difference(ignored);
  // Commits of a deleted group may remain, and the request would create it again.
  const groups = new Set((await desk.groups(address, io)).map(({ name }) => name));
  const unread: Omit<Unread, 'clients'>[] = [];
  for (const group of committed.intersection(groups)) {
    const lag = await desk.liteLag(address, group, io);
    if (lag === undefined || lag.messages === 0) continue;
    unread.push({ group, topic: `${lag.topic} (lite topics)`, messages: BigInt(lag.messages) });
  }
  for (const parent of topics.filter(({ attributes }) => attributes['message.type'] === 'LITE')) {
    const { liteTopics, groups: bound } = await desk.liteTopics(address, parent.name, io);
    const read = new Set(lite.map(({ topic }) => topic).filter((topic) => isLiteTopic(topic, parent.name)));
    if (liteTopics <= read.size) continue;
    // A lite topic is counted also when its messages have expired; each message is in a queue of the parent, too.
    const queues = queuesOfTopics([parent]);
    const stored = unreadOf(queues, await rangesOf(desk, address, queues, io), new Map());
    if (stored === 0n) continue;
    const messages = BigInt(liteTopics - read.size);
    const topic = `${parent.name} (lite topics that no group has read, some possibly expired)`;
    unread.push(...[...new Set(bound).difference(ignored)].map((group) => ({ group, topic, messages })));
  }
  return await Array.fromAsync(unread, async (each) => {
    const online = await desk.connections(address, each.group, io);
    return { ...each, clients: online.kind === 'online' ? online.clients.map(({ clientId }) => clientId) : [] };
  });
}

export function broadcastFindings(groups: readonly string[]): Finding[] {
  const names = [...new Set(groups)];
  return findingIf(names.length > 0, 'warning', 'broadcast-not-counted', {
    en: `${named(names)} consume in broadcast mode: their members keep their offsets themselves, so unread messages cannot be counted; check that they have read everything`,
    zh: `${named(names, 5, 'zh')} 为广播消费：位点由各成员自行保存，无法统计未消费消息；请确认它们已全部消费`,
  });
}

async function rangesOf(desk: ChangeDesk, address: string, queues: readonly QueueRef[], io: Io) {
  const ends = await desk.ends(address, queues, io);
  const starts = await desk.starts(address, queues, io);
  return new Map(
    queues.map((queue, index) => [queueKey(queue), { start: starts[index] ?? 0n, end: ends[index] ?? 0n }]),
  );
}

function unreadOf(
  queues: readonly QueueRef[],
  ranges: ReadonlyMap<string, { start: bigint; end: bigint }>,
  committed: ReadonlyMap<number, bigint>,
): bigint {
  return queues.reduce((sum, queue) => {
    const { start, end } = ranges.get(queueKey(queue)) ?? { start: 0n, end: 0n };
    const from = committed.get(queue.queueId) ?? start;
    const first = from > start ? from : start;
    return first < end ? sum + (end - first) : sum;
  }, 0n);
}
