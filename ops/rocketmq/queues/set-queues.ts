// Sets read and write queue counts of a topic on a broker and leaves the rest of its definition unchanged.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/topic-requests.ts';
import { AppError } from '../../../core/errors.ts';
import { masterOf, readRoutes, routeBlockers, topicAt } from '../broker-group.ts';
import type { FindingLanguage } from '../../../core/documents/findings/finding-entry.ts';
import type { Text } from '../../../core/text/bilingual.ts';
import type { Blocker } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import { restoreEach } from '../change-each.ts';
import { goneMasters } from '../members.ts';
import type { QueueBroker, QueuesFacts } from './facts.ts';

export type Queues = Pick<TopicDefinition, 'readQueues' | 'writeQueues'>;

/**
 * @param wanted returns undefined to keep values set by others
 * @returns a description of the change
 * @throws AppError not-found if the topic does not exist; broker-refused if the broker kept another number
 */
export async function setQueues(
  desk: ChangeDesk,
  { topic }: Pick<QueuesFacts, 'topic'>,
  { brokerName, address }: Pick<QueueBroker, 'brokerName' | 'address'>,
  wanted: (now: Queues) => Queues | undefined,
  io: Io,
): Promise<Text> {
  const before = await definitionAt(desk, address, topic, io);
  const target = wanted(before);
  if (target === undefined) {
    return {
      en: `${brokerName}: others changed ${topic} to ${queuesText(before)}, which is kept`,
      zh: `${brokerName}：${topic} 已被他人改为${queuesText(before, 'zh')}，予以保留`,
    };
  }
  if (!isSame(before, target)) await desk.defineTopic(address, { ...before, ...target }, before, io);
  const after = isSame(before, target) ? before : await definitionAt(desk, address, topic, io);
  if (!isSame(after, target)) {
    throw new AppError(
      'broker-refused',
      `${brokerName} took ${queuesText(target)} for ${topic} and has ${queuesText(after)}: another tool or person has changed it`,
    );
  }
  return {
    en: `${brokerName}: ${queuesText(before)} → ${queuesText(after)}`,
    zh: `${brokerName}：${queuesText(before, 'zh')} → ${queuesText(after, 'zh')}`,
  };
}

/** Like setQueues; a topic deleted since then has nothing to restore. */
export async function restoreQueuesAt(...[desk, facts, broker, wanted, io]: Parameters<typeof setQueues>) {
  try {
    return await setQueues(desk, facts, broker, wanted, io);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'not-found') throw cause;
    return {
      en: `${broker.brokerName}: ${cause.message}, so nothing is restored there`,
      zh: `${broker.brokerName}：该 Topic 已不存在，无需恢复`,
    };
  }
}

/** Like setQueues, on one broker after another. */
export const setOnEach = (
  desk: ChangeDesk,
  facts: QueuesFacts,
  io: Io,
  wanted: (now: Queues, broker: QueueBroker) => Queues,
): Promise<Text[]> =>
  Array.fromAsync(facts.brokers, async (broker) => {
    const address = await masterOf(desk, broker.brokerName, io);
    return await setQueues(desk, facts, { ...broker, address }, (now) => wanted(now, broker), io);
  });

/** Restores brokers that can be reached, also without name servers. @throws AppError as restoreEach, with what remains */
export const restoreOnEach = (
  { desk, gone }: Pick<Tools, 'desk' | 'gone'>,
  facts: QueuesFacts,
  io: Io,
  wanted: (now: Queues, broker: QueueBroker) => Queues | undefined,
): Promise<Text[]> =>
  restoreEach(
    facts.brokers,
    async (broker) => {
      const address = await masterOf(desk, broker.brokerName, io, broker.address);
      return await restoreQueuesAt(desk, facts, { ...broker, address }, (now) => wanted(now, broker), io);
    },
    goneWith({ desk, gone }, facts, io),
  );

/** Describes what `--gone` leaves unrestored. */
export const goneWith = (tools: Pick<Tools, 'desk' | 'gone'>, { topic }: Pick<QueuesFacts, 'topic'>, io: Io) =>
  goneMasters(tools, (queues: QueueBroker) => `${topic} with ${queuesText(queues)}`, io);

const isSame = (one: Queues, other: Queues) =>
  one.readQueues === other.readQueues && one.writeQueues === other.writeQueues;
export const queuesText = ({ readQueues, writeQueues }: Queues, language: FindingLanguage = 'en') =>
  language === 'zh'
    ? `读队列 ${readQueues} 个、写队列 ${writeQueues} 个`
    : `read queues ${readQueues}, write queues ${writeQueues}`;

/** Blocks while producers can write again to queues that this change has closed to them: such messages may stay unread. */
export async function reopenedQueues(
  desk: ChangeDesk,
  { topic, to, brokers }: Pick<QueuesFacts, 'topic' | 'to' | 'brokers'>,
  io: Io,
): Promise<Blocker[]> {
  const holds: Blocker[] = [];
  for (const { brokerName } of brokers) {
    const { writeQueues } = await definitionAt(desk, await masterOf(desk, brokerName, io), topic, io);
    if (writeQueues <= to) continue;
    holds.push({
      what: `another tool or person set write queues ${writeQueues} for ${topic} on ${brokerName}: use --abort, or set them to ${to}`,
      zh: `其他工具或人员已把 ${brokerName} 上 ${topic} 的写队列设为 ${writeQueues} 个：请使用 --abort，或改为 ${to}`,
    });
  }
  return holds;
}

async function definitionAt(desk: ChangeDesk, address: string, topic: string, io: Io): Promise<TopicDefinition> {
  const found = await topicAt(desk, address, topic, io);
  if (found !== undefined) return found;
  throw new AppError('not-found', `${address} no longer has topic ${topic}`, {
    hint: 'it was deleted meanwhile: --abort rolls back the rest',
  });
}

/** Blocks while a name server shows a wrong number of queues on a broker. */
export async function staleRoutes(
  desk: ChangeDesk,
  { topic, brokers }: Pick<QueuesFacts, 'topic' | 'brokers'>,
  isRight: (queues: Queues, broker: QueueBroker) => boolean,
  io: Io,
): Promise<Blocker[]> {
  const routes = await readRoutes(desk, [topic], io);
  return brokers.flatMap((broker) =>
    routeBlockers(
      routes,
      broker.brokerName,
      {
        en: `still shows other queues on ${broker.brokerName}`,
        zh: `显示的 ${broker.brokerName} 队列数仍未更新`,
      },
      (queues) => queues !== undefined && isRight(queues, broker),
    ),
  );
}
