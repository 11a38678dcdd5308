// Plans a change of a topic's queue count and lists what prevents it, without changing anything.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/topic-requests.ts';
import { retryPrefix } from '../../../brokers/rocketmq/inspect/topic-kind.ts';
import { retentionHoursIn } from '../../../brokers/rocketmq/retention.ts';
import { staticTopic } from '../../../brokers/rocketmq/static-topic.ts';
import { AppError } from '../../../core/errors.ts';
import { roundedDurationText } from '../../../core/text/duration-text.ts';
import { meantHint } from '../../../core/text/nearest.ts';
import { clientTopics, isClientGroup, isOrdered, mastersIn } from '../broker-group.ts';
import { answering, findingsOfAllServers, ownNames, readListings } from '../listings.ts';
import type { Blocker } from '../../change/step.ts';
import { findingIf, oneFinding, type PlannedChange } from '../../change/change-kind.ts';
import { named } from '../../../core/text/bilingual.ts';
import { fieldsOf, groupAt } from '../groups/define-group.ts';
import { refuseOwn } from '../topics/plan-define-topic.ts';
import { orderEntries, planOrder } from '../topics/set-order.ts';
import { unreadBlocker } from '../unread-blocker.ts';
import { broadcastFindings, readReaders } from '../unread.ts';
import { hasLateType, holdsLateMessages, longestDelays, longestTransactionSeconds } from '../late-messages.ts';
import { leavingQueues, longestOf, shrinks, type QueuesFacts } from './facts.ts';

export interface QueuesSpec {
  topic: string;
  to: number;
  /** Empty: every broker that has the topic. */
  brokers: readonly string[];
  quietSeconds: number;
  settleSeconds: number;
  ignoredGroups: readonly string[];
  giveUpReplay: boolean;
  acceptKeyMoves: boolean;
  /** An earlier plan of this change found late messages, which may no longer be among the newest ones. */
  foundLate?: boolean;
}

/** @throws AppError not-found, usage, broker-unreachable */
export async function planQueues(
  desk: ChangeDesk,
  spec: QueuesSpec,
  now: Date,
  io: Io,
): Promise<PlannedChange<QueuesFacts>> {
  const { topic, to } = spec;
  const listings = await readListings(desk, io);
  const names = ownNames(listings);
  const masters = mastersIn(listings);
  const strange = spec.brokers.find((name) => !masters.some(({ brokerName }) => brokerName === name));
  if (strange !== undefined) {
    throw new AppError(
      'not-found',
      `no broker ${strange} has a master now; there are ${named(masters.map(({ brokerName }) => brokerName))}`,
    );
  }
  const defined = await Promise.all(
    masters.map(async (master) => ({ ...master, topics: await desk.topics(master.address, io) })),
  );
  const holding = defined.flatMap(({ topics, ...master }) => {
    const definition = topics.find(({ name }) => name === topic);
    return definition === undefined ? [] : [{ ...master, definition }];
  });
  if (holding.length === 0) {
    throw noSuchTopic(topic, [
      ...new Set(defined.flatMap(({ topics }) => clientTopics(topics, names).map(({ name }) => name))),
    ]);
  }
  if (holding.some(({ definition }) => definition.isStatic)) throw staticTopic(topic);
  refuseOwn(topic, names);
  const chosen = holding.filter(({ brokerName }) => spec.brokers.length === 0 || spec.brokers.includes(brokerName));
  const [first] = chosen;
  if (first === undefined) throw new AppError('usage', `none of ${spec.brokers.join(', ')} has topic ${topic}`);
  const settings = await desk.settings(first.address, io);
  const retention = retentionHoursIn(settings);
  const facts: QueuesFacts = {
    topic,
    to,
    brokers: chosen.map(({ brokerName, address, definition: { readQueues, writeQueues } }) => ({
      brokerName,
      address,
      readQueues,
      writeQueues,
    })),
    quietSeconds: spec.quietSeconds,
    settleSeconds: spec.settleSeconds,
    ...(retention !== undefined && { retentionHours: retention }),
    ignoredGroups: [...spec.ignoredGroups],
    giveUpReplay: spec.giveUpReplay,
    hasReaders: await isRead(desk, first.address, topic, io),
  };
  const orders = { desk, topic, servers: answering(listings) };
  const order = await planOrder(orders, (before) => orderedBrokers(facts, before), io);
  if (order !== undefined) facts.order = order;
  const holds: Blocker[] = [];
  const broadcasting: string[] = [];
  if (shrinks(facts)) {
    if (spec.foundLate === true || (await hasLate(desk, chosen, io))) {
      facts.late = { ...longestDelays(settings), transactionSeconds: longestTransactionSeconds(settings) };
    }
    for (const broker of facts.brokers) {
      const readers = await readReaders(desk, broker.address, leavingQueues(facts, broker), io, spec.ignoredGroups);
      broadcasting.push(...readers.broadcasting);
      holds.push(...readers.unread.map((each) => unreadBlocker(each, facts, now)));
    }
  }
  const definitions = chosen.map(({ definition }) => definition);
  const findings = [
    ...(await findingsOfAllServers(desk, listings, io)),
    ...findingsOfShape(facts, definitions, spec.acceptKeyMoves),
    ...(await findingsOfRetries(desk, facts, io)),
    ...broadcastFindings(broadcasting),
  ];
  return { facts, findings, holds };
}

