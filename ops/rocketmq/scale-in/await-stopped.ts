// Waits until the operator has stopped a broker and every name server has dropped it.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk, ServerListing } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { AppError, faultOf } from '../../../core/errors.ts';
import { pluralText } from '../../../core/text/quantity-text.ts';
import { seconds } from '../../../core/clock.ts';
import { clientTopics, groupsIn, mastersIn, readRoutes, type Master } from '../broker-group.ts';
import { answering, silentServer } from '../listings.ts';
import { named, type Text } from '../../../core/text/bilingual.ts';
import { orderedTopics, topicsOfOpen, topicsOnlyHere } from '../other-masters.ts';
import { orderEntries } from '../topics/set-order.ts';
import { changesNothing, done, type Blocker, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import { membersOf, openMemberBlockers } from '../close-writes.ts';
import {
  everyMember,
  memberName,
  shutDownText,
  isRefusedByOther,
  isSameBroker,
  refusesText,
  takenText,
  type Located,
  type Member,
} from '../members.ts';
import { retentionBlockers } from '../await-expired.ts';
import { unreadBlocker } from '../unread-blocker.ts';
import { pendingAt } from './await-delivered.ts';
import { unreadAt } from './await-read.ts';
import type { ScaleInFacts } from './facts.ts';
import { awaitQuietAgain, reopenedAt } from './while-closed.ts';

export function awaitStopped(facts: ScaleInFacts, tools: Tools): Step<ScaleInFacts> {
  const { desk, clock } = tools;
  let quiet: Step<ScaleInFacts> | undefined;
  return {
    id: 'stop',
    by: 'operator',
    description: `stop every member of ${facts.brokerName}`,
    zh: `停止 ${facts.brokerName} 的全部节点`,
    how: stopInstructions(facts),
    pause: seconds(2),
    undo: {
      description: `an operator starts the members of ${facts.brokerName} that were stopped`,
      zh: `由运维人员重新启动 ${facts.brokerName} 中已停止的节点`,
    },
    async run(io) {
      const listings = await desk.listings(io);
      const own = listings.flatMap(({ brokers = [] }) =>
        brokers.filter((each) => each.brokerName === facts.brokerName),
      );
      const listed = new Map(own.flatMap(({ addresses }) => Array.from(addresses, ([id, address]) => [address, id])));
      const members: (Member & Located)[] = [];
      const evidence: Text[] = [];
      const answering: Blocker[] = [];
      for (const member of await everyMember(membersOf(facts), desk, io)) {
        const { brokerId, address } = member;
        const who = `${facts.brokerName}:${brokerId} at ${address}`;
        const whoZh = `${facts.brokerName}:${brokerId}（${address}）`;
        const reached = await desk.reach(address, io);
        // A stopping broker may refuse to respond.
        const settings =
          reached === 'answers'
            ? await desk.settings(address, io).catch((cause: unknown) => faultOf(cause, io))
            : undefined;
        const isOther =
          settings instanceof AppError
            ? isRefusedByOther(member, settings)
            : settings !== undefined && !isSameBroker(facts, settings);
        if (isOther) {
          evidence.push(settings instanceof AppError ? refusesText(address) : takenText(address));
          continue;
        }
        evidence.push({ en: `${address} no longer answers`, zh: `${address} 已无响应` });
        if (reached === 'answers') {
          members.push(member);
          answering.push({ what: `${who} still answers: stop it`, zh: `${whoZh} 仍在响应：请停止` });
        }
        // A machine that is off is silent; so is a process that hangs, but that one stays in the routes.
        if (reached === 'silent' && listed.has(address)) {
          answering.push({
            what: `${who} is silent, and a name server still lists it: it may hang, and come back`,
            zh: `${whoZh} 没有响应，但 NameServer 仍列出它：可能只是挂起，之后会恢复`,
          });
        }
      }
      if (answering.length === 0) {
        return { ...done(evidence), learnt: { stoppedAt: clock.now().toISOString() } };
      }
      const open = await openMemberBlockers(facts, tools, io, members);
      if (open.length > 0) {
        quiet = undefined;
        return { kind: 'held', holds: [...open, ...answering], learnt: reopenedAt(tools) };
      }
      const rank = ({ address }: { address: string }) => listed.get(address) ?? Number.MAX_SAFE_INTEGER;
      const [serving] = members.toSorted((one, other) => rank(one) - rank(other));
      if (serving === undefined) return { kind: 'held', holds: answering };
      const again = facts.wasReopened === true ? (quiet ??= awaitQuietAgain(facts, tools)) : undefined;
      const seen = await unlessStopping(io, async () => await again?.run(io));
      const sending = seen?.kind === 'held' ? seen.holds : [];
      const lost = (await unlessStopping(io, () => lostByStop(facts, serving.address, tools, io))) ?? [];
      const others = mastersIn(listings).filter(({ brokerName }) => brokerName !== facts.brokerName);
      const homeless =
        (await unlessStopping(io, () => homelessBlockers(facts, serving.address, others, tools, io))) ?? [];
      return {
        kind: 'held',
        holds: [...sending, ...lost, ...homeless, ...answering],
        ...(seen?.kind === 'done' && { learnt: { ...seen.learnt, wasReopened: false } }),
      };
    },
  };
}

/** Messages that arrived since the earlier steps, if others opened the broker for a while. */
async function lostByStop(facts: ScaleInFacts, address: string, tools: Tools, io: Io): Promise<Blocker[]> {
  const { holds } = await pendingAt(tools, address, facts, io);
  const { counted } = await unreadAt(tools.desk, address, facts, io);
  const now = tools.clock.now();
  return [...holds, ...counted.map((each) => unreadBlocker(each, facts, now)), ...retentionBlockers(facts, now)];
}

/** Since the plan, others may have closed or stopped the brokers that take over, or created a topic only on this one. */
async function homelessBlockers(
  facts: ScaleInFacts,
  address: string,
  others: readonly Master[],
  { desk }: Tools,
  io: Io,
): Promise<Blocker[]> {
  const open = await topicsOfOpen(desk, others, io);
  if (open.length === 0) {
    return [
      {
        what: 'no other broker accepts messages now: let one of them accept messages again, or use --abort',
        zh: '目前没有其他 Broker 接受消息：请恢复其中一个的写入，或使用 --abort',
      },
    ];
  }
  const names = new Set(facts.names);
  const topics = topicsOnlyHere(clientTopics(await desk.topics(address, io), names), open, names);
  if (topics.length === 0) return [];
  const what = `no other broker accepts messages for the topics ${named(topics)} now: define them on another, or use --abort`;
  const zh = `目前没有其他 Broker 接受以下 Topic 的消息：${named(topics, 5, 'zh')}。请在其他 Broker 上创建，或使用 --abort`;
  return [{ what, zh }];
}

/** @returns undefined if a member refuses to respond, as a stopping one may */
async function unlessStopping<Answer>(io: Io, ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (cause) {
    faultOf(cause, io);
    return undefined;
  }
}

/** Stops slaves first, so that none of them takes over. */
export function stopInstructions({ brokerName, members, forget }: ScaleInFacts): Text[] {
  const inOrder = members.toSorted((one, other) => other.brokerId - one.brokerId);
  return [
    ...inOrder.map(({ brokerId, address }) => shutDownText(address, memberName({ brokerName, brokerId }))),
    {
      en: 'disable its automatic start (systemctl disable UNIT; supervisorctl remove PROGRAM, and delete its configuration)',
      zh: '关闭自动启动（systemctl disable UNIT；supervisorctl remove PROGRAM，并删除其配置）',
    },
    {
      en: 'keep its store until this change reports that it is complete',
      zh: '本变更的状态变为“已完成”之前，保留其存储目录',
    },
    ...(forget === undefined
      ? []
      : [
          {
            en: `after that, so that a new ${brokerName} can get a master: ${forget}`,
            zh: `本变更完成之后执行 ${forget}，否则同名的新 Broker 选不出主节点`,
          },
        ]),
  ];
}

/** Name servers drop a broker when its connection closes, and a silent one within 120 s (BROKER_CHANNEL_EXPIRED_TIME of 4.9). */
const longestSeconds = 120;

export function awaitGone(facts: ScaleInFacts, { desk }: Tools): Step<ScaleInFacts> {
  return {
    id: 'see-gone',
    description: `check that no route of any name server contains ${facts.brokerName}`,
    zh: `确认所有 NameServer 的路由都不再包含 ${facts.brokerName}`,
    pause: seconds(2),
    undo: changesNothing,
    async run(io) {
      const until =
        facts.stoppedAt === undefined ? {} : { until: new Date(Date.parse(facts.stoppedAt) + longestSeconds * 1000) };
      const listings = await desk.listings(io);
      const holds = listings.flatMap(({ server, brokers, reason }): Blocker[] => {
        if (brokers === undefined) return [silentServer(server, reason)];
        const isThere = brokers.some(({ brokerName }) => brokerName === facts.brokerName);
        const listed = `name server ${server} still lists ${facts.brokerName}`;
        return isThere ? [{ what: listed, zh: `NameServer ${server} 仍列出 ${facts.brokerName}`, ...until }] : [];
      });
      if (holds.length > 0) return { kind: 'held', holds };
      const routes = await readRoutes(desk, facts.topics, io);
      const naming = routes.filter(({ route }) =>
        route?.queues.some(({ brokerName }) => brokerName === facts.brokerName),
      );
      if (naming.length > 0) {
        const topics = [...new Set(naming.map(({ topic }) => topic))];
        const what = `routes still contain ${facts.brokerName}: ${named(topics)}`;
        const zh = `以下 Topic 的路由仍包含 ${facts.brokerName}：${named(topics, 5, 'zh')}`;
        return { kind: 'held', holds: [{ what, zh, ...until }] };
      }
      const orders = await orderBlockers(facts, desk, listings, io);
      if (orders.length > 0) return { kind: 'held', holds: orders };
      const left = [...groupsIn(listings).keys()].sort().join(', ');
      const [servers, topics] = [desk.namesrv.length, facts.topics.length];
      return done({
        en: `${pluralText(servers, 'name server')}, ${pluralText(topics, 'topic')}: ${facts.brokerName} is in no route; remaining: ${left}`,
        zh: `已检查 ${servers} 个 NameServer、${topics} 个 Topic：路由中已没有 ${facts.brokerName}；其余 Broker：${left}`,
      });
    },
  };
}

/**
 * Since the plan, others may have added it to an order configuration again, or created an ordered topic: producers
 * would still choose its queues.
 */
async function orderBlockers(
  { brokerName, orders = {} }: Pick<ScaleInFacts, 'brokerName' | 'orders'>,
  desk: ChangeDesk,
  listings: readonly ServerListing[],
  io: Io,
): Promise<Blocker[]> {
  const defined = await Promise.all(
    // A master of another cluster may refuse access, or be unreachable.
    mastersIn(listings).map(({ address }) =>
      desk.topics(address, io).catch((cause: unknown) => void faultOf(cause, io)),
    ),
  );
  const ordered = orderedTopics(defined.flatMap((topics) => topics ?? []));
  const holds: Blocker[] = [];
  for (const server of answering(listings)) {
    const naming: string[] = [];
    for (const topic of new Set([...Object.keys(orders), ...ordered])) {
      if (orderEntries((await desk.orderOf(server, topic, io)) ?? null).has(brokerName)) naming.push(topic);
    }
    if (naming.length === 0) continue;
    const what = `name server ${server} has ${brokerName} in the order configuration of ${named(naming)}, so producers cannot send some of their keys: remove it there (mqadmin updateOrderConf)`;
    const zh = `NameServer ${server} 上以下 Topic 的顺序配置包含 ${brokerName}，部分 Key 的消息无法发送：${named(naming, 5, 'zh')}。请从中移除（mqadmin updateOrderConf）`;
    holds.push({ what, zh });
  }
  return holds;
}
