// Closes unused queues to consumers after they are proven quiet, read and expired.

import { seconds } from '../../../core/clock.ts';
import type { Io } from '../../../brokers/driver.ts';
import { masterOf } from '../broker-group.ts';
import { type Text, textIn } from '../../../core/text/bilingual.ts';
import { blockedBy, blocker, changesNothing, done, ignoredText, type Blocker, type Step } from '../../change/step.ts';
import { waitingText } from '../await-quiet.ts';
import type { Tools } from '../change.ts';
import { retentionBlockers } from '../await-expired.ts';
import { senderBlockers, watchIncoming } from '../incoming.ts';
import { unreadBlocker } from '../unread-blocker.ts';
import { readUnread } from '../unread.ts';
import { leavingQueues, longestOf, type QueuesFacts } from './facts.ts';
import { reopenedQueues, restoreOnEach, staleRoutes, setOnEach } from './set-queues.ts';
import { deliverySeconds, halfMessageBlockers, undeliveredAt } from '../scale-in/await-delivered.ts';
import { uncountedText, type WaitingKind } from '../uncounted.ts';

/** Checks whether clients write to the removed queues, on each broker. */
function watchRemoved(facts: QueuesFacts, { desk, clock }: Tools) {
  const watched = facts.brokers.map((broker) => ({ broker, look: watchIncoming(desk) }));
  let quietSince: number | undefined;
  let looked = '';
  return async (io: Io): Promise<{ holds: Blocker[]; hasSenders: boolean; quiet: number }> => {
    const senders = [];
    const masters: string[] = [];
    for (const { broker, look } of watched) {
      const address = await masterOf(desk, broker.brokerName, io);
      masters.push(address);
      senders.push(...(await look(address, leavingQueues(facts, broker), io)));
    }
    const now = clock.monotonic();
    const hasSenders = senders.length > 0;
    // An elected master may lack the last messages: what was sent to it since does not show in its ends.
    if (masters.join() !== looked) quietSince = undefined;
    looked = masters.join();
    if (hasSenders || quietSince === undefined) quietSince = now;
    const quiet = now - quietSince;
    if (hasSenders || quiet >= facts.quietSeconds) return { holds: senderBlockers(senders), hasSenders, quiet };
    return { holds: [blocker(waitingText(facts.quietSeconds))], hasSenders, quiet };
  };
}

export function awaitQueuesQuiet(facts: QueuesFacts, tools: Tools): Step<QueuesFacts> {
  const look = watchRemoved(facts, tools);
  return {
    id: 'see-quiet',
    description: `watch until no client wrote to the removed queues for ${facts.quietSeconds} s`,
    zh: `观察直到连续 ${facts.quietSeconds} 秒没有客户端写入被移除的队列`,
    pause: seconds(Math.min(5, facts.quietSeconds / 4)),
    undo: changesNothing,
    async run(io) {
      const { holds, quiet } = await look(io);
      if (holds.length > 0) return { kind: 'held', holds };
      const evidence = {
        en: `no message of a client in ${Math.floor(quiet)} s in the queues from ${facts.to} on`,
        zh: `${Math.floor(quiet)} 秒内编号 ${facts.to} 及以后的队列没有客户端消息`,
      };
      return { ...done(evidence), learnt: { quietAt: tools.clock.now().toISOString() } };
    },
  };
}

/**
 * Steps between set-writes and close-reads, which may be days apart: block while queues are open to producers again,
 * then until quiet.
 */
export function whileClosed(
  facts: QueuesFacts,
  tools: Tools,
  steps: readonly Step<QueuesFacts>[],
): Step<QueuesFacts>[] {
  let look: ReturnType<typeof watchRemoved> | undefined;
  return steps.map((step): Step<QueuesFacts> => ({
    ...step,
    async run(io) {
      // Messages sent while it was open may arrive late, and their retention begins now.
      const reopened = () => ({ quietAt: tools.clock.now().toISOString(), wasReopened: true, quietAgain: false });
      const open = await reopenedQueues(tools.desk, facts, io);
      if (open.length > 0) {
        look = undefined;
        return { kind: 'held', holds: open, learnt: reopened() };
      }
      if (facts.wasReopened !== true || facts.quietAgain === true) return await step.run(io);
      // Clients with an old route still write to queues that were closed again.
      look ??= watchRemoved(facts, tools);
      const { holds, hasSenders } = await look(io);
      if (holds.length > 0) return { kind: 'held', holds, ...(hasSenders && { learnt: reopened() }) };
      const outcome = await step.run(io);
      // Later steps, and other processes, need no second proof.
      return outcome.kind === 'asked' ? outcome : { ...outcome, learnt: { ...outcome.learnt, quietAgain: true } };
    },
  }));
}

export function awaitQueuesRead(facts: QueuesFacts, tools: Tools): Step<QueuesFacts> {
  const ignored = ignoredText(facts.ignoredGroups);
  return {
    id: 'see-read',
    description: `wait until no group has unread messages in the removed queues${ignored.en}`,
    zh: `等待所有消费组消费完被移除队列中的消息${ignored.zh}`,
    pause: seconds(2),
    undo: changesNothing,
    async run(io) {
      const holds = await unreadBlockers(facts, tools, io);
      if (holds.length > 0) return { kind: 'held', holds };
      return done({
        en: `no group has unread messages from queue ${facts.to} on`,
        zh: `编号 ${facts.to} 及以后的队列没有未消费消息`,
      });
    },
  };
}

