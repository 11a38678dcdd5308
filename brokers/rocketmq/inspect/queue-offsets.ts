// Reads the first and last offset of each queue of a broker, and skips queues that cannot have moved.

import type { Clock } from '../../../core/clock.ts';
import type { AskIo } from '../ask.ts';
import { type BrokerLink, unlessRefused } from './broker-link.ts';
import { pipelined } from '../../pipelined.ts';
import { encodeGetMaxOffset, encodeGetMinOffset } from '../protocol/offset-requests.ts';
import { encodeGetTopicStats } from '../protocol/topic-requests.ts';
import type { RuntimeFigures } from '../runtime-info.ts';

export interface QueueOffsets {
  start?: bigint;
  end: bigint;
}

interface TopicQueues {
  name: string;
  queues: number;
}

/** Offsets by topic, in the order of queue ids; undefined for a queue that is gone. */
export type OffsetsByTopic = ReadonlyMap<string, readonly (QueueOffsets | undefined)[]>;

/*
 * Requests, and their cost for the broker:
 *
 *   30, 31  end or start of one queue: from memory
 *   202     both of all queues of a topic, and the store time of each queue's newest message from the commit log: for a
 *           queue that was quiet for long, this reads a cold page from disk (apache/rocketmq/issues/9407)
 *
 * The most exact method that never reads a cold page is therefore:
 *
 *   - no request, if all was read after the commit log stopped growing and nothing waits for dispatch: no end can have
 *     moved. Not in the first reading with that end: 5.x does not count messages that slaves have yet to confirm
 *   - 202 for a topic all of whose queues moved between the last two readings: one request in place of many, and its newest
 *     messages are those just written
 *   - 30 for the queues of all other topics, many concurrently
 *   - 31 once, and in two readings after the commit log lost files at its beginning: the broker corrects the starts of
 *     its queues only then
 *
 * docs/reference/rocketmq-requests.md has the figures.
 */

/** Concurrent requests to one broker: its pool for them has 16 threads and a queue of 10,000. */
const atOnce = 64;
/** Limit of queues per reading; the others keep their last values. */
const mostQueuesAtATime = 10_000;
/** A queue that moved between readings further apart than this may be cold again. */
const hotSeconds = 120;
/** How long the start of the commit log may be unknown: for a slave that acts as master it always is. */
const unknownBeginSeconds = 60;

interface KnownTopic {
  queues: readonly (QueueOffsets | undefined)[];
  /** Number of the reading that the offsets are from. */
  reading: number;
}

export type QueueOffsetReader = ReturnType<typeof createQueueOffsetReader>;

export function createQueueOffsetReader({ clock }: { clock: Clock }) {
  let known = new Map<string, KnownTopic>();
  let last: { figures: RuntimeFigures; readAt: number } | undefined;
  let begin: { offset: bigint | undefined; knownAt: number } | undefined;
  let reading = 0;
  /** Numbers of the first readings with the current end, and the current start, of the commit log. */
  let [grownAt, trimmedAt] = [0, 0];
  let moved: ReadonlySet<string> = new Set();
  let hot: ReadonlySet<string> = new Set();

  return {
    /**
     * @param figures figures of the broker, read before this call and after the commits
     * @param areAll whether the broker has no other topics; then the state of other topics is dropped
     * @throws AppError as the broker answers
     */
    async read(
      link: BrokerLink,
      topics: readonly TopicQueues[],
      figures: RuntimeFigures,
      io: AskIo,
      areAll = true,
    ): Promise<OffsetsByTopic> {
      const now = clock.monotonic();
      // Another reading may begin before this one has ended.
      const current = (reading += 1);
      if (!isSameEnd(figures, last?.figures) || last?.figures.dispatchBehindBytes !== 0n) grownAt = current;
      if (hasNewBegin(figures, now)) trimmedAt = current;
      const isRecent = last !== undefined && now - last.readAt < hotSeconds;
      last = { figures, readAt: now };
      // After a failed reading no queue counts as hot.
      const wasHot = isRecent ? hot : new Set<string>();
      hot = new Set();

      const due = topics.filter((topic) => isDue(topic, known.get(topic.name)));
      const asWhole = due.filter(({ name }) => wasHot.has(name));
      const single = inTurn(due.filter(({ name }) => !wasHot.has(name)));
      const read = new Map<string, KnownTopic>();
      const keep = ({ name }: TopicQueues, queues: KnownTopic['queues']) =>
        read.set(name, { queues, reading: current });
      const [wholes, singles] = await Promise.all([
        pipelined(asWhole, atOnce, (topic) => readTopic(link, topic, io)),
        readQueues(link, single, startOf, io),
      ]);
      for (const [index, topic] of asWhole.entries()) keep(topic, wholes[index] ?? []);
      for (const [index, topic] of single.entries()) keep(topic, singles[index] ?? []);

      const movement = movementBetween(known, read);
      const names = new Set(topics.map(({ name }) => name));
      moved = areAll ? movement.moved : moved.difference(names).union(movement.moved);
      if (isRecent) hot = movement.hot;
      for (const [name, topic] of read) known.set(name, topic);
      if (areAll) known = new Map([...known].filter(([name]) => names.has(name)));
      return new Map(topics.map(({ name }) => [name, known.get(name)?.queues ?? []]));

      /** Returns a start that is known without a request; an end that moved back means another queue of that name. */
      function startOf(topic: string, queueId: number, end: bigint): bigint | undefined {
        const before = known.get(topic);
        const queue = before?.queues[queueId];
        if (end === 0n) return 0n;
        return before !== undefined && before.reading > trimmedAt && queue !== undefined && queue.end <= end
          ? queue.start
          : undefined;
      }
    },
    /** Topics with a queue that moved between their last two readings. */
    moved: () => moved,
  };

  function isDue({ queues }: TopicQueues, topic: KnownTopic | undefined): boolean {
    return topic?.queues.length !== queues || topic.reading <= grownAt || topic.reading <= trimmedAt;
  }

  function hasNewBegin({ commitLogMinOffset: offset }: RuntimeFigures, now: number): boolean {
    const isNew =
      begin !== undefined &&
      (offset === undefined ? now - begin.knownAt >= unknownBeginSeconds : offset !== begin.offset);
    if (begin === undefined || isNew || offset !== undefined) begin = { offset: offset ?? begin?.offset, knownAt: now };
    return isNew;
  }

  /** Gives moving topics half of the room, so that the others are not deferred forever. */
  function inTurn(topics: readonly TopicQueues[]): TopicQueues[] {
    const turnOf = ({ name }: TopicQueues) => known.get(name)?.reading ?? -1;
    const byTurn = topics.toSorted((one, other) => turnOf(one) - turnOf(other));
    const moving = fitting(
      byTurn.filter(({ name }) => moved.has(name)),
      mostQueuesAtATime / 2,
    );
    const room = mostQueuesAtATime - moving.reduce((sum, { queues }) => sum + queues, 0);
    const others = new Set(byTurn).difference(new Set(moving));
    return [...moving, ...fitting([...others], room)];
  }
}

