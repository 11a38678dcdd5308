// Deletes a RocketMQ subscription group with its offsets, its retry topic and its dead-letter topic, while no member is connected.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import { AppError } from '../../../core/errors.ts';
import { countText } from '../../../core/text/quantity-text.ts';
import { seconds } from '../../../core/units.ts';
import { finding, findingIf, named, type PlannedChange } from '../../change/change-kind.ts';
import { listMasters, type RocketmqChangeKind, type RocketmqTools } from '../administration.ts';
import { isClientGroup, masterOf, queuesOfTopics } from '../broker-group.ts';
import { groupAt } from './define-group.ts';

export const DeleteGroupFacts = z.strictObject({
  group: z.string(),
  brokers: z.array(z.strictObject({ brokerName: z.string(), address: z.string() })),
});
export type DeleteGroupFacts = z.infer<typeof DeleteGroupFacts>;

const topicsOf = (group: string) => [`%RETRY%${group}`, `%DLQ%${group}`];

/** @throws AppError not-found, usage, broker-unreachable */
export async function planDeleteGroup(
  { admin, known }: RocketmqTools,
  group: string,
  io: Io,
): Promise<PlannedChange<DeleteGroupFacts>> {
  if (!isClientGroup(group))
    throw new AppError('usage', `${group} is an internal group of RocketMQ: it is not deleted`);
  const { masters, findings } = await listMasters({ admin, known }, [], io);
  const brokers: DeleteGroupFacts['brokers'][number][] = [];
  const clients = new Set<string>();
  const committed = new Set<string>();
  let unread = 0n;
  for (const { brokerName, address } of masters) {
    const commits = (await admin.commits(address, io)).filter((each) => each.group === group);
    if ((await groupAt(admin, address, group, io)) === undefined && commits.length === 0) continue;
    brokers.push({ brokerName, address });
    for (const { topic } of commits) committed.add(topic);
    for (const client of await clientsAt(admin, address, group, io)) clients.add(client);
    const own = (await admin.topics(address, io)).filter(({ name }) => topicsOf(group).includes(name));
    const queues = queuesOfTopics(own);
    const [starts, ends] = [await admin.starts(address, queues, io), await admin.ends(address, queues, io)];
    unread += ends.reduce((sum, end, index) => sum + end - (starts[index] ?? 0n), 0n);
  }
  if (brokers.length === 0) {
    throw new AppError('not-found', `no broker has a group ${group}`, {
      hint: '`plimsoll get groups` lists the groups',
    });
  }
  const topics = [...committed].filter((topic) => !topic.startsWith('%')).toSorted();
  return {
    subject: group,
    facts: { group, brokers },
    findings: [
      ...findings,
      ...(clients.size === 0
        ? []
        : [finding('critical', 'group-online', `group ${group} has members: ${named([...clients])}; stop them first`)]),
      finding(
        'info',
        'what-is-lost',
        `lost: the offsets of ${group} in ${topics.length === 0 ? 'no topic' : named(topics)}, and the messages in its retry and dead-letter topics (${countText(Number(unread))})`,
      ),
      ...findingIf(
        topics.length > 0,
        'info',
        'backup',
        `\`plimsoll ops offsets backup --group ${group}\` saves the offsets; a group that is created again can be restored from it`,
      ),
    ],
    holds: [],
  };
}

export const deleteGroup: RocketmqChangeKind<DeleteGroupFacts> = {
  name: 'delete-group',
  facts: DeleteGroupFacts,

  steps: ({ group, brokers }, { admin }) => [
    {
      id: 'delete-group',
      by: 'plimsoll',
      description: `delete group ${group}, its offsets and its topics ${topicsOf(group).join(' and ')}`,
      pause: seconds(1),
      async run(io) {
        const addresses: string[] = [];
        for (const { brokerName, address: known } of brokers) {
          const address = await masterOf(admin, brokerName, io, known);
          const clients = await clientsAt(admin, address, group, io);
          if (clients.length > 0) {
            throw new AppError('change-refused', `group ${group} is not deleted: ${named(clients)} joined it`, {
              hint: 'stop its members first',
            });
          }
          addresses.push(address);
        }
        for (const address of addresses) {
          await admin.deleteGroup(address, group, io);
          for (const topic of topicsOf(group)) await admin.deleteTopic(address, topic, io);
        }
        for (const server of admin.namesrv) {
          for (const topic of topicsOf(group)) await admin.forgetTopic(server, topic, io);
        }
        return { kind: 'done', evidence: brokers.map(({ brokerName }) => `deleted on ${brokerName}`) };
      },
      undo: { none: 'messages in the retry and dead-letter topics are lost; offsets can be restored from a backup' },
    },
  ],
};

async function clientsAt(admin: RocketmqTools['admin'], address: string, group: string, io: Io): Promise<string[]> {
  const clients = await admin.connections(address, group, io);
  return clients.kind === 'online' ? clients.clients.map(({ clientId }) => clientId) : [];
}
