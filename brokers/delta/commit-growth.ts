// Counts messages consumed between two snapshots from the commits.
// A missing reading neither adds nor hides messages.

import type { PartitionRef } from '../lookup.ts';
import type { ClusterSnapshot } from '../snapshot.ts';
import { partitionKey } from './partition-key.ts';
import { readingTimes, type ReadingTime, type TimedSnapshot } from './reading-times.ts';

interface KnownCommit {
  place: PartitionRef;
  committed: bigint;
  atSeconds: number;
}

/** What is known of the commits of all groups after a snapshot, by group and partition. Made by `observeCommits`. */
export interface KnownCommits {
  atSeconds: number;
  groups: ReadonlyMap<string, { seenAt: number; commits: ReadonlyMap<string, KnownCommit> }>;
}

interface CommitGrowth extends PartitionRef {
  group: string;
  messages: number;
  /** Between the two readings of this commit. */
  seconds: number;
}

/** A group that is gone is forgotten after this time. */
const forgetSeconds = 3600;

/** @param before what was known until now; a commit that this snapshot could not read stays as it was */
export function observeCommits(timed: TimedSnapshot, before?: KnownCommits): KnownCommits {
  const { atSeconds, snapshot } = timed;
  const timeOf = readingTimes(timed, 'commits');
  const groups = new Map<string, { seenAt: number; commits: ReadonlyMap<string, KnownCommit> }>();
  for (const [name, group] of before?.groups ?? []) {
    if (atSeconds - group.seenAt < forgetSeconds) groups.set(name, group);
  }
  for (const group of snapshot.groups) {
    const commits = new Map(before?.groups.get(group.name)?.commits);
    for (const { topic, partition, brokerName, committed } of group.partitions) {
      const time = commitTime(group, atSeconds, timeOf({ brokerName }));
      const place = { topic, partition, ...(brokerName !== undefined && { brokerName }) };
      const key = partitionKey(place);
      if (committed === undefined || time.atSeconds === undefined || (!time.isFresh && commits.has(key))) continue;
      commits.set(key, { place, committed, atSeconds: time.atSeconds });
    }
    groups.set(group.name, { seenAt: atSeconds, commits });
  }
  return { atSeconds, groups };
}

/**
 * Whether what all groups consume is known. A group that was deleted consumes nothing, and one without partitions never had
 * commits that could be read: it may be one that the broker refuses for good.
 */
export const areCommitsFresh = ({ groups }: ClusterSnapshot): boolean =>
  groups.every(
    ({ commitsAgeSeconds, isUnlisted = false, partitions }) =>
      commitsAgeSeconds === undefined || isUnlisted || partitions[Symbol.iterator]().next().done === true,
  );

/** Kafka states the age per group, whose coordinator may be any broker; RocketMQ per broker. */
function commitTime(
  { commitsAgeSeconds }: ClusterSnapshot['groups'][number],
  atSeconds: number,
  ofBroker: ReadingTime,
): ReadingTime {
  return commitsAgeSeconds === undefined ? ofBroker : { atSeconds: atSeconds - commitsAgeSeconds, isFresh: false };
}

/** Commits read again. One that went back was reset and counts nothing; a first commit shows no movement. */
export function* commitGrowth(before: KnownCommits, after: KnownCommits): Iterable<CommitGrowth> {
  for (const [group, { commits }] of after.groups) {
    const earlier = before.groups.get(group)?.commits;
    for (const [key, { place, committed, atSeconds }] of commits) {
      const was = earlier?.get(key);
      if (was === undefined || atSeconds <= was.atSeconds || committed < was.committed) continue;
      yield { group, ...place, messages: Number(committed - was.committed), seconds: atSeconds - was.atSeconds };
    }
  }
}
