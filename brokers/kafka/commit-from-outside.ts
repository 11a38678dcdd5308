// Commits offsets for a group from outside it; the coordinator accepts that only while the group is empty.

import { offsetCommitV8 } from './library.ts';
import type { Io } from '../driver.ts';
import type { Reach } from './changes/reach.ts';

/** Generation of a commit without a member. */
const noGeneration = -1;
const noMember = '';

/**
 * @param offsets by partition. @throws AppError broker-refused, such as UNKNOWN_MEMBER_ID while the group has members
 */
export function commitFromOutside(
  reach: Pick<Reach, 'throughCoordinator'>,
  group: string,
  topic: string,
  offsets: ReadonlyMap<number, bigint>,
  io: Io,
): Promise<void> {
  return reach.throughCoordinator(group, io, async (link) => {
    const commits = commitsOf(topic, offsets);
    const action = `commit for group ${group}`;
    await link.ask(action, io, offsetCommitV8.api, group, noGeneration, noMember, null, commits);
  });
}

/** Converts commits to the form of OffsetCommit. @param offsets by partition */
export const commitsOf = (topic: string, offsets: ReadonlyMap<number, bigint>) => [
  {
    name: topic,
    partitions: [...offsets].map(([partitionIndex, committedOffset]) => ({
      partitionIndex,
      committedOffset,
      committedLeaderEpoch: -1,
      committedMetadata: null,
    })),
  },
];
