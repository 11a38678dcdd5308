// Orders a scale-out: operator starts the broker, settings are compared, definitions copied, traffic confirmed.

import type { ChangeKind, Tools } from '../change.ts';
import { letSettle } from '../let-settle.ts';
import { copyGroups, openTopicReads, openTopicWrites, sourceMasters } from './copy-definitions.ts';
import { ScaleOutFacts } from './facts.ts';
import { awaitSameSettings, awaitStarted } from './await-started.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { topicKindOf } from '../../../brokers/rocketmq/inspect/topic-kind.ts';
import { seconds } from '../../../core/clock.ts';
import { isClientGroup, masterOf, queuesOfTopics, topicsAt } from '../broker-group.ts';
import { ownNames } from '../listings.ts';
import { changesNothing, done, type Blocker, type Step } from '../../change/step.ts';
import { named } from '../../../core/text/bilingual.ts';
import { orderEntries } from '../topics/set-order.ts';

export const scaleOut: ChangeKind<ScaleOutFacts> = {
  name: 'scale-out',
  facts: ScaleOutFacts,

  steps: (facts, tools) => [
    awaitStarted(facts, tools),
    awaitSameSettings(facts, tools),
    copyGroups(facts, tools),
    openTopicReads(facts, tools),
    letSettle(facts, tools),
    openTopicWrites(facts, tools),
    awaitTraffic(facts, tools),
  ],

  notice: ({ brokerName, topics, groups }) => ({
    en: [
      `Notice: RocketMQ broker ${brokerName} joins the cluster`,
      `Topics that get queues there: ${topics.length}; groups: ${groups.length}`,
      'What clients see: consumers find the new queues first; producers write to them one minute later. Sending and reading continue.',
      'Order: messages of one key may move to another queue once; consumers may process both until the old one is read, so order is not guaranteed until then.',
      'Please do: run enough consumers for the queues, and allow network access to the new broker for every client.',
      'Rollback: the new queues can be closed to producers at any time, and are then read to the end; no message is deleted.',
    ],
    zh: [
      `通知：RocketMQ 集群扩容，新增 Broker ${brokerName}`,
      `在该 Broker 上新增队列的 Topic：${topics.length} 个；消费组：${groups.length} 个`,
      '对客户端的影响：消费者先发现新队列，约一分钟后生产者开始写入。收发不中断。',
      '顺序：同一 Key 的消息可能切换一次队列；旧队列消费完之前，新旧队列可能同时被消费，不保证顺序。',
      '请配合：消费者数量与队列数匹配，并确认所有客户端到新 Broker 的网络已放通。',
      '回滚方案：可随时关闭新队列的写入，其中的消息会继续被消费完；不会删除任何消息。',
    ],
  }),
};

type EndsByTopic = ReadonlyMap<string, bigint>;

