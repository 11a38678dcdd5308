// Closes a broker to producers permanently with brokerPermission on every member of its group, and opens it again.

import { z } from 'zod';
import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { AppError, faultOf, isUnreachable } from '../../core/errors.ts';
import { seconds } from '../../core/clock.ts';
import { mastersIn, routeBlockers, readRoutes } from './broker-group.ts';
import { answering } from './listings.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import { findingIf } from '../change/change-kind.ts';
import { named } from '../../core/text/bilingual.ts';
import { changesNothing, done, type Blocker, type Step } from '../change/step.ts';
import type { Tools } from './change.ts';
import {
  everyMember,
  isRefusedByOther,
  isSameBroker,
  membersNow,
  restoreMembers,
  takenText,
  type Located,
  type Member,
} from './members.ts';

/** Facts of a change that closes a broker group to producers. */
export const ClosedGroup = z.strictObject({
  brokerName: z.string(),
  members: z.array(
    z.strictObject({
      brokerId: z.number().int(),
      address: z.string(),
      permission: z.number().int().describe('brokerPermission before the change'),
    }),
  ),
  topics: z.array(z.string()).describe('topics of clients that the broker had, retry and dead-letter topics included'),
  names: z.array(z.string()).describe('names of clusters and brokers, each of which has a topic of this name'),
  quietSeconds: z.number().positive(),
});
export type ClosedGroup = z.infer<typeof ClosedGroup>;

/** Bits of PermName: 4 read, 2 write. */
const writeBit = 2;
const setting = 'brokerPermission';
/** Timeout for routes in a rollback: a broker that was just started registers within this time. */
const routesWithin = seconds(30);
const glance = seconds(1);

/** Default for a broker that reports none: read and write. */
export const permissionIn = (settings: ReadonlyMap<string, string>): number => Number(settings.get(setting) ?? 6);
export const mayWrite = (permission: number): boolean => (permission & writeBit) !== 0;
export const withoutWrites = (permission: number): number => permission & ~writeBit;

/*
 * A broker masks its registrations with its permission, so each registration repeats it. A change on a name server
 * alone (WIPE_WRITE_PERM_OF_BROKER) is lost with the next topic change there: the broker registers the topic with its
 * own permission. Slaves and followers get the permission too, because one of them may become master later.
 *
 * A broker first builds the table of a registration, and writes the data version into it when sending. If the
 * permission changes in between, name servers get the old permission with the new version, and ignore the next
 * registration, which has the same version (BrokerController.registerBrokerAll and RouteInfoManager.registerBroker, 4.9
 * and 5.3). They then keep the old permission until something else of the broker changes. A broker that has just
 * started registers at that moment. So routes are checked, and the setting is sent again: each request results in a new
 * version.
 */
