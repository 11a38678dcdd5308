// Counts messages consumed between two snapshots from the commits.
// A missing reading neither adds nor hides messages.

import type { PartitionPlace } from '../../core/cluster.ts';
import type { ClusterSnapshot } from '../snapshot.ts';
import { partitionKey } from './partition-key.ts';
import { readingTimes, type ReadingTime, type TimedSnapshot } from './reading-times.ts';

interface KnownCommit {
  place: PartitionPlace;
  committed: bigint;
  atSeconds: number;
}

/** Known commits of all groups after a snapshot, by group and partition. Created by `observeCommits`. */
export interface KnownCommits {
  atSeconds: number;
  groups: ReadonlyMap<string, { seenAt: number; commits: ReadonlyMap<string, KnownCommit> }>;
}

interface CommitGrowth extends PartitionPlace {
  group: string;
  messages: number;
  /** Time between the two readings of this commit. */
  seconds: number;
}

/** Groups that are gone are dropped after this time. */
const forgetSeconds = 3600;

/** @param before commits known until now; a commit that this snapshot could not read is unchanged */
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
 * Whether the consumption of all groups is known. A deleted group consumes nothing, and a group without partitions
 * never had readable commits: the broker may refuse it permanently.
 */
export const areCommitsFresh = ({ groups }: ClusterSnapshot): boolean =>
  groups.every(
    ({ commitsAgeSeconds, isUnlisted = false, partitions }) =>
      commitsAgeSeconds === undefined || isUnlisted || partitions[Symbol.iterator]().next().done === true,
  );

/** Kafka reports the age per group, whose coordinator may be any broker; RocketMQ per broker. */
function commitTime(
  { commitsAgeSeconds }: ClusterSnapshot['groups'][number],
  atSeconds: number,
  ofBroker: ReadingTime,
): ReadingTime {
  return commitsAgeSeconds === undefined ? ofBroker : { atSeconds: atSeconds - commitsAgeSeconds, isFresh: false };
}

/** Yields growth of commits that were read again, without first ones and those that a reset moved back. */
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
