// Waits until a closed broker has no delayed, timed, transactional or unacknowledged pop messages.

import type { Io } from '../../../brokers/driver.ts';
import type { ChangeDesk, QueueRef } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { scheduleTopic, withUndeliveredLevels } from '../../../brokers/rocketmq/delay-levels.ts';
import { parseRuntimeInfo, type RuntimeFigures } from '../../../brokers/rocketmq/runtime-info.ts';
import { seconds } from '../../../core/clock.ts';
import { blocker, changesNothing, done, type Blocker, type Step } from '../../change/step.ts';
import type { Tools } from '../change.ts';
import type { ScaleInFacts } from './facts.ts';
import { uncounted, uncountedIn, uncountedText, waitingKinds, type WaitingKind } from '../uncounted.ts';
import { masterOf, queuesOfTopics } from '../broker-group.ts';
import { findProperty, propertyNames } from '../../../brokers/rocketmq/protocol/message-properties.ts';
import type { StoredMessage } from '../../../brokers/rocketmq/protocol/message.ts';

/** A loaded broker delivers somewhat late. */
export const deliverySeconds = 60;

export function awaitDelivered(facts: ScaleInFacts, tools: Tools): Step<ScaleInFacts> {
  return {
    id: 'see-delivered',
    description: 'wait until delayed messages, timers, open transactions and unacknowledged pops are settled',
    zh: '等待延迟消息、定时消息、未决事务和未确认的 POP 消息处理完毕',
    pause: seconds(3),
    undo: changesNothing,
    async run(io) {
      const address = await masterOf(tools.desk, facts.brokerName, io);
      const { holds, levels, hidden } = await pendingAt(tools, address, facts, io);
      if (holds.length > 0) return { kind: 'held', holds };
      const kinds = waitingKinds.filter((kind) => !hidden.includes(kind));
      const none = kinds.length === 0 ? '' : `; no ${alternatives.format(kinds)} is pending`;
      const noneZh = kinds.map((kind) => `没有${uncounted[kind].messages.zh}`).join('、');
      return done({
        en: `all delay levels are delivered (${levels})${none}`,
        zh: [`全部延迟级别已投递（${levels} 个）`, noneZh].filter(Boolean).join('；'),
      });
    },
  };
}

/** The locale omits the comma before the last item. */
const alternatives = new Intl.ListFormat('en-GB', { type: 'disjunction' });

interface Undelivered {
  holds: Blocker[];
  levels: number;
  /** Kinds of waiting messages that cannot be counted. */
  hidden: readonly WaitingKind[];
}

/** Messages that the broker still has to deliver or settle. */
export async function pendingAt({ desk, clock }: Tools, address: string, facts: Delays, io: Io): Promise<Undelivered> {
  const { holds, levels, hidden } = await undeliveredAt(desk, address, facts, io);
  const timers = hidden.includes('timer') ? uncountedTimers(facts, clock.now()) : [];
  const open = [...(await halfMessageBlockers(desk, address, io)), ...(await popBlockers(desk, address, io))];
  return { holds: [...holds, ...timers, ...open], levels, hidden };
}

/** A broker stores a timer message again before it expires, so the retention alone is not enough. */
function uncountedTimers({ quietAt, longestTimerSeconds }: Delays, now: Date): Blocker[] {
  if (quietAt === undefined || longestTimerSeconds === undefined) return [];
  const until = new Date(Date.parse(quietAt) + (longestTimerSeconds + deliverySeconds) * 1000);
  return now < until ? [blocker(uncountedText('timer'), until)] : [];
}

export async function undeliveredAt(desk: ChangeDesk, address: string, facts: Delays, io: Io): Promise<Undelivered> {
  const settings = await desk.settings(address, io);
  const listed = parseRuntimeInfo(await desk.runtime(address, io), settings);
  const figures = { ...listed, delayLevels: await delayLevelsAt(address, { listed, facts, desk }, io) };
  return {
    holds: delayBlockers(figures, facts),
    levels: figures.delayLevels.length,
    hidden: uncountedIn(settings),
  };
}

async function delayLevelsAt(
  address: string,
  { listed, facts, desk }: { listed: RuntimeFigures; facts: Pick<ScaleInFacts, 'delaySeconds'>; desk: ChangeDesk },
  io: Io,
): Promise<RuntimeFigures['delayLevels']> {
  const queues = facts.delaySeconds.map((_, queueId) => ({ topic: scheduleTopic, queueId }));
  const [starts, ends] = await Promise.all([desk.starts(address, queues, io), desk.ends(address, queues, io)]);
  const offsets = queues.map(({ topic, queueId }, index) => ({
    topic,
    partition: queueId,
    start: starts[index] ?? 0n,
    end: ends[index] ?? 0n,
  }));
  return withUndeliveredLevels(listed.delayLevels, offsets);
}

