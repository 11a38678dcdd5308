// Waits until the operator has stopped a broker and every name server has dropped it.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk, ServerListing } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { AppError, faultOf } from '../../../core/errors.ts';
import { pluralText } from '../../../core/text/quantity-text.ts';
import { seconds } from '../../../core/clock.ts';
import { clientTopics, groupsIn, mastersIn, readRoutes, type Master } from '../broker-group.ts';
import { answering } from '../listings.ts';
import { orderedTopics, topicsOfOpen, topicsOnlyHere } from '../other-masters.ts';
import { orderEntries } from '../topics/set-order.ts';
import { changesNothing, done, type Blocker, type Step } from '../../change/step.ts';
import { named } from '../../change/change-kind.ts';
import type { Tools } from '../change.ts';
import { membersOf, openMemberBlockers } from '../close-writes.ts';
import {
  everyMember,
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
    how: stopInstructions(facts),
    pause: seconds(2),
    undo: { description: `an operator starts the members of ${facts.brokerName} that were stopped` },
    async run(io) {
      const listings = await desk.listings(io);
      const own = listings.flatMap(({ brokers = [] }) =>
        brokers.filter((each) => each.brokerName === facts.brokerName),
      );
      const listed = new Map(own.flatMap(({ addresses }) => Array.from(addresses, ([id, address]) => [address, id])));
      const members: (Member & Located)[] = [];
      const evidence: string[] = [];
      const answering: Blocker[] = [];
      for (const member of await everyMember(membersOf(facts), desk, io)) {
        const { brokerId, address } = member;
        const who = `${facts.brokerName}:${brokerId} at ${address}`;
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
        evidence.push(`${address} no longer answers`);
        if (reached === 'answers') {
          members.push(member);
          answering.push({ what: `${who} still answers: stop it` });
        }
        // A machine that is off is silent; so is a process that hangs, but that one stays in the routes.
        if (reached === 'silent' && listed.has(address)) {
          answering.push({ what: `${who} is silent, and a name server still lists it: it may hang, and come back` });
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
    return [{ what: 'no other broker accepts messages now: let one of them accept messages again, or use --abort' }];
  }
  const names = new Set(facts.names);
  const topics = topicsOnlyHere(clientTopics(await desk.topics(address, io), names), open, names);
  if (topics.length === 0) return [];
  const what = `no other broker accepts messages for the topics ${named(topics)} now: define them on another, or use --abort`;
  return [{ what }];
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
function stopInstructions({ brokerName, members }: Pick<ScaleInFacts, 'brokerName' | 'members'>): string[] {
  const inOrder = members.toSorted((one, other) => other.brokerId - one.brokerId);
  return [
    ...inOrder.map(
      ({ brokerId, address }) =>
        `on the host of ${address}: sh bin/mqshutdown broker, and wait until the process of ${brokerName}:${brokerId} has ended`,
    ),
    'disable its automatic start (systemd, supervisor)',
    'keep its store until this change reports that it is complete',
  ];
}

/** Name servers drop a broker when its connection closes, and a silent one within 120 s (BROKER_CHANNEL_EXPIRED_TIME of 4.9). */
const longestSeconds = 120;

export function awaitGone(facts: ScaleInFacts, { desk }: Tools): Step<ScaleInFacts> {
  return {
    id: 'see-gone',
    description: `check that no route of any name server contains ${facts.brokerName}`,
    pause: seconds(2),
    undo: changesNothing,
    async run(io) {
      const until =
        facts.stoppedAt === undefined ? {} : { until: new Date(Date.parse(facts.stoppedAt) + longestSeconds * 1000) };
      const listings = await desk.listings(io);
      const holds = listings.flatMap(({ server, brokers, reason }): Blocker[] => {
        if (brokers === undefined) return [{ what: reason ?? `name server ${server} does not answer` }];
        const isThere = brokers.some(({ brokerName }) => brokerName === facts.brokerName);
        return isThere ? [{ what: `name server ${server} still lists ${facts.brokerName}`, ...until }] : [];
      });
      if (holds.length > 0) return { kind: 'held', holds };
      const routes = await readRoutes(desk, facts.topics, io);
      const naming = routes.filter(({ route }) =>
        route?.queues.some(({ brokerName }) => brokerName === facts.brokerName),
      );
      if (naming.length > 0) {
        const topics = named([...new Set(naming.map(({ topic }) => topic))]);
        return { kind: 'held', holds: [{ what: `routes still contain ${facts.brokerName}: ${topics}`, ...until }] };
      }
      const orders = await orderBlockers(facts, desk, listings, io);
      if (orders.length > 0) return { kind: 'held', holds: orders };
      const left = [...groupsIn(listings).keys()].sort().join(', ');
      return done(
        `${pluralText(desk.namesrv.length, 'name server')}, ${pluralText(facts.topics.length, 'topic')}: ${facts.brokerName} is in no route; remaining: ${left}`,
      );
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
    holds.push({ what });
  }
  return holds;
}
