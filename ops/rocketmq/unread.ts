// Lists the groups with unread messages on a broker; reads commits before ends, so that no false lag shows.

import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk, QueueRef } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { findingIf, named } from '../change/change-kind.ts';
import { isClientGroup, queueKey } from './broker-group.ts';

export interface Unread {
  group: string;
  topic: string;
  messages: bigint;
  /** Clients of the group at this broker; none means that the group is offline. */
  clients: readonly string[];
}

/** @param queues of topics that groups read. @param ignoredGroups left out. @returns those with messages that they have not committed past */
export async function readUnread(
  desk: ChangeDesk,
  address: string,
  queues: readonly QueueRef[],
  io: Io,
  ignoredGroups: readonly string[] = [],
): Promise<Unread[]> {
  const commits = await desk.commits(address, io);
  const groups = (await desk.groups(address, io)).map(({ name }) => name).filter(isClientGroup);
  const ends = await desk.ends(address, queues, io);
  const starts = await desk.starts(address, queues, io);
  const ranges = new Map(
    queues.map((queue, index) => [queueKey(queue), { start: starts[index] ?? 0n, end: ends[index] ?? 0n }]),
  );
  const wanted = new Map<string, { group: string; topic: string; byQueue: ReadonlyMap<number, bigint> }>();
  for (const { topic, group, byQueue } of commits) {
    if (groups.includes(group)) wanted.set(`${topic} ${group}`, { group, topic, byQueue });
  }
  const clientsOf = new Map<string, readonly string[]>();
  for (const group of groups) {
    const online = await desk.connections(address, group, io);
    clientsOf.set(group, online.kind === 'online' ? online.clients.map(({ clientId }) => clientId) : []);
    // What every client has for itself is known to the clients alone.
    if (online.kind === 'offline' || online.messageModel === 'broadcasting') continue;
    for (const topic of Object.keys(online.subscriptions)) {
      const key = `${topic} ${group}`;
      if (!wanted.has(key)) wanted.set(key, { group, topic, byQueue: new Map() });
    }
  }
  return [...wanted.values()]
    .map(({ group, topic, byQueue }) => {
      const own = queues.filter((queue) => queue.topic === topic);
      return { group, topic, messages: unreadOf(own, ranges, byQueue), clients: clientsOf.get(group) ?? [] };
    })
    .filter(({ group, messages }) => messages > 0n && !ignoredGroups.includes(group));
}

/** What a member of such a group has read is known to that member alone. @param topics that they read */
export async function broadcastFindings(
  desk: Pick<ChangeDesk, 'groups' | 'connections'>,
  addresses: readonly string[],
  topics: readonly string[],
  io: Io,
): Promise<Finding[]> {
  const found = new Set<string>();
  for (const address of addresses) {
    for (const { name } of (await desk.groups(address, io)).filter((group) => isClientGroup(group.name))) {
      const online = await desk.connections(address, name, io);
      if (online.kind === 'offline' || online.messageModel !== 'broadcasting') continue;
      if (topics.some((topic) => topic in online.subscriptions)) found.add(name);
    }
  }
  return findingIf(found.size > 0, 'warning', 'broadcast-not-counted', {
    en: `${named([...found])} consume in broadcast mode: their members keep their offsets themselves, so unread messages cannot be counted; check that they have read everything`,
    zh: `${named([...found], 5, 'zh')} 为广播消费：位点由各成员自行保存，无法统计未读消息；请确认它们已全部读取`,
  });
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