type Delays = Pick<ScaleInFacts, 'quietAt' | 'delaySeconds' | 'longestTimerSeconds'>;

export function delayBlockers(
  figures: Pick<RuntimeFigures, 'delayLevels' | 'timerWaitingMessages' | 'timerBehindMessages'>,
  { quietAt, delaySeconds, longestTimerSeconds }: Delays,
): Blocker[] {
  const { delayLevels, timerWaitingMessages = 0n, timerBehindMessages = 0n } = figures;
  const after = (delay: number | undefined) =>
    quietAt === undefined || delay === undefined ? undefined : new Date(Date.parse(quietAt) + delay * 1000);
  const levels = delayLevels.flatMap(({ level, delivered, end }): Blocker[] =>
    delivered >= end
      ? []
      : [
          blocker(
            {
              en: `pending messages of delay level ${level}: ${end - delivered}`,
              zh: `延迟级别 ${level} 待投递的消息：${end - delivered} 条`,
            },
            after(delaySeconds[level - 1]),
          ),
        ],
  );
  const timers = timerWaitingMessages + timerBehindMessages;
  if (timers <= 0n) return levels;
  const pending = { en: `pending timer messages: ${timers}`, zh: `待投递的定时消息：${timers} 条` };
  return [...levels, blocker(pending, after(longestTimerSeconds))];
}

/** Transactions without outcome, which an internal group of the broker settles. */
export async function halfMessageBlockers(desk: ChangeDesk, address: string, io: Io): Promise<Blocker[]> {
  const holds: Blocker[] = [];
  for (const { topic, group, byQueue } of await desk.commits(address, io)) {
    if (topic !== 'RMQ_SYS_TRANS_HALF_TOPIC' || !group.startsWith('CID_RMQ_SYS_')) continue;
    const queues = [...byQueue.keys()].map((queueId) => ({ topic, queueId }));
    const ends = await desk.ends(address, queues, io);
    const waiting = queues.reduce((sum, { queueId }, index) => {
      const behind = (ends[index] ?? 0n) - (byQueue.get(queueId) ?? 0n);
      return behind > 0n ? sum + behind : sum;
    }, 0n);
    if (waiting <= 0n) continue;
    const what = `${waiting} pending half messages (transactions without outcome)`;
    holds.push({ what, zh: `${waiting} 条半消息待处理（未决事务）` });
  }
  return holds;
}

const reviveTopic = /^rmq_sys_REVIVE_LOG_/;
/**
 * Maximum messages to read of a queue per check: without traffic, about one second of acknowledgements follow the last
 * check point.
 */
const mostRead = 10_000n;

/**
 * PopReviveService commits the offset of the last settled check point, and continues from the next one.
 * Acknowledgements (ack, bAck) settle check points and never move the commit.
 */
async function popBlockers(
  desk: Pick<ChangeDesk, 'topics' | 'commits' | 'starts' | 'ends' | 'messages'>,
  address: string,
  io: Io,
): Promise<Blocker[]> {
  const topics = (await desk.topics(address, io)).filter(({ name }) => reviveTopic.test(name));
  if (topics.length === 0) return [];
  const queues = queuesOfTopics(topics);
  const commits = (await desk.commits(address, io)).filter(({ group }) => group.startsWith('CID_RMQ_SYS_'));
  const [starts, ends] = [await desk.starts(address, queues, io), await desk.ends(address, queues, io)];
  let waiting = 0n;
  for (const [index, queue] of queues.entries()) {
    const settled = commits.find(({ topic }) => topic === queue.topic)?.byQueue.get(queue.queueId) ?? -1n;
    const start = starts[index] ?? 0n;
    const from = settled + 1n > start ? settled + 1n : start;
    waiting += await checkPointsIn(desk, address, { queue, from, end: ends[index] ?? 0n }, io);
  }
  if (waiting <= 0n) return [];
  return [{ what: `${waiting} pending pop records (not acknowledged)`, zh: `${waiting} 条 POP 记录待确认` }];
}

async function checkPointsIn(
  desk: Pick<ChangeDesk, 'messages'>,
  address: string,
  { queue, from, end }: { queue: QueueRef; from: bigint; end: bigint },
  io: Io,
): Promise<bigint> {
  let offset = from;
  let found = 0n;
  while (offset < end && offset - from < mostRead) {
    const messages = await desk.messages(address, { ...queue, offset }, io);
    const last = messages.at(-1);
    if (last === undefined) break;
    found += BigInt(messages.filter(isCheckPoint).length);
    offset = last.queueOffset + 1n;
  }
  // The unread rest may contain check points.
  return offset < end ? found + end - offset : found;
}

const isCheckPoint = ({ properties }: Pick<StoredMessage, 'properties'>) =>
  findProperty(properties, propertyNames.tags)?.toString() === 'ck';
