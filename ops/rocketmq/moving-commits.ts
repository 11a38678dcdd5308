// Finds groups whose committed offsets move: they consume, even if brokers list no client of them.

import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';

interface GroupCommits {
  group: string;
  topic: string;
  sum: bigint;
}

/** By broker, topic and group. */
export type CommitReading = ReadonlyMap<string, GroupCommits>;

export async function readCommits(
  desk: Pick<ChangeDesk, 'commits'>,
  addresses: readonly string[],
  io: Io,
): Promise<CommitReading> {
  const rows = await Promise.all(
    addresses.map(async (address) =>
      (await desk.commits(address, io)).map(({ topic, group, byQueue }): [string, GroupCommits] => [
        `${address} ${topic}@${group}`,
        { topic, group, sum: byQueue.values().reduce((sum, each) => sum + each, 0n) },
      ]),
    ),
  );
  return new Map(rows.flat());
}

/** Proxies in cluster mode register clients at themselves, so brokers only see the commits of such a group move. */
export const movedSince = (before: CommitReading, now: CommitReading): GroupCommits[] =>
  [...now].flatMap(([key, commits]) => (before.get(key)?.sum === commits.sum ? [] : [commits]));
