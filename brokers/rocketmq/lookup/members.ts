// Lists the members of a group, their clients and their queues, as reported by the brokers.

import { AppError, faultOf } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import { askSome } from '../../ask-each.ts';
import type { Io } from '../../driver.ts';
import { conflictNotice, type GroupMember, type GroupMembers } from '../../lookup.ts';
import { conflictingTopics } from '../inspect/group-clients.ts';
import { pipelined } from '../../pipelined.ts';
import {
  encodeGetConsumerConnections,
  type ConsumerConnections,
  encodeGetConsumerRunningInfo,
  type ConsumerRunningInfo,
} from '../protocol/client-requests.ts';
import type { BrokerLink } from '../inspect/broker-link.ts';

/** Limit of members, because each request blocks a thread of the broker until the client answers. */
const mostMembers = 50;
const atOnce = 4;
/** Timeout of a broker, which answers from memory. */
const within = seconds(3);

interface Online {
  client: Extract<ConsumerConnections, { kind: 'online' }>['clients'][number];
  link: BrokerLink;
}

/** @param links one broker of each name. @throws AppError when none of them answers */
export async function readMembers(
  links: readonly BrokerLink[],
  group: string,
  io: Io,
  { stacks = false }: { stacks?: boolean } = {},
): Promise<GroupMembers> {
  const connections = encodeGetConsumerConnections(group);
  const { answers, notices } = await askSome(
    links,
    async (link) => ({ link, answer: await link.ask(connections, { ...io, within }) }),
    io,
  );
  if (answers.length === 0) throw new AppError('broker-unreachable', 'no name server lists a broker');
  const online = new Map<string, Online>();
  const whole = new Map<string, string>();
  for (const { link, answer } of answers) {
    if (answer.kind === 'offline') continue;
    for (const client of answer.clients)
      if (!online.has(client.clientId)) online.set(client.clientId, { client, link });
    for (const [topic, expression] of Object.entries(answer.subscriptions)) whole.set(topic, expression);
  }

  const sampled = [...online.values()].slice(0, mostMembers);
  const infos = new Map<string, ConsumerRunningInfo>();
  await pipelined(sampled, atOnce, async ({ client: { clientId }, link }) => {
    try {
      const request = encodeGetConsumerRunningInfo({ group, clientId, stacks });
      infos.set(clientId, await link.ask(request, io));
    } catch (cause) {
      faultOf(cause, io);
    }
  });
  const members = Array.from(online.values(), ({ client }) => memberOf(client, infos.get(client.clientId)));
  const silent = sampled.length - infos.size;
  if (silent > 0) {
    const expressions = [...whole].map(([topic, expression]) => `${topic} ${expression}`).join(', ');
    notices.push(
      `${silent} of ${online.size} members did not report their subscription (only Java clients of the remoting protocol do); the broker has for the group: ${expressions}`,
    );
  }
  if (online.size > mostMembers) {
    notices.push(`${online.size - mostMembers} more members: subscription not read`);
  }
  const conflicts = conflictingTopics([...infos.values()].map(({ subscriptions }) => subscriptions));
  if (conflicts.length === 0) return { members, notices };
  return { members, conflicts, notices: [...notices, conflictNotice(conflicts)] };
}

function memberOf({ clientId, ...client }: Online['client'], info: ConsumerRunningInfo | undefined): GroupMember {
  return {
    id: clientId,
    clientId,
    ...client,
    ...(info !== undefined && {
      subscriptions: info.subscriptions,
      assigned: info.queues.map(({ queueId, ...queue }) => ({ ...queue, partition: queueId })),
      consumption: info.consumption,
      ...(info.stacks !== undefined && { stacks: info.stacks }),
    }),
  };
}