export function closeWrites<Facts extends ClosedGroup>(facts: Facts, tools: Tools): Step<Facts> {
  const { desk, clock } = tools;
  return {
    id: 'close-writes',
    description: `set ${setting} without the write bit on every member of ${facts.brokerName}`,
    zh: `在 ${facts.brokerName} 的全部节点上去掉 ${setting} 的写权限（禁写）`,
    pause: seconds(2),
    async run(io) {
      const evidence = await Array.fromAsync(await membersNow(membersOf(facts), desk, io), async (member) => {
        const { address, permission } = member;
        const settings = await desk.settings(address, io);
        if (!isSameBroker(member, settings)) return takenText(address);
        const wanted = withoutWrites(permission);
        if (permissionIn(settings) !== wanted) await desk.set(address, { [setting]: String(wanted) }, io);
        return `${address}: ${setting} ${permission} → ${wanted}`;
      });
      return done(evidence);
    },
    undo: {
      description: `restore ${setting} on every member of ${facts.brokerName}`,
      zh: `在 ${facts.brokerName} 的全部节点上恢复 ${setting}`,
      async run(io) {
        let isKept = false;
        const own: ClosedGroup['members'] = [];
        const restored = await restoreMembers(
          membersOf(facts),
          tools,
          {
            before: ({ permission }) => `${setting}=${permission}`,
            after: ({ permission }) => `${setting}=${withoutWrites(permission)}`,
            async restore(member, settings) {
              const { address, permission } = member;
              own.push(member);
              const before = permissionIn(settings);
              if (before !== permission && before !== withoutWrites(permission)) {
                isKept = true;
                return {
                  en: `${address}: others set ${setting}=${before}, and it is kept`,
                  zh: `${address}：${setting}=${before} 由他人设置，予以保留`,
                };
              }
              await desk.set(address, { [setting]: String(permission) }, io);
              return {
                en: `${address}: ${setting} is ${permission} again`,
                zh: `${address}：${setting} 已恢复为 ${permission}`,
              };
            },
          },
          io,
        );
        if (!isKept) await awaitOpenRoutes({ ...facts, members: own }, io);
        return restored;
      },
    },
  };

  /** Checks name servers that respond; waits for those that list no master of the group yet. */
  async function awaitOpenRoutes(group: ClosedGroup, io: Io): Promise<void> {
    if (!group.members.every(({ permission }) => mayWrite(permission))) return;
    const deadline = clock.monotonic() + routesWithin;
    for (;;) {
      const { closed, isListed } = await closedRoutes(desk, group, io);
      if (closed.length === 0 && (isListed || clock.monotonic() > deadline)) return;
      if (clock.monotonic() > deadline) {
        throw new AppError(
          'change-stopped',
          `${setting} is restored, but after ${routesWithin} s ${closed.map(({ what }) => what).join('; ')}`,
          { hint: 'run --abort again: it sends the setting again' },
        );
      }
      await clock.sleep(glance, io);
      for (const { address, permission } of group.members) {
        await desk.set(address, { [setting]: String(permission) }, io);
      }
    }
  }
}

export const membersOf = ({ brokerName, members }: Pick<ClosedGroup, 'brokerName' | 'members'>) =>
  members.map((member) => ({ ...member, brokerName }));

/** @returns for each name server that responds, topics routed without writes although the broker permits them */
async function closedRoutes(desk: ChangeDesk, { brokerName, members, topics }: ClosedGroup, io: Io) {
  const listings = (await desk.listings(io)).filter(({ brokers }) => brokers !== undefined);
  const [first] = members;
  if (listings.length === 0 || first === undefined) return { closed: [], isListed: true };
  const writable = await writableTopics(desk, first.address, topics, io);
  const routes = await readRoutes(desk, writable, io, answering(listings));
  const isOpen = (queues: { permission: string } | undefined) => queues?.permission.includes('w') ?? true;
  return {
    closed: routeBlockers(
      routes,
      brokerName,
      { en: 'still routes no writes there', zh: '仍未把写入路由到该 Broker' },
      isOpen,
    ),
    isListed: listings.every((listing) => mastersIn([listing]).some((master) => master.brokerName === brokerName)),
  };
}

/** A topic definition may itself be read-only. */
async function writableTopics(desk: ChangeDesk, address: string, topics: readonly string[], io: Io) {
  const defined = await desk.topics(address, io);
  const writable = new Set(defined.filter(({ permission }) => mayWrite(permission)).map(({ name }) => name));
  return topics.filter((topic) => writable.has(topic));
}

/** An unfinished change may have closed it: a rollback to the former permission then leaves it closed. */
export function closedAlready(members: ClosedGroup['members'], consequence: InLanguages<string>): Finding[] {
  const closed = members.filter(({ permission }) => !mayWrite(permission));
  const addresses = closed.map(({ address }) => address);
  return findingIf(closed.length > 0, 'warning', 'closed-already', {
    en: `${setting} has no write bit already: ${named(addresses)}; ${consequence.en}. If an unfinished change closed it, roll that back first (\`plimsoll ops status\`)`,
    zh: `以下节点的 ${setting} 已没有写权限：${named(addresses, 5, 'zh')}；${consequence.zh}。若是未完成的变更所致，请先回滚该变更（\`plimsoll ops status\`）`,
  });
}

