// Creates or alters a RocketMQ topic on each broker; the rollback restores the former definition, or deletes an empty new topic.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import type { TopicDefinition } from '../../../brokers/rocketmq/protocol/topic-requests.ts';
import type { FindingLanguage } from '../../../core/documents/findings/finding-entry.ts';
import { AppError, faultOf, isUnreachable } from '../../../core/errors.ts';
import { inLanguage, type Pair } from '../../../core/text/bilingual.ts';
import { seconds } from '../../../core/clock.ts';
import { changesNothing, done } from '../../change/step.ts';
import type { RocketmqChangeKind, RocketmqTools } from '../administration.ts';
import { masterOf, queuesOfTopics, readRoutes, routeBlockers, topicAt } from '../broker-group.ts';
import { atServer, changeEach, isNamed, restoreEach } from '../change-each.ts';
import { isMasterListed } from '../members.ts';
import { queuesText } from '../queues/set-queues.ts';
import { setAt, untilCopied } from '../until-copied.ts';
import { OrderChange, setOrder } from './set-order.ts';

const whole = z.number().int();

export const Definition = z.strictObject({
  name: z.string(),
  readQueues: whole,
  writeQueues: whole,
  permission: whole,
  filterType: z.string(),
  sysFlag: whole,
  order: z.boolean(),
  attributes: z.record(z.string(), z.string()),
});

export const TopicFacts = z.strictObject({
  topic: z.string(),
  brokers: z.array(
    z.strictObject({
      brokerName: z.string(),
      address: z.string(),
      before: Definition.optional().describe('absent: the broker does not have the topic'),
      after: Definition,
    }),
  ),
  order: OrderChange.optional(),
  setAt,
});
export type TopicFacts = z.infer<typeof TopicFacts>;
export type DefinedBroker = TopicFacts['brokers'][number];

export const defineTopic: RocketmqChangeKind<TopicFacts> = {
  name: 'define-topic',
  facts: TopicFacts,

  steps: (facts, tools) =>
    isUnchanged(facts)
      ? []
      : [
          untilCopied(
            {
              id: 'define-topic',
              description: facts.brokers.map((broker) => `${broker.brokerName}: ${changeText(broker)}`).join('; '),
              zh: `修改 Topic 定义：${facts.brokers.map((broker) => `${broker.brokerName}：${changeText(broker, 'zh')}`).join('；')}`,
              pause: seconds(1),
              async run(io) {
                return done(await changeEach(facts.brokers, (broker) => defineOn(tools, broker, io)));
              },
              undo: {
                description: isNew(facts)
                  ? 'restore the former definitions; delete the new topic if it is empty'
                  : 'restore the former definitions',
                zh: `恢复原来的定义${isNew(facts) ? '；若新 Topic 为空则删除' : ''}`,
                // Deletes routes last, when no broker has the topic.
                run: (io) =>
                  restoreEach(
                    [
                      ...facts.brokers.map((broker) => ({ broker, restore: () => undefine(tools, broker, io) })),
                      ...(isNew(facts) ? tools.admin.namesrv : []).map((server) => ({
                        broker: undefined,
                        restore: () => forgetOn(tools, facts, server, io),
                      })),
                    ],
                    ({ restore }) => restore(),
                    {
                      gone: tools.gone,
                      nameOf: ({ broker }) => broker?.brokerName,
                      isListed: ({ broker }) => broker && isMasterListed(tools.admin, broker, io),
                      before: ({ broker }) =>
                        broker?.before === undefined
                          ? { en: `no topic ${facts.topic}`, zh: `没有 Topic ${facts.topic}` }
                          : {
                              en: `${facts.topic} with ${definitionText(broker.before)}`,
                              zh: `${facts.topic}，${definitionText(broker.before, 'zh')}`,
                            },
                    },
                  ),
              },
            },
            facts,
            { desk: tools.admin, clock: tools.clock },
            {
              what: facts.topic,
              async at(address, io) {
                const found = await topicAt(tools.admin, address, facts.topic, io);
                if (found === undefined) return undefined;
                const definition = { ...found, order: false };
                return { en: definitionText(definition), zh: definitionText(definition, 'zh') };
              },
            },
          ),
          ...(facts.order === undefined ? [] : [setOrder<TopicFacts>(facts.topic, facts.order, tools.admin)]),
          {
            id: 'await-routes',
            description: 'wait until every name server shows the new definition',
            zh: '等待所有 NameServer 显示新的定义',
            pause: seconds(1),
            undo: changesNothing,
            async run(io) {
              const routes = await readRoutes(tools.admin, [facts.topic], io);
              const holds = facts.brokers.flatMap(({ brokerName, after }) =>
                routeBlockers(
                  routes,
                  brokerName,
                  { en: `does not show the definition of ${brokerName} yet`, zh: `尚未显示 ${brokerName} 上的定义` },
                  (queues) => queues?.readQueues === after.readQueues && queues.writeQueues === after.writeQueues,
                ),
              );
              const evidence = { en: 'every name server shows it', zh: '所有 NameServer 均已显示' };
              return holds.length > 0 ? { kind: 'held', holds } : done(evidence);
            },
          },
        ],
};