/** Brokers of the change in the order configuration, from which clients read the number of their queues. */
const orderedBrokers = ({ brokers, to }: QueuesFacts, order: string | null) =>
  brokers
    .filter(({ brokerName }) => orderEntries(order).has(brokerName))
    .map(({ brokerName }) => ({ brokerName, after: { order: true, writeQueues: to } }));

function noSuchTopic(topic: string, topics: readonly string[]): AppError {
  return new AppError('not-found', `no broker has a topic ${topic}`, {
    hint: meantHint(topic, topics, '`plimsoll get topics` lists the topics of the brokers'),
  });
}

/** A broker chooses the queue of a retried message by retryQueueNums of the group, independent of the queues of its retry topic. */
async function findingsOfRetries(desk: ChangeDesk, { topic, to, brokers }: QueuesFacts, io: Io) {
  if (!topic.startsWith(retryPrefix)) return [];
  const group = topic.slice(retryPrefix.length);
  const names: string[] = [];
  for (const { brokerName, address } of brokers) {
    const definition = await groupAt(desk, address, group, io);
    if (definition !== undefined && Number(fieldsOf(definition)['retryQueueNums']) > to) names.push(brokerName);
  }
  return findingIf(names.length > 0, 'critical', 'retries-unread', {
    en: `${named(names)} would still send retries of ${group} to the removed queues, where nobody reads them: set retryQueueNums=${to} first (ops rocketmq alter-group)`,
    zh: `${named(names, 5, 'zh')} 仍会把 ${group} 的重试消息写入被移除的队列，无人读取：请先设置 retryQueueNums=${to}（ops rocketmq alter-group）`,
  });
}

async function hasLate(desk: ChangeDesk, chosen: readonly { address: string; definition: TopicDefinition }[], io: Io) {
  if (chosen.some(({ definition }) => hasLateType(definition))) return true;
  for (const { address, definition } of chosen) {
    if (await holdsLateMessages(desk, address, definition, io)) return true;
  }
  return false;
}

async function isRead(desk: ChangeDesk, address: string, topic: string, io: Io): Promise<boolean> {
  for (const { name } of (await desk.groups(address, io)).filter(({ name }) => isClientGroup(name))) {
    const online = await desk.connections(address, name, io);
    if (online.kind === 'online' && topic in online.subscriptions) return true;
  }
  return false;
}

function findingsOfShape(facts: QueuesFacts, definitions: readonly TopicDefinition[], acceptKeyMoves: boolean) {
  const { topic, to, brokers } = facts;
  const same = brokers.every(({ readQueues, writeQueues }) => readQueues === to && writeQueues === to);
  if (same) {
    return oneFinding('info', 'nothing-to-do', {
      en: `${topic} has ${to} queues on each of these brokers already`,
      zh: `${topic} 在这些 Broker 上已各有 ${to} 个队列`,
    });
  }
  return [
    ...findingIf(definitions.some(isOrdered), acceptKeyMoves ? 'warning' : 'critical', 'order-moves', {
      en: `${topic} is an ordered topic: with another number of queues a key moves to another queue, and its messages there may be read before those in the old one; stop its producers until the old queues are read, and give --accept-key-moves`,
      zh: `${topic} 为顺序 Topic：队列数改变后，同一 Key 的消息会进入另一队列，可能先于旧队列中的消息被读取；请先停止生产者，待旧队列消费完毕，再加 --accept-key-moves`,
    }),
    ...(facts.late !== undefined
      ? oneFinding('warning', 'late-messages', {
          en: `${topic} has delayed or transactional messages, which arrive in the queue that was chosen when they were sent: the removed queues stay readable until those sent before have arrived, for at most ${roundedDurationText(longestOf(facts.late))} after the last send`,
          zh: `${topic} 有延迟或事务消息，它们到达发送时选定的队列：被移除的队列保持可读，直到此前发送的消息到达，最长为最后一次发送后 ${roundedDurationText(longestOf(facts.late), 'zh')}`,
        })
      : []),
    ...findingIf(to === 0, 'critical', 'no-queue', {
      en: 'a topic without queues accepts no messages: delete it instead',
      zh: '没有队列的 Topic 不接受消息：请改为删除该 Topic',
    }),
  ];
}
