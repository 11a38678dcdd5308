// Counts messages stored between two snapshots from the log ends.
// A missing reading neither adds nor hides messages.

import type { PartitionOffsets, PartitionPlace } from '../../core/cluster.ts';
import type { ClusterSnapshot } from '../snapshot.ts';
import { partitionKey } from './partition-key.ts';
import { readingTimes, type ReadingTime, type TimedSnapshot } from './reading-times.ts';

/** One log as last known. Its end may be older than the observation: the last read end is kept, with its time. */
interface KnownLog {
  place: PartitionPlace;
  leader?: string;
  /** Kafka: distinguishes a re-created topic from the old one. */
  topicId?: string;
  read?: { end: bigint; atSeconds: number };
  listedAt: number;
}

/** Known ends of all logs after a snapshot. Created by `observeLogs`. */
export interface KnownLogs {
  atSeconds: number;
  logs: ReadonlyMap<string, KnownLog>;
  /** Ids of topics that were listed with all their partitions; empty if the list was not read now, and for RocketMQ. */
  listedTopics: ReadonlySet<string>;
}

/**
 * `not-read`: this snapshot has no new end. `no-leader`: no broker could be read, and none accepts messages.
 * `first-reading`: the log may have existed before, with an unknown end. `re-created`: another log with the same name,
 * or one that lost its end.
 */
type UnknownGrowth = 'not-read' | 'no-leader' | 'first-reading' | 're-created';

type Growth =
  /** `seconds` between the two readings of this log: longer than between the snapshots if a reading was missing. */
  { kind: 'known'; messages: number; seconds: number } | { kind: 'unknown'; reason: UnknownGrowth };
type LogGrowth = PartitionPlace & { leader?: string } & Growth;

/** A deleted topic is dropped after this time. If it were sooner, one stale topic list would make topics look new. */
const forgetSeconds = 3600;

/** @param before logs known until now; a log that this snapshot could not read keeps its last end */
export function observeLogs(timed: TimedSnapshot, before?: KnownLogs): KnownLogs {
  const { atSeconds, snapshot } = timed;
  const offsets = new Map(snapshot.offsets.map((each) => [partitionKey(each), each]));
  const timeOf = readingTimes(timed, 'offsets');
  const logs = new Map<string, KnownLog>();
  for (const [key, log] of before?.logs ?? []) if (atSeconds - log.listedAt < forgetSeconds) logs.set(key, log);
  for (const { id, partitions } of snapshot.topics) {
    for (const { topic, partition, brokerName, leader } of partitions) {
      const place = { topic, partition, ...(brokerName !== undefined && { brokerName }) };
      const key = partitionKey(place);
      const seen: KnownLog = {
        place,
        listedAt: atSeconds,
        ...(leader !== undefined && { leader }),
        ...(id !== undefined && { topicId: id }),
      };
      logs.set(key, withReading(seen, before?.logs.get(key), offsets.get(key), timeOf({ broker: leader, brokerName })));
    }
  }
  return { atSeconds, logs, listedTopics: listedIn(snapshot) };
}

function withReading(
  seen: KnownLog,
  was: KnownLog | undefined,
  found: PartitionOffsets | undefined,
  { atSeconds, isFresh }: ReadingTime,
): KnownLog {
  const old = was !== undefined && isSameLog(was, seen) ? was : undefined;
  const end = found?.end;
  // A kept end is known already; its time is used only if there is no other.
  const isNews = end !== undefined && atSeconds !== undefined && (isFresh || old?.read === undefined);
  const read = isNews ? { end, atSeconds } : old?.read;
  return { ...seen, ...(read !== undefined && { read }) };
}

const isSameLog = (one: KnownLog, other: KnownLog) => one.topicId === other.topicId;

function listedIn({ topics, sections }: ClusterSnapshot): KnownLogs['listedTopics'] {
  const isRead = sections.every(({ section, kind }) => section !== 'metadata' || kind === 'fresh');
  return new Set(isRead ? topics.flatMap(({ id }) => id ?? []) : []);
}

/** Yields the growth of each log in the later snapshot. */
export function* logGrowth(before: KnownLogs, after: KnownLogs): Iterable<LogGrowth> {
  for (const [key, log] of after.logs) {
    if (log.listedAt !== after.atSeconds) continue;
    const of = { ...log.place, ...(log.leader !== undefined && { leader: log.leader }) };
    const was = before.logs.get(key);
    yield { ...of, ...(was === undefined ? growthOfNew(log, before, after) : growthOf(was, log)) };
  }
}

const unknown = (reason: UnknownGrowth): Growth => ({ kind: 'unknown', reason });

function growthOf(was: KnownLog, log: KnownLog): Growth {
  const { read, leader } = log;
  if (!isSameLog(was, log)) return unknown('re-created');
  if (read === undefined || (was.read !== undefined && read.atSeconds <= was.read.atSeconds)) {
    return unknown(leader === undefined ? 'no-leader' : 'not-read');
  }
  if (was.read === undefined) return unknown('first-reading');
  if (read.end < was.read.end) return unknown('re-created');
  return { kind: 'known', messages: Number(read.end - was.read.end), seconds: read.atSeconds - was.read.atSeconds };
}

/**
 * A topic that was not listed before is new, or has become visible with all its messages by a new permission. The
 * growth is known for an empty log, and for a partition added to a topic, since Kafka never removes one.
 */
function growthOfNew({ topicId, leader, read }: KnownLog, before: KnownLogs, after: KnownLogs): Growth {
  if (read === undefined) return unknown(leader === undefined ? 'no-leader' : 'not-read');
  const isAdded = topicId !== undefined && before.listedTopics.has(topicId);
  if (read.end > 0n && !isAdded) return unknown('first-reading');
  return { kind: 'known', messages: Number(read.end), seconds: after.atSeconds - before.atSeconds };
}
