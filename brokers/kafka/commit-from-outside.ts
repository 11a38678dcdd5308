// Commits offsets for a group from outside it; the coordinator accepts that only while the group is empty.

import { offsetCommitV8 } from './library.ts';
import type { Io } from '../driver.ts';
import { onceCoordinated } from './coordinator-wait.ts';
import { ask } from './wire/ask.ts';
import type { Connections } from './wire/connections.ts';
import { findCoordinator } from './wire/find-coordinator.ts';

/** Of a commit without a member. */
const noGeneration = -1;
const noMember = '';

/** @param offsets by partition. @throws AppError broker-refused, UNKNOWN_MEMBER_ID among them while the group has members */
export function commitFromOutside(
  connections: Connections,
  group: string,
  topic: string,
  offsets: ReadonlyMap<number, bigint>,
  io: Io,
): Promise<void> {
  return onceCoordinated(io, async () => {
    const coordinator = await findCoordinator(connections, 'group', group, io);
    const reached = await connections.to(coordinator, io);
    const attempt = { action: `commit for group ${group}`, address: coordinator };
    const commits = commitsOf(topic, offsets);
    await ask(reached, attempt, io, offsetCommitV8.api, group, noGeneration, noMember, null, commits);
  });
}

/** As OffsetCommit takes them. @param offsets by partition */
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
