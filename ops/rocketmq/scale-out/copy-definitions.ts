// Copies groups, then topics to a new broker, and opens the topics for reading before writing.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk, ServerListing } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { seconds } from '../../../core/clock.ts';
import { masterOf, mastersIn, readRoutes, routeBlockers, topicsAt, type Master } from '../broker-group.ts';
import { named } from '../../../core/text/bilingual.ts';
import { done, heldBy, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import { restoreEach } from '../change-each.ts';
import { goneMasters } from '../members.ts';
import { mayWrite, withoutWrites } from '../close-writes.ts';
import type { ScaleOutFacts } from './facts.ts';

export function copyGroups(facts: ScaleOutFacts, { desk }: Tools): Step<ScaleOutFacts> {
  return {
    id: 'copy-groups',
    description: `define the groups on ${facts.brokerName} (${facts.groups.length})`,
    zh: `在 ${facts.brokerName} 上创建消费组（${facts.groups.length} 个）`,
    pause: seconds(2),
    undo: {
      none: 'an unused group does no harm, and clients may already use it',
      zh: '未使用的消费组没有影响，且客户端可能已在使用',
    },
    async run(io) {
      const address = await masterOf(desk, facts.brokerName, io);
      const there = new Set((await desk.groups(address, io)).map(({ name }) => name));
      const missing = facts.groups.filter(({ name }) => !there.has(name));
      for (const group of missing) await desk.defineGroup(address, group, undefined, io);
      const now = new Set((await desk.groups(address, io)).map(({ name }) => name));
      const absent = facts.groups.filter(({ name }) => !now.has(name));
      if (absent.length > 0) {
        return heldBy(
          absent.map(({ name }) => ({
            en: `${facts.brokerName} does not show group ${name}`,
            zh: `${facts.brokerName} 上看不到消费组 ${name}`,
          })),
        );
      }
      const present = facts.groups.length - missing.length;
      return {
        ...done({
          en: `groups defined: ${missing.length}, already present: ${present}`,
          zh: `新建消费组 ${missing.length} 个，已存在 ${present} 个`,
        }),
        // Saved before the next step defines topics, and not read again, because topics then have the permissions of this change.
        learnt: { formerPermissions: facts.formerPermissions ?? (await permissionsAt(facts, desk, address, io)) },
      };
    },
  };
}

export function openTopicReads(facts: ScaleOutFacts, tools: Tools): Step<ScaleOutFacts> {
  return {
    id: 'copy-topics',
    description: `define the topics on ${facts.brokerName} as readable, not yet writable (${facts.topics.length})`,
    zh: `在 ${facts.brokerName} 上创建 Topic：可读，暂不可写（${facts.topics.length} 个）`,
    pause: seconds(1),
    undo: {
      none: 'the topics stay there without write permission; scale-in removes the broker',
      zh: 'Topic 保留在该 Broker 上但没有写权限；可用 scale-in 下线该 Broker',
    },
    async run(io) {
      const make = ({ permission }: PlannedTopic, now: number | undefined) => now ?? withoutWrites(permission);
      const made = await define(facts, tools, make, io);
      const routes = await readRoutes(tools.desk, namesOf(facts), io);
      const isThere = (queues: unknown) => queues !== undefined;
      const problem = { en: 'does not show its topics', zh: '尚未显示该 Broker 的 Topic' };
      const holds = routeBlockers(routes, facts.brokerName, problem, isThere);
      if (holds.length > 0) return { kind: 'held', holds };
      const present = facts.topics.length - made.length;
      const evidence = {
        en: `topics defined: ${made.length}, already present: ${present}`,
        zh: `新建 Topic ${made.length} 个，已存在 ${present} 个`,
      };
      return { ...done(evidence), learnt: { readableAt: tools.clock.now().toISOString() } };
    },
  };
}

export function openTopicWrites(facts: ScaleOutFacts, tools: Tools): Step<ScaleOutFacts> {
  const { brokerName } = facts;
  return {
    id: 'open-writes',
    description: `let producers write to ${brokerName}`,
    zh: `允许生产者写入 ${brokerName}`,
    pause: seconds(1),
    async run(io) {
      const former = new Map(Object.entries(facts.formerPermissions ?? {}));
      const { written, without } = await writtenElsewhere(facts, tools.desk, io);
      const kept: string[] = [];
      const unknown: string[] = [];
      const open = ({ name, permission }: PlannedTopic, now: number | undefined) => {
        const isAsLeft = now === permission || now === (former.get(name) ?? withoutWrites(permission));
        if (isAsLeft && written.has(name)) return permission;
        // Since the plan, others deleted the topic or closed it to producers, or a broker that receives its messages is
        // restarting.
        (isAsLeft && without.length > 0 ? unknown : kept).push(name);
        return now;
      };
      const opened = await define(facts, tools, open, io);
      if (unknown.length > 0) {
        return heldBy(without.map((name) => ({ en: `${name} has no master now`, zh: `${name} 目前没有主节点` })));
      }
      const wanted = namesOf(facts).filter((name) => !kept.includes(name));
      const routes = await readRoutes(tools.desk, wanted, io);
      const isOpen = (queues: { permission: string } | undefined) => queues?.permission.includes('w') === true;
      const problem = { en: `does not route writes to ${brokerName}`, zh: `尚未把写入路由到 ${brokerName}` };
      const holds = routeBlockers(routes, brokerName, problem, isOpen);
      if (holds.length > 0) return { kind: 'held', holds };
      return done([
        {
          en: `topics opened for writes: ${opened.length}; name servers that route to ${brokerName}: ${tools.desk.namesrv.length}`,
          zh: `已开放写入的 Topic：${opened.length} 个；路由到 ${brokerName} 的 NameServer：${tools.desk.namesrv.length} 个`,
        },
        ...(kept.length === 0
          ? []
          : [
              {
                en: `left as they are, since others deleted or closed them: ${named(kept)}`,
                zh: `以下 Topic 已被他人删除或禁写，保持不变：${named(kept, 5, 'zh')}`,
              },
            ]),
      ]);
    },
    undo: {
      description: `stop writes to ${brokerName}, except to topics that it had before; stored messages stay readable, and scale-in removes the broker`,
      zh: `停止写入 ${brokerName}（原有的 Topic 除外）；已存储的消息仍可读取，可用 scale-in 下线该 Broker`,
      async run(io) {
        const former = new Map(Object.entries(facts.formerPermissions ?? {}));
        const before = ({ name, permission }: PlannedTopic, now: number | undefined) => {
          const known = former.get(name);
          if (now === undefined) return undefined;
          if (known === undefined) return withoutWrites(permission);
          // A different permission than the one opened here was set by others.
          return now === permission ? known : now;
        };
        return await restoreEach(
          [facts],
          async () => {
            const changed = await define(facts, tools, before, io, facts.address);
            const closed = changed.filter((name) => !former.has(name));
            return {
              en: `read-only topics of ${brokerName}: ${closed.length}; topics with their former permission again: ${changed.length - closed.length}`,
              zh: `${brokerName} 上改为只读的 Topic：${closed.length} 个；恢复原权限的 Topic：${changed.length - closed.length} 个`,
            };
          },
          goneMasters(
            tools,
            () =>
              `permissions of topics that it had: ${Array.from(former, ([name, permission]) => `${name}=${permission}`).join(', ') || 'none'}`,
            io,
          ),
        );
      },
    },
  };
}

type PlannedTopic = ScaleOutFacts['topics'][number];

const namesOf = ({ topics }: ScaleOutFacts) => topics.map(({ name }) => name);

/** Masters that the definitions are copied from, all in one cluster. Plans without `sources` mean all others. */
export const sourceMasters = ({ brokerName, sources }: ScaleOutFacts, listings: readonly ServerListing[]): Master[] =>
  mastersIn(listings).filter(({ brokerName: name }) => name !== brokerName && (sources?.includes(name) ?? true));

/**
 * A topic that others closed since the plan is not opened only on this broker.
 *
 * @returns topics that other brokers accept messages of now, and brokers of the plan without a master now
 */
async function writtenElsewhere(facts: ScaleOutFacts, desk: ChangeDesk, io: Io) {
  const written = new Set<string>();
  const without = new Set(facts.sources);
  for (const { brokerName: name, address } of sourceMasters(facts, await desk.listings(io))) {
    without.delete(name);
    for (const topic of await desk.topics(address, io)) {
      if (mayWrite(topic.permission)) written.add(topic.name);
    }
  }
  return { written, without: [...without] };
}

/** Permissions of planned topics that the broker already has. */
async function permissionsAt({ topics }: ScaleOutFacts, desk: ChangeDesk, address: string, io: Io) {
  const planned = new Set(topics.map(({ name }) => name));
  const there = (await desk.topics(address, io)).filter(({ name }) => planned.has(name));
  return Object.fromEntries(there.map(({ name, permission }) => [name, permission]));
}

/**
 * @param permissionOf returns the permission from the planned topic and the broker's current one; undefined skips a
 *   topic that it lacks
 * @returns topics that were changed
 */
async function define(
  facts: ScaleOutFacts,
  { desk }: Tools,
  permissionOf: (planned: PlannedTopic, now: number | undefined) => number | undefined,
  io: Io,
  known?: string,
): Promise<string[]> {
  const address = await masterOf(desk, facts.brokerName, io, known);
  const there = await topicsAt(desk, address, io);
  const changed: string[] = [];
  for (const planned of facts.topics) {
    const now = there.get(planned.name);
    const permission = permissionOf(planned, now?.permission);
    if (permission === undefined || now?.permission === permission) continue;
    await desk.defineTopic(address, { ...(now ?? planned), permission }, now, io);
    changed.push(planned.name);
  }
  return changed;
}