async function defineOn({ admin }: RocketmqTools, broker: DefinedBroker, io: Io) {
  const { brokerName, address: known, before, after } = broker;
  const address = await masterOf(admin, brokerName, io, known);
  const now = await topicAt(admin, address, after.name, io);
  // Defined by a process that stopped after the broker had received its request.
  if (isSame(now, after)) return atServer(brokerName, definitionText(after), definitionText(after, 'zh'));
  if (!isAlike(now, before) && !isAlike(now, after)) {
    throw new AppError(
      now === undefined || before === undefined ? 'topic-conflict' : 'change-refused',
      `${brokerName} has ${now === undefined ? 'no topic' : `topic ${after.name} with ${definitionText(now)}`}: another tool or person has changed it`,
    );
  }
  await admin.defineTopic(address, after, now, io);
  const then = await topicAt(admin, address, after.name, io);
  if (!isAlike(then, after)) throw new AppError('broker-refused', tookText(brokerName, after, then));
  return atServer(brokerName, definitionText(after), definitionText(after, 'zh'));
}

const tookText = (brokerName: string, sent: TopicDefinition, has: TopicDefinition | undefined) =>
  `${brokerName} took ${definitionText(sent)} for ${sent.name} and has ${has === undefined ? 'no such topic' : definitionText(has)}`;

async function undefine({ admin }: RocketmqTools, broker: DefinedBroker, io: Io) {
  const { brokerName, address: known, before, after } = broker;
  const topic = after.name;
  const address = await masterOf(admin, brokerName, io, known);
  const now = await topicAt(admin, address, topic, io);
  if (isSame(now, before)) return atServer(brokerName, 'as before', '与原来一致');
  if (!isAlike(now, after) && !isAlike(now, before))
    return atServer(brokerName, `others changed ${topic}, and it stays as it is`, `${topic} 已被他人修改，予以保留`);
  if (before !== undefined) {
    await admin.defineTopic(address, before, now, io);
    const then = await topicAt(admin, address, topic, io);
    if (isAlike(then, before)) return atServer(brokerName, definitionText(before), definitionText(before, 'zh'));
    throw new AppError('broker-refused', tookText(brokerName, before, then));
  }
  if ((await admin.ends(address, queuesOfTopics([after]), io)).some((end) => end > 0n)) {
    const command = `\`plimsoll ops rocketmq delete-topic --topic ${topic}\``;
    return atServer(
      brokerName,
      `${topic} has messages and stays; ${command} deletes it`,
      `${topic} 中有消息，予以保留；可用 ${command} 删除`,
    );
  }
  await admin.deleteTopic(address, topic, io);
  return atServer(brokerName, `deleted ${topic}`, `已删除 ${topic}`);
}

export const isUnchanged = ({ brokers, order }: TopicFacts) =>
  order === undefined && brokers.every(({ before, after }) => isSame(before, after));

const isNew = ({ brokers }: TopicFacts) => brokers.some(({ before }) => before === undefined);

/** A name server keeps the route of a topic that brokers have deleted. */
async function forgetOn({ admin, gone }: RocketmqTools, { topic, brokers }: TopicFacts, server: string, io: Io) {
  const route = await admin.route(server, topic, io);
  if (route === undefined) return atServer(server, `no route of ${topic}`, `没有 ${topic} 的路由`);
  for (const brokerName of route.queues.map((each) => each.brokerName)) {
    const own = brokers.find((each) => each.brokerName === brokerName);
    const address = own && (await masterOf(admin, brokerName, io, own.address).catch((cause) => faultOf(cause, io)));
    // Name servers keep its route for its slaves.
    if (address instanceof AppError && isUnreachable(address) && isNamed(brokerName, gone)) {
      const en = `${brokerName} is not restored (--gone), and the route of ${topic} stays`;
      return atServer(server, en, `${brokerName} 未恢复（--gone），保留 ${topic} 的路由`);
    }
    if (address instanceof AppError) throw address;
    if (address === undefined || (await topicAt(admin, address, topic, io)) !== undefined)
      return atServer(server, `${brokerName} has ${topic}, and its route stays`, `${brokerName} 仍有 ${topic}`);
  }
  await admin.forgetTopic(server, topic, io);
  return atServer(server, `removed the route of ${topic}`, `已移除 ${topic} 的路由`);
}

function isSame(one: TopicDefinition | undefined, other: TopicDefinition | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return definitionText(one) === definitionText(other);
}

/** Ignores the order: a broker of 4.x reads it from the name servers, not from the definition. */
const isAlike = (one: TopicDefinition | undefined, other: TopicDefinition | undefined): boolean =>
  isSame(one && { ...one, order: false }, other && { ...other, order: false });

const permissions: Readonly<Record<number, Pair>> = {
  2: ['write only', '只写'],
  4: ['read only', '只读'],
  6: ['read and write', '读写'],
};

/** Formats such as `read queues 4, write queues 4, read and write, message.type=FIFO`. */
function definitionText(definition: TopicDefinition, language: FindingLanguage = 'en'): string {
  const { permission, order, attributes } = definition;
  const permitted = permissions[permission & 6] ?? ['neither read nor write', '不可读写'];
  const set = Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [
    queuesText(definition, language),
    inLanguage(permitted, language),
    ...(order ? [inLanguage(['ordered', '顺序'], language)] : []),
    ...set.map(([key, value]) => `${key}=${value}`),
  ].join(language === 'zh' ? '，' : ', ');
}

/** Omits an unchanged order: brokers of 4.x read it from the name servers, at any time. */
const changeText = ({ before, after }: DefinedBroker, language: FindingLanguage = 'en') => {
  if (before === undefined) {
    const create = [`create ${after.name} with `, `创建 ${after.name}，`] as const;
    return `${inLanguage(create, language)}${definitionText(after, language)}`;
  }
  const text = (each: TopicDefinition) =>
    definitionText({ ...each, order: before.order !== after.order && each.order }, language);
  return `${text(before)} → ${text(after)}`;
};
