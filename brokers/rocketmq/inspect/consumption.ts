// Reads when the last consumed message of a moving group was stored, and keeps the time while the group is idle.

import type { Io } from '../../driver.ts';
import { type TopicCommits, encodeGetConsumeStats, type QueueConsumption } from '../protocol/offset-requests.ts';
import { type BrokerLink, unlessRefused } from './broker-link.ts';
import { pipelined } from '../../pipelined.ts';
import type { OffsetsByTopic } from './queue-offsets.ts';

/** Consumption by `topic@group`. */
export type Consumption = ReadonlyMap<string, readonly QueueConsumption[]>;

/*
 * The broker looks up the message before each commit in its commit log. If all commits of a group in a topic have just
 * moved, those messages have just been read, and no page is read from disk; no other groups are read. A group that
 * hangs later keeps its last reading, because its last consumed message is the same.
 */
const mostAtATime = 50;
const atOnce = 8;

export function createConsumptionReader() {
  const known = new Map<string, { queues: readonly QueueConsumption[]; reading: number }>();
  let before: ReadonlyMap<string, TopicCommits> = new Map();
  let reading = 0;

  return async (
    link: BrokerLink,
    { commits, offsets }: { commits: ReadonlyMap<string, TopicCommits>; offsets?: OffsetsByTopic },
    io: Io,
  ): Promise<Consumption> => {
    reading += 1;
    for (const key of known.keys()) if (!commits.has(key)) known.delete(key);
    const moving = [...commits].filter(
      ([key, now]) => isBehind(now, offsets) && isMoving(now.byQueue, before.get(key)?.byQueue),
    );
    before = commits;
    const turnOf = ([key]: (typeof moving)[number]) => known.get(key)?.reading ?? 0;
    const due = moving.sort((one, other) => turnOf(one) - turnOf(other)).slice(0, mostAtATime);
    await pipelined(due, atOnce, async ([key, of]) => {
      const answer = await unlessRefused(() => link.ask(encodeGetConsumeStats(of), io));
      known.set(key, { queues: answer ?? [], reading });
    });
    return new Map(Array.from(known, ([key, { queues }]) => [key, queues]));
  };
}

function isBehind({ topic, byQueue }: TopicCommits, offsets: OffsetsByTopic | undefined): boolean {
  const ends = offsets?.get(topic) ?? [];
  return byQueue.entries().some(([queueId, committed]) => committed < (ends[queueId]?.end ?? 0n));
}

function isMoving(now: TopicCommits['byQueue'], before: TopicCommits['byQueue'] | undefined): boolean {
  return before !== undefined && now.entries().every(([queueId, committed]) => committed > (before.get(queueId) ?? 0n));
}
