// From which offset to which does each queue of one broker reach, for as few requests as exact answers need?

import type { Io } from '../../driver.ts';
import { AppError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/clock.ts';
import type { BrokerLink } from './broker-link.ts';
import { pipelined } from './pipelined.ts';
import { encodeGetMaxOffset, parseGetMaxOffset } from '../protocol/get-max-offset.ts';
import { encodeGetMinOffset, parseGetMinOffset } from '../protocol/get-min-offset.ts';
import { encodeGetTopicStats, parseGetTopicStats } from '../protocol/get-topic-stats.ts';
import type { RuntimeFigures } from '../runtime-info.ts';

export interface QueueOffsets {
  start?: bigint;
  end: bigint;
  lastStoredAtMs?: number;
}

export interface TopicQueues {
  name: string;
  queues: number;
}

/** By topic, in the order of queue ids; a queue that is gone has none. */
export type OffsetsByTopic = ReadonlyMap<string, readonly (QueueOffsets | undefined)[]>;

export interface QueueOffsetReader {
  /**
   * @param figures of the broker, read before this call and after the commits
   * @throws AppError as the broker answers
   */
  read(link: BrokerLink, topics: readonly TopicQueues[], figures: RuntimeFigures, io: Io): Promise<OffsetsByTopic>;
  /** Topics with a queue that moved between the last two readings. */
  moved(): ReadonlySet<string>;
}

/*
 * What there is to ask, and what it costs the broker:
 *
 *   30, 31  end or start of one queue: from memory
 *   202     both of all queues of a topic, but each with the store time of its newest message out of the commit log: of a queue
 *           that was quiet for long a cold page from disk (apache/rocketmq/issues/9407)
 *
 * So, with the most exact answer that never touches a cold page:
 *
 *   - nothing, while the commit log has not grown and nothing waits for dispatch: no end can have moved
 *   - 202 for a topic all of whose queues moved within the last readings: one request in place of many, and its newest messages are
 *     those just written
 *   - 30 for the queues of all other topics, many in flight
 *   - 31 once, and again when the commit log lost files at its beginning
 */

/** Requests in flight at one broker: its pool for them has 16 threads and a queue of 10,000. */
const atOnce = 64;
/** A queue that moved between readings further apart than this may be cold again. */
const hotSeconds = 120;

export function createQueueOffsetReader({ clock }: { clock: Clock }): QueueOffsetReader {
  let last:
    { offsets: OffsetsByTopic; readAt: number; end: bigint | undefined; behind: bigint | undefined } | undefined;
  let startsAt: bigint | undefined;
  let moved: ReadonlySet<string> = new Set();
  /** Every queue that holds messages moved between the last two readings, and those were close together. */
  let hot: ReadonlySet<string> = new Set();

  return {
    async read(link, topics, figures, io) {
      const { commitLogMaxOffset: end, commitLogMinOffset: begin, dispatchBehindBytes: behind } = figures;
      const readAt = clock.monotonic();
      const before = last;
      const isQuiet = before !== undefined && end !== undefined && before.end === end && before.behind === 0n;
      if (
        isQuiet &&
        begin === startsAt &&
        topics.every(({ name, queues }) => before.offsets.get(name)?.length === queues)
      ) {
        moved = new Set();
        return (last = { ...before, offsets: only(topics, before.offsets), behind }).offsets;
      }

      const isRecent = before !== undefined && readAt - before.readAt < hotSeconds;
      const asWhole = topics.filter(({ name }) => isRecent && hot.has(name));
      const bySingle = topics.filter(({ name }) => !isRecent || !hot.has(name));
      const keepsStarts = begin !== undefined && begin === startsAt;
      const offsets = new Map<string, (QueueOffsets | undefined)[]>();
      const [wholes] = await Promise.all([
        pipelined(asWhole, atOnce, (topic) => readTopic(link, topic, io)),
        readQueues(link, bySingle, { before: before?.offsets, keepsStarts }, offsets, io),
      ]);
      for (const [index, topic] of asWhole.entries()) offsets.set(topic.name, wholes[index] ?? []);

      const ordered = only(topics, offsets);
      const movement = movementBetween(before?.offsets, ordered);
      last = { offsets: ordered, readAt, end, behind };
      startsAt = begin;
      moved = movement.moved;
      hot = isRecent ? movement.hot : new Set();
      return ordered;
    },
    moved: () => moved,
  };
}

async function readTopic(
  link: BrokerLink,
  { name, queues }: TopicQueues,
  io: Io,
): Promise<(QueueOffsets | undefined)[]> {
  const offsets = new Array<QueueOffsets | undefined>(queues).fill(undefined);
  const rows = await unlessRefused(() => link.ask(encodeGetTopicStats(name), parseGetTopicStats, io));
  for (const { queueId, start, end, lastStoredAtMs } of rows ?? []) {
    if (end === undefined || queueId >= queues) continue;
    offsets[queueId] = {
      end,
      ...(start !== undefined && { start }),
      ...(lastStoredAtMs !== undefined && { lastStoredAtMs }),
    };
  }
  return offsets;
}

async function readQueues(
  link: BrokerLink,
  topics: readonly TopicQueues[],
  { before, keepsStarts }: { before: OffsetsByTopic | undefined; keepsStarts: boolean },
  offsets: Map<string, (QueueOffsets | undefined)[]>,
  io: Io,
): Promise<void> {
  const wanted: { topic: string; queueId: number }[] = [];
  for (const { name, queues } of topics) {
    offsets.set(name, new Array<QueueOffsets | undefined>(queues).fill(undefined));
    for (let queueId = 0; queueId < queues; queueId += 1) wanted.push({ topic: name, queueId });
  }
  await pipelined(wanted, atOnce, async (queue) => {
    const end = await unlessRefused(() => link.ask(encodeGetMaxOffset(queue), parseGetMaxOffset, io));
    if (end === undefined) return;
    const start = await startOf(queue, end);
    const row = offsets.get(queue.topic);
    if (row !== undefined) row[queue.queueId] = { end, ...(start !== undefined && { start }) };
  });

  async function startOf(queue: { topic: string; queueId: number }, end: bigint): Promise<bigint | undefined> {
    if (end === 0n) return 0n;
    const known = before?.get(queue.topic)?.[queue.queueId];
    // An end that went back is another queue of the same name.
    if (keepsStarts && known?.start !== undefined && known.end <= end) return known.start;
    return unlessRefused(() => link.ask(encodeGetMinOffset(queue), parseGetMinOffset, io));
  }
}

/** A topic deleted since its config was read is refused: it has no offsets, and the others still do. */
async function unlessRefused<Answer>(read: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'broker-refused') return undefined;
    throw cause;
  }
}

function only(topics: readonly TopicQueues[], offsets: OffsetsByTopic): OffsetsByTopic {
  return new Map(topics.map(({ name }) => [name, offsets.get(name) ?? []]));
}

function movementBetween(before: OffsetsByTopic | undefined, now: OffsetsByTopic) {
  const [moved, hot] = [new Set<string>(), new Set<string>()];
  for (const [topic, queues] of now) {
    const old = before?.get(topic);
    if (old === undefined) continue;
    const used = queues.filter((queue) => queue !== undefined && queue.end > 0n);
    const changed = queues.filter((queue, id) => queue !== undefined && queue.end !== (old[id]?.end ?? 0n));
    if (changed.length > 0) moved.add(topic);
    if (changed.length > 0 && changed.length === used.length) hot.add(topic);
  }
  return { moved, hot };
}
