// Finds out which topics a redline may give more queues, and why it leaves the others.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/get-all-topic-config.ts';
import { isClientGroup, isOrdered } from '../broker-group.ts';
import { hasLateType, holdsLateMessages } from '../late-messages.ts';

export interface Reader {
  group: string;
  isOnline: boolean;
  isBroadcasting: boolean;
  isOrderly: boolean;
}

/** @returns why a topic is left, or undefined */
export async function reasonToLeave(
  desk: ChangeDesk,
  address: string,
  topic: TopicDefinition,
  readers: readonly Reader[],
  io: Io,
): Promise<string | undefined> {
  return (
    reasonOfShape(topic, readers) ?? ((await holdsLateMessages(desk, address, topic, io)) ? lateMessages : undefined)
  );
}

const lateMessages = 'it has delayed or transactional messages, which would still arrive in queues that are removed';

function reasonOfShape(
  topic: Pick<TopicDefinition, 'order' | 'attributes' | 'isStatic'>,
  readers: readonly Reader[],
): string | undefined {
  if (isOrdered(topic)) return 'it is an ordered topic: with another number of queues a key moves to another queue';
  if (topic.isStatic === true) return 'it is a static topic, whose queues are mapped to brokers';
  if (hasLateType(topic)) return lateMessages;
  for (const { group, isOnline, isBroadcasting, isOrderly } of readers) {
    if (isOrderly)
      return `group ${group} reads it in order: with another number of queues a key moves to another queue`;
    const ignore = `(--ignore-group ${group})`;
    if (!isOnline) return `group ${group} has no client online and would not read the removed queues ${ignore}`;
    if (isBroadcasting) return `group ${group} reads it as a broadcast, so what it has read is unknown ${ignore}`;
  }
  return undefined;
}

/** @param ignoredGroups left out. @returns the groups that read each topic at this broker, or did so before */
export async function readersAt(
  desk: ChangeDesk,
  address: string,
  ignoredGroups: readonly string[],
  io: Io,
): Promise<ReadonlyMap<string, readonly Reader[]>> {
  const readers = new Map<string, Reader[]>();
  const add = (topic: string, reader: Reader) => readers.set(topic, [...(readers.get(topic) ?? []), reader]);
  const commits = await desk.commits(address, io);
  const groups = (await desk.groups(address, io)).filter(
    ({ name }) => isClientGroup(name) && !ignoredGroups.includes(name),
  );
  for (const { name: group, definition } of groups) {
    const online = await desk.connections(address, group, io);
    const committed = commits.filter((each) => each.group === group).map(({ topic }) => topic);
    if (online.kind === 'offline') {
      for (const topic of committed) add(topic, { group, isOnline: false, isBroadcasting: false, isOrderly: false });
      continue;
    }
    const [client] = online.clients;
    const isOrderly =
      /"consumeMessageOrderly":true/.test(definition) ||
      (client !== undefined && (await desk.isOrderly(address, group, client.clientId, io)) === true);
    const isBroadcasting = online.messageModel === 'broadcasting';
    for (const topic of Object.keys(online.subscriptions))
      add(topic, { group, isOnline: true, isBroadcasting, isOrderly });
    // It no longer reads what it committed once.
  }
  return readers;
}
