// Restores the queues of topics that a redline raised: write queues at once, read queues after every group has read the
// removed ones.

import { AppError, isUnreachable } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import type { Restored } from '../../redline/redline-driver.ts';
import { masterOf, queueKey, topicsAt } from '../broker-group.ts';
import { leavingQueues } from '../queues/facts.ts';
import { readUnread } from '../unread.ts';
import { unreadBlocker } from '../unread-blocker.ts';
import { set, type QueueTools, type TopicQueues } from './queue-layout.ts';
import type { Queues } from '../queues/set-queues.ts';

const pause = seconds(2);
/** Java clients refresh routes every 30 s (pollNameServerInterval), so queues must be quiet for longer than that. */
const quietSeconds = 40;
/** Timeout without progress: a broker may restart, and a group may be slow. */
const patience = seconds(300);

export interface JournaledQueues {
  original: readonly TopicQueues[];
  /** Values set by the redline, including intermediate ones. */
  set: readonly TopicQueues[];
  ignoredGroups: readonly string[];
  /** An operator says that the broker will never return: it is not waited for. */
  isGone?: boolean;
}

type State =
  | { kind: 'done' }
  | { kind: 'left'; reason: string }
  /** Its write queues are not restored yet. */
  | { kind: 'writes' }
  /** Its removed queues still receive messages, or have unread ones. */
  | { kind: 'waiting'; reason: string }
  /** Its removed queues are empty. */
  | { kind: 'reads' };

/**
 * Skips unchanged topics. Leaves topics whose number of queues is neither the former one nor one set by the redline.
 *
 * @throws AppError of the broker, after five minutes without progress
 */
export async function restoreQueues(tools: QueueTools, journaled: JournaledQueues): Promise<Restored> {
  const { clock, signal } = tools;
  const quiet = watchQuiet(tools);
  let deadline = clock.monotonic() + patience;
  let progress = '';
  for (;;) {
    let states: { original: TopicQueues; state: State }[] = [];
    try {
      states = await statesOf(tools, journaled, quiet);
      const shown = JSON.stringify(states.map(({ state }) => state));
      const isLate = clock.monotonic() > deadline;
      if (shown !== progress) deadline = clock.monotonic() + patience;
      progress = shown;
      const isOver = states.every(({ state: { kind } }) => kind === 'done' || kind === 'left');
      const isWaiting = states.every(({ state: { kind } }) => kind !== 'writes' && kind !== 'reads');
      if (isOver || (isLate && isWaiting)) return restoredOf(states);
      for (const { original, state } of states) {
        if (state.kind === 'writes')
          await set(tools, original, (now) => ({ ...now, writeQueues: original.writeQueues }));
        if (state.kind === 'reads') await set(tools, original, (now) => ({ ...now, readQueues: original.readQueues }));
      }
    } catch (cause) {
      const isPassing = cause instanceof AppError && (isUnreachable(cause) || cause.code === 'broker-busy');
      if (!isPassing || journaled.isGone === true || clock.monotonic() > deadline) throw cause;
      tools.held(cause.message);
    }
    if (states.some(({ state: { kind } }) => kind === 'writes' || kind === 'reads')) continue;
    await clock.sleep(pause, { signal });
  }
}

function restoredOf(states: readonly { original: TopicQueues; state: State }[]): Restored {
  return {
    partitions: states.filter(({ state }) => state.kind === 'done').length,
    left: states.flatMap(({ original: { topic, brokerName, readQueues }, state }) => {
      if (state.kind === 'left') return [`${topic}: ${state.reason}`];
      if (state.kind !== 'waiting') return [];
      return [
        `${topic}: more than ${readQueues} queues of ${brokerName} stay readable, since ${state.reason}; later, \`plimsoll ops rocketmq queues --topic ${topic} --broker ${brokerName} --to ${readQueues}\``,
      ];
    }),
  };
}

async function statesOf(
  tools: QueueTools,
  { original: all, set: own, ignoredGroups }: JournaledQueues,
  quiet: ReturnType<typeof watchQuiet>,
) {
  const { desk, clock, signal } = tools;
  const states: { original: TopicQueues; state: State }[] = [];
  for (const [brokerName, originals] of Map.groupBy(all, (each) => each.brokerName)) {
    const address = await masterOf(desk, brokerName, { signal }, originals[0]?.address);
    const definitions = await topicsAt(desk, address, { signal });
    for (const before of originals) {
      const original = { ...before, address };
      states.push({ original, state: await stateOf(original, definitions.get(original.topic)) });
    }
  }
  return states;

  async function stateOf(original: TopicQueues, now: Queues | undefined): Promise<State> {
    if (now === undefined) return { kind: 'left', reason: 'it was deleted meanwhile' };
    const known = [original, ...own.filter(({ topic }) => topic === original.topic)];
    const isOwn =
      known.some(({ readQueues }) => readQueues === now.readQueues) &&
      known.some(({ writeQueues }) => writeQueues === now.writeQueues);
    if (!isOwn) {
      const reason = `it has ${now.readQueues} read and ${now.writeQueues} write queues on ${original.brokerName}, which others set meanwhile; before, it had ${original.readQueues} and ${original.writeQueues}`;
      return { kind: 'left', reason };
    }
    if (now.writeQueues !== original.writeQueues) return { kind: 'writes' };
    return now.readQueues === original.readQueues ? { kind: 'done' } : await stateOfReads(original, now.readQueues);
  }

  async function stateOfReads(original: TopicQueues, readQueues: number): Promise<State> {
    const { topic, address, readQueues: to } = original;
    const queues = leavingQueues({ topic, to }, { readQueues, writeQueues: 0 });
    const left = await quiet(original, queues);
    if (left > 0)
      return { kind: 'waiting', reason: `producers with former routes may still send to them for ${left} s` };
    const [first] = await readUnread(desk, address, queues, { signal }, ignoredGroups);
    if (first !== undefined) return { kind: 'waiting', reason: unreadBlocker(first, {}, clock.now()).what };
    return { kind: 'reads' };
  }
}

/** @returns a function that returns for how many more seconds removed queues must stay quiet */
function watchQuiet({ desk, clock, signal }: QueueTools) {
  const known = new Map<string, { ends: string; since: number }>();
  return async ({ topic, address }: TopicQueues, queues: readonly { topic: string; queueId: number }[]) => {
    const ends = (await desk.ends(address, queues, { signal })).map((end, index) => {
      const queue = queues[index];
      return queue === undefined ? '' : `${queueKey(queue)} ${end}`;
    });
    const now = { ends: ends.join(), since: clock.monotonic() };
    const before = known.get(topic);
    if (before?.ends !== now.ends) known.set(topic, now);
    const since = before?.ends === now.ends ? before.since : now.since;
    return Math.max(0, Math.ceil(quietSeconds - (clock.monotonic() - since)));
  };
}