async function unreadBlockers(facts: QueuesFacts, { desk, clock }: Tools, io: Io): Promise<Blocker[]> {
  const holds: Blocker[] = [];
  for (const broker of facts.brokers) {
    const queues = leavingQueues(facts, broker);
    if (queues.length === 0) continue;
    const address = await masterOf(desk, broker.brokerName, io);
    const unread = await readUnread(desk, address, queues, io, facts.ignoredGroups);
    holds.push(...unread.map((each) => unreadBlocker(each, facts, clock.now())));
  }
  return holds;
}

/** Delayed messages arrive later than they were sent, and are retained from then on. */
function withLate(facts: QueuesFacts): QueuesFacts {
  const { late, quietAt } = facts;
  if (late === undefined || quietAt === undefined) return facts;
  return { ...facts, quietAt: new Date(Date.parse(quietAt) + longestOf(late) * 1000).toISOString() };
}

export function closeReads(facts: QueuesFacts, tools: Tools): Step<QueuesFacts> {
  const { to } = facts;
  const { desk, clock } = tools;
  return {
    id: 'close-reads',
    description: `let consumers read ${to} queues on each broker`,
    zh: `消费者只读取每个 Broker 的 ${to} 个队列`,
    pause: seconds(1),
    async run(io) {
      // The queues may have been open to producers for a while since the earlier steps.
      const again =
        facts.wasReopened === true
          ? [...(await lateBlockers(facts, tools, io)), ...retentionBlockers(withLate(facts), clock.now())]
          : [];
      const open = [...again, ...(await unreadBlockers(facts, tools, io))];
      if (open.length > 0) return { kind: 'held', holds: open };
      const evidence = await setOnEach(desk, facts, io, (now) => ({ ...now, readQueues: to }));
      const holds = await staleRoutes(desk, facts, ({ readQueues }) => readQueues === to, io);
      return holds.length > 0 ? { kind: 'held', holds } : done(evidence);
    },
    undo: {
      description: 'restore the former number of read queues',
      zh: '恢复原来的读队列数',
      run: (io) =>
        restoreOnEach(tools, facts, io, (now, { readQueues }) => ({
          ...now,
          readQueues: Math.max(now.readQueues, readQueues),
        })),
    },
  };
}

/** Removed queues are no longer chosen: a message that a broker still holds after the longest delay belongs to other queues. */
export function awaitLate(facts: QueuesFacts, tools: Tools): Step<QueuesFacts> {
  return {
    id: 'see-late',
    description: 'wait until delayed and transactional messages of the removed queues have arrived',
    zh: '等待被移除队列的延迟消息和事务消息全部到达',
    pause: seconds(5),
    undo: changesNothing,
    async run(io) {
      if (facts.late === undefined) {
        return done({
          en: `no delayed or transactional message of ${facts.topic} was found`,
          zh: `没有发现 ${facts.topic} 的延迟消息或事务消息`,
        });
      }
      const now = tools.clock.now();
      const holds = await lateBlockers(facts, tools, io);
      if (holds.length > 0) return { kind: 'held', holds };
      return {
        ...done({
          en: 'no delayed or transactional message can arrive in the removed queues',
          zh: '被移除的队列不会再有延迟消息或事务消息到达',
        }),
        // Late messages are stored by now at the latest.
        learnt: { quietAt: now.toISOString(), wasReopened: false },
      };
    },
  };
}

/** Messages sent to the removed queues until `quietAt` that may still arrive there. */
async function lateBlockers(facts: QueuesFacts, { desk, clock }: Tools, io: Io): Promise<Blocker[]> {
  const { late } = facts;
  if (late === undefined) return [];
  const now = clock.now();
  const quietMs = Date.parse(facts.quietAt ?? now.toISOString());
  const within = (delay: number) => new Date(quietMs + (delay + deliverySeconds) * 1000);
  const longestHidden: Partial<Record<WaitingKind, number>> = {
    timer: late.longestTimerSeconds ?? longestOf(late),
    transaction: late.transactionSeconds,
  };
  const holds: Blocker[] = [];
  for (const { brokerName } of facts.brokers) {
    const address = await masterOf(desk, brokerName, io);
    const { holds: delayed, hidden } = await undeliveredAt(desk, address, { ...late, quietAt: facts.quietAt }, io);
    const open = await halfMessageBlockers(desk, address, io);
    const at = (what: Text, seconds: number) =>
      blocker(
        { en: `${textIn(what, 'en')} at ${brokerName}`, zh: `${brokerName}：${textIn(what, 'zh')}` },
        within(seconds),
      );
    for (const each of delayed) {
      const { until } = each;
      holds.push(at(blockedBy(each), until === undefined ? longestOf(late) : (until.getTime() - quietMs) / 1000));
    }
    for (const each of open) holds.push(at(blockedBy(each), late.transactionSeconds));
    for (const kind of hidden) {
      const longest = longestHidden[kind];
      if (longest === undefined) continue;
      holds.push(at(uncountedText(kind), longest));
    }
  }
  return holds.filter(({ until }) => until === undefined || until > now);
}