/** Waits until a new broker receives traffic for every active topic and its groups are connected. */
function awaitTraffic(facts: ScaleOutFacts, { desk, clock }: Tools): Step<ScaleOutFacts> {
  const { brokerName, watchSeconds } = facts;
  let first: { at: number; here: EndsByTopic; elsewhere: EndsByTopic } | undefined;
  return {
    id: 'see-traffic',
    description: `wait until every topic with producers receives messages on ${brokerName}, and its groups are online there`,
    zh: `等待有生产者的 Topic 都在 ${brokerName} 上收到消息，且相关消费组在该 Broker 上线`,
    pause: seconds(Math.min(5, watchSeconds / 2)),
    undo: changesNothing,
    async run(io) {
      const listings = await desk.listings(io);
      const names = ownNames(listings);
      const topics = facts.topics.filter(({ name }) => topicKindOf(name, names) === 'normal');
      const address = await masterOf(desk, brokerName, io);
      const others = sourceMasters(facts, listings).map((each) => each.address);
      const here = await endsOf(desk, [address], topics, io);
      const elsewhere = await endsOf(desk, others, topics, io);
      const at = clock.monotonic();
      first ??= { at, here, elsewhere };
      const elapsed = at - first.at;
      const grown = (now: EndsByTopic, before: EndsByTopic, topic: string) =>
        (now.get(topic) ?? 0n) - (before.get(topic) ?? 0n);
      const { here: hereBefore, elsewhere: elsewhereBefore } = first;
      const written = topics.filter(({ name }) => grown(elsewhere, elsewhereBefore, name) > 0n);
      const unwritten = written.filter(({ name }) => grown(here, hereBefore, name) <= 0n).map(({ name }) => name);
      const kept = await keptByOrder(desk, unwritten, brokerName, io);
      const idle = unwritten.filter((name) => !kept.includes(name));
      const holds: Blocker[] = [];
      if (idle.length > 0)
        holds.push({
          what: `written to on other brokers, but not on ${brokerName}: ${named(idle)}`,
          zh: `在其他 Broker 上有写入，在 ${brokerName} 上没有：${named(idle, 5, 'zh')}`,
        });
      if (elapsed < watchSeconds)
        holds.push({
          what: `observing producers for ${watchSeconds} s; this time has not passed yet`,
          zh: `观察生产者 ${watchSeconds} 秒，时间未到`,
        });
      else holds.push(...(await absentGroups(desk, address, others, io)));
      if (holds.length > 0) return { kind: 'held', holds };
      const rate = topics.reduce((sum, { name }) => sum + Number(grown(here, hereBefore, name)), 0) / elapsed;
      return done([
        {
          en: `${rate.toFixed(1)} messages per second came in on ${brokerName} in ${Math.floor(elapsed)} s`,
          zh: `${Math.floor(elapsed)} 秒内 ${brokerName} 平均每秒写入 ${rate.toFixed(1)} 条消息`,
        },
        {
          en: `topics whose producers write to the broker: ${written.length - kept.length}; topics without producers now: ${topics.length - written.length}`,
          zh: `生产者已写入该 Broker 的 Topic：${written.length - kept.length} 个；目前没有生产者的 Topic：${topics.length - written.length} 个`,
        },
        ...(kept.length === 0
          ? []
          : [
              {
                en: `an order configuration of the name servers keeps producers on the other brokers: topics ${named(kept)}`,
                zh: `因 NameServer 上的顺序配置，以下 Topic 的生产者仍写入其他 Broker：${named(kept, 5, 'zh')}`,
              },
            ]),
      ]);
    },
  };
}

/** Producers read the queues of such a topic only from its order configuration. */
async function keptByOrder(desk: ChangeDesk, topics: readonly string[], brokerName: string, io: Io): Promise<string[]> {
  const kept: string[] = [];
  for (const topic of topics) {
    const orders = await Promise.all(desk.namesrv.map((server) => desk.orderOf(server, topic, io)));
    const known = orders.filter((order) => order !== undefined);
    if (known.length > 0 && known.every((order) => !orderEntries(order).has(brokerName))) kept.push(topic);
  }
  return kept;
}

async function endsOf(desk: ChangeDesk, addresses: readonly string[], topics: ScaleOutFacts['topics'], io: Io) {
  const sums = new Map<string, bigint>();
  for (const address of addresses) {
    const there = await topicsAt(desk, address, io);
    const queues = queuesOfTopics(topics.flatMap(({ name }) => there.get(name) ?? []));
    const ends = await desk.ends(address, queues, io);
    for (const [index, { topic }] of queues.entries()) sums.set(topic, (sums.get(topic) ?? 0n) + (ends[index] ?? 0n));
  }
  return sums;
}

async function absentGroups(desk: ChangeDesk, address: string, others: readonly string[], io: Io): Promise<Blocker[]> {
  const absent = new Set<string>();
  for (const other of others) {
    for (const { name } of (await desk.groups(other, io)).filter(({ name }) => isClientGroup(name))) {
      if ((await desk.connections(other, name, io)).kind === 'offline') continue;
      if ((await desk.connections(address, name, io)).kind === 'offline') absent.add(name);
    }
  }
  if (absent.size === 0) return [];
  const what = `online on other brokers, but not on this one: groups ${named([...absent])}`;
  return [{ what, zh: `以下消费组在其他 Broker 在线，在该 Broker 不在线：${named([...absent], 5, 'zh')}` }];
}