/** Takes at least one topic, even if it alone exceeds the room. */
function fitting(topics: readonly TopicQueues[], room: number): TopicQueues[] {
  let left = room;
  return topics.filter(({ queues }) => (left -= queues) >= 0 || left + queues === room);
}

/** Unknown ends are never the same. */
const isSameEnd = ({ commitLogMaxOffset: end }: RuntimeFigures, before: RuntimeFigures | undefined) =>
  end !== undefined && end === before?.commitLogMaxOffset;

const nothingOf = (queues: number) => Array.from({ length: queues }, (): QueueOffsets | undefined => undefined);

async function readTopic(link: BrokerLink, { name, queues }: TopicQueues, io: AskIo): Promise<KnownTopic['queues']> {
  const offsets = nothingOf(queues);
  const rows = await unlessRefused(() => link.ask(encodeGetTopicStats(name), io));
  for (const { queueId, start, end } of rows ?? []) {
    if (end === undefined || queueId < 0 || queueId >= queues) continue;
    offsets[queueId] = { end, ...(start !== undefined && { start }) };
  }
  return offsets;
}

async function readQueues(
  link: BrokerLink,
  topics: readonly TopicQueues[],
  knownStart: (topic: string, queueId: number, end: bigint) => bigint | undefined,
  io: AskIo,
): Promise<KnownTopic['queues'][]> {
  const offsets = topics.map(({ queues }) => nothingOf(queues));
  const wanted = topics.flatMap(({ name, queues }, index) =>
    Array.from({ length: queues }, (_, queueId) => ({ topic: name, queueId, row: offsets[index] ?? [] })),
  );
  await pipelined(wanted, atOnce, async ({ row, ...queue }) => {
    const end = await unlessRefused(() => link.ask(encodeGetMaxOffset(queue), io));
    if (end === undefined) return;
    const start =
      knownStart(queue.topic, queue.queueId, end) ??
      (await unlessRefused(() => link.ask(encodeGetMinOffset(queue), io)));
    row[queue.queueId] = { end, ...(start !== undefined && { start }) };
  });
  return offsets;
}

/** `hot` are topics whose queues with messages all moved since the previous reading. */
function movementBetween(before: ReadonlyMap<string, KnownTopic>, now: ReadonlyMap<string, KnownTopic>) {
  const [moved, hot] = [new Set<string>(), new Set<string>()];
  for (const [topic, { queues, reading }] of now) {
    const { queues: old, reading: last } = before.get(topic) ?? {};
    if (old === undefined || last === undefined) continue;
    const used = queues.filter((queue) => queue !== undefined && queue.end > 0n);
    const changed = queues.filter((queue, id) => queue !== undefined && queue.end !== (old[id]?.end ?? 0n));
    if (changed.length > 0) moved.add(topic);
    if (changed.length > 0 && changed.length === used.length && last === reading - 1) hot.add(topic);
  }
  return { moved, hot };
}
