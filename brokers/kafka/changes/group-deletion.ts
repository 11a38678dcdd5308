// Deletes a consumer group with DeleteGroups, or its offsets of a topic with OffsetDelete, at its coordinator.

import { deleteGroupsV2, offsetDeleteV0 } from '../library.ts';
import { AppError } from '../../../core/errors.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import type { Io } from '../../driver.ts';
import { kafkaErrorOf } from '../errors.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

/** Coordinator errors for a group that is in use. */
const inUse: ReadonlySet<string> = new Set(['NON_EMPTY_GROUP', 'GROUP_SUBSCRIBED_TO_TOPIC']);

/** A missing group is no error. @throws AppError change-refused while it has members; as the coordinator answers */
export async function deleteGroup(link: Link, group: string, io: Io): Promise<void> {
  const action = `delete group ${group}`;
  const api = newestSpoken(link, deleteGroupsV2.api);
  await unlessInUse(action, group, () => link.ask(action, io, api, [group]));
}

/** @throws AppError change-refused while a member subscribes to the topic; as the coordinator answers */
export async function deleteOffsets(
  link: Link,
  { group, topic, partitions }: { group: string; topic: string; partitions: readonly number[] },
  io: Io,
): Promise<void> {
  const action = `delete the offsets of group ${group} in ${topic}`;
  const api = newestSpoken(link, offsetDeleteV0.api);
  const wanted = { name: topic, partitions: partitions.map((partitionIndex) => ({ partitionIndex })) };
  await unlessInUse(action, group, () => link.ask(action, io, api, group, [wanted]));
}

async function unlessInUse(action: string, group: string, request: () => Promise<unknown>): Promise<void> {
  try {
    await request();
  } catch (cause) {
    const name = kafkaErrorOf(cause)?.name ?? '';
    if (name === 'GROUP_ID_NOT_FOUND') return;
    if (!inUse.has(name)) throw cause;
    throw new AppError('change-refused', `cannot ${action}: it has members now (${name})`, {
      cause,
      hint: `stop its members first; \`plimsoll get group ${quotedWord(group)}\` lists them`,
    });
  }
}