/** Lets producers write to a member again. @param at the member, and its permission before the change */
export function openWrites<Facts extends ClosedGroup>(
  { brokerName, topics }: ClosedGroup,
  { address, permission }: { address: string; permission: number },
  { desk }: Tools,
): Step<Facts> {
  return {
    id: 'open-writes',
    description: `let producers write to ${brokerName} at ${address}`,
    zh: `允许生产者写入 ${brokerName}（${address}）`,
    pause: seconds(1),
    undo: { none: 'permissions are restored with close-writes', zh: '权限随 close-writes 一起恢复' },
    async run(io) {
      await desk.set(address, { [setting]: String(permission) }, io);
      const routes = await readRoutes(desk, await writableTopics(desk, address, topics, io), io);
      const isOpen = (queues: { permission: string } | undefined) =>
        queues !== undefined && (queues.permission.includes('w') || !mayWrite(permission));
      const problem = { en: 'does not route writes there yet', zh: '尚未把写入路由到该 Broker' };
      const holds = routeBlockers(routes, brokerName, problem, isOpen);
      if (holds.length > 0) return { kind: 'held', holds };
      return done({
        en: `${setting} is ${permission} on ${address}`,
        zh: `${address} 的 ${setting} 为 ${permission}`,
      });
    },
  };
}

/**
 * Blocks while the permission was restored outside of this change. A member without a response accepts no messages.
 *
 * @param among default: all
 */
export async function openMemberBlockers(
  facts: Pick<ClosedGroup, 'brokerName' | 'members'>,
  { desk }: Tools,
  io: Io,
  among?: readonly (Member & Located)[],
): Promise<Blocker[]> {
  const holds: Blocker[] = [];
  for (const member of among ?? (await everyMember(membersOf(facts), desk, io))) {
    const { address } = member;
    const settings = await desk.settings(address, io).catch((cause: unknown) => faultOf(cause, io));
    if (settings instanceof AppError) {
      if (isUnreachable(settings) || isRefusedByOther(member, settings)) continue;
      throw settings;
    }
    const now = permissionIn(settings);
    if (!mayWrite(now) || !isSameBroker(facts, settings)) continue;
    holds.push({
      what: `another tool or person set ${setting}=${now} on ${address}: use --abort, or set it to ${withoutWrites(now)}`,
      zh: `其他工具或人员已在 ${address} 上设置 ${setting}=${now}：请使用 --abort，或改为 ${withoutWrites(now)}`,
    });
  }
  return holds;
}

export function awaitClosed<Facts extends ClosedGroup>(facts: Facts, tools: Tools): Step<Facts> {
  return {
    id: 'see-closed',
    description: `wait until no route of any name server lets producers write to ${facts.brokerName}`,
    zh: `等待所有 NameServer 的路由都不再允许写入 ${facts.brokerName}`,
    pause: seconds(1),
    undo: changesNothing,
    async run(io) {
      const routes = await readRoutes(tools.desk, facts.topics, io);
      const isClosed = (queues: { permission: string } | undefined) => queues?.permission.includes('w') !== true;
      const problem = { en: 'still routes writes there', zh: '仍把写入路由到该 Broker' };
      const holds = routeBlockers(routes, facts.brokerName, problem, isClosed);
      if (holds.length > 0) {
        await sendAgain(io);
        return { kind: 'held', holds };
      }
      const servers = tools.desk.namesrv.length;
      return done({
        en: `topics of ${facts.brokerName} are read-only (topics: ${facts.topics.length}, name servers: ${servers})`,
        zh: `${facts.brokerName} 的 Topic 已变为只读（Topic：${facts.topics.length} 个，NameServer：${servers} 个）`,
      });
    },
  };

  /** Skips members whose permission others have changed since. */
  async function sendAgain(io: Io): Promise<void> {
    for (const { address, permission } of await membersNow(membersOf(facts), tools.desk, io)) {
      const wanted = withoutWrites(permission);
      const settings = await tools.desk.settings(address, io);
      if (!isSameBroker(facts, settings) || permissionIn(settings) !== wanted) continue;
      await tools.desk.set(address, { [setting]: String(wanted) }, io);
    }
  }
}
