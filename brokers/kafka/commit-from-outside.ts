// Commits offsets for a group from outside it; the coordinator accepts that only while the group is empty.

import { findCoordinatorV3, offsetCommitV8 } from '@platformatic/kafka';
import { joinAddress } from '../address.ts';
import type { Io } from '../driver.ts';
import { onceCoordinated } from './coordinator-wait.ts';
import { ask } from './wire/ask.ts';
import type { Connections } from './wire/connections.ts';

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
    const { connection, address } = await connections.bootstrap(io);
    const finding = { action: `find the coordinator of group ${group}`, address };
    const { coordinators } = await ask(connection, finding, io, findCoordinatorV3.api, 0, [group]);
    const coordinator = joinAddress(coordinators[0]?.host ?? '', coordinators[0]?.port ?? 0);
    const reached = await connections.to(coordinator, io);
    const partitions = [...offsets].map(([partitionIndex, committedOffset]) => ({
      partitionIndex,
      committedOffset,
      committedLeaderEpoch: -1,
      committedMetadata: null,
    }));
    const attempt = { action: `commit for group ${group}`, address: coordinator };
    const commits = [{ name: topic, partitions }];
    await ask(reached, attempt, io, offsetCommitV8.api, group, noGeneration, noMember, null, commits);
  });
}
