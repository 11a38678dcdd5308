// Reads a broker's groups with state, members and assignments: ListGroups, then a describe per group type.

import {
  consumerGroupDescribeV0,
  decodeConsumerProtocolAssignment,
  describeGroupsV5,
  protocolAPIsById,
} from '../library.ts';
import type { ConsumerGroup } from '../../../core/cluster.ts';
import type { Io } from '../../driver.ts';
import { kafkaErrorNamed } from '../errors.ts';
import { leaseGroup } from '../lease/lease-group.ts';
import { type Link, speaks } from '../wire/links.ts';
import { inChunks } from './chunks.ts';
import { createRefusals, type Reading } from './reading.ts';
import { shareGroupDescribe } from './share-groups.ts';
import { streamsGroupDescribe } from './streams-groups.ts';
import { listGroups } from './list-groups.ts';

export interface AssignedTopic {
  topic: string;
  partitions: readonly number[];
}

export interface GroupReading extends ConsumerGroup {
  assigned: readonly AssignedTopic[];
}

/** A member of a share or streams group; of the latter, `assigned` are the partitions that its active tasks read. */
export interface DescribedMember {
  memberId: string;
  clientId: string;
  clientHost: string;
  assigned: readonly AssignedTopic[];
}

export interface DescribedGroup extends AnsweredGroup {
  members: readonly DescribedMember[];
}

/** Details that a describe adds to the listing, without groups that the request does not know. */
type Described = ReadonlyMap<string, { state: string; members: number; assigned: readonly AssignedTopic[] }>;

type Refusals = ReturnType<typeof createRefusals>;

interface AnsweredGroup {
  errorCode: number;
  groupId: string;
  groupState: string;
  members: readonly unknown[];
}

const action = 'describe consumer groups';

/** @param wanted group names; all groups if undefined. @throws AppError while the coordinator still loads its groups */
export async function readGroups(
  link: Link,
  wanted: readonly string[] | undefined,
  io: Io,
): Promise<Reading<readonly GroupReading[]>> {
  const groups = await listGroups(link, io);
  const listed = groups.filter(
    ({ groupId }) => groupId !== leaseGroup && (wanted === undefined || wanted.includes(groupId)),
  );
  const refusals = createRefusals('DescribeGroups');
  const namesOf = (...types: string[]) =>
    listed.filter(({ groupType }) => types.includes((groupType ?? '').toLowerCase())).map(({ groupId }) => groupId);
  const described = await Promise.all([
    describeClassic(link, namesOf('', 'classic'), refusals, io),
    describeConsumer(link, namesOf('consumer'), refusals, io),
    describeOther(link, describes.share, namesOf('share'), refusals, io),
    describeOther(link, describes.streams, namesOf('streams'), refusals, io),
  ]);
  const value = listed.map(({ groupId, groupState, groupType, protocolType }): GroupReading => {
    const known = described.map((groups) => groups.get(groupId)).find((group) => group !== undefined);
    const state = known?.state ?? groupState;
    const members = known?.members ?? (state === 'Empty' ? 0 : undefined);
    const kind = kindOf(groupType);
    return {
      name: groupId,
      ...(state !== '' && { state }),
      ...(members !== undefined && { members }),
      // The type is empty for a group with only commits.
      ...(protocolType !== '' && { hadMembers: true as const }),
      ...(kind !== undefined && { kind }),
      assigned: known?.assigned ?? [],
    };
  });
  return { value, refusals: refusals.texts };
}

const kinds = ['classic', 'consumer', 'share', 'streams'] as const;

function kindOf(type = ''): (typeof kinds)[number] | undefined {
  // Before Kafka 3.8 the type is not reported, because there is only one.
  return type === '' ? 'classic' : kinds.find((kind) => kind === type.toLowerCase());
}

function describeClassic(link: Link, names: readonly string[], refusals: Refusals, io: Io): Promise<Described> {
  const answers = inChunks(names).map((chunk) => link.askForParts(action, io, describeGroupsV5.api, [...chunk], false));
  // Connect and schema registries use groups too, with their specific assignments.
  return describedOf(answers, refusals, ({ protocolType, members }) =>
    protocolType === 'consumer' ? members.flatMap(({ memberAssignment }) => assignedIn(memberAssignment)) : [],
  );
}

function assignedIn(assignment: Buffer): AssignedTopic[] {
  if (assignment.length === 0) return [];
  try {
    return decodeConsumerProtocolAssignment(assignment).assignedPartitions;
  } catch {
    // Members write the assignment, not the broker, so it may be any bytes.
    return [];
  }
}

function describeConsumer(link: Link, names: readonly string[], refusals: Refusals, io: Io): Promise<Described> {
  const known = speaks(link.ranges, 'ConsumerGroupDescribe', 0) ? names : [];
  const answers = inChunks(known).map((chunk) =>
    link.askForParts(action, io, consumerGroupDescribeV0.api, [...chunk], false),
  );
  return describedOf(answers, refusals, ({ members }) =>
    members.flatMap(({ assignment }) =>
      assignment.topicPartitions.map(({ topicName, partitions }) => ({ topic: topicName, partitions })),
    ),
  );
}

/** Requests for groups other than those of consumers. */
export const describes = { share: shareGroupDescribe, streams: streamsGroupDescribe };

function describeOther(
  link: Link,
  api: (typeof describes)[keyof typeof describes],
  names: readonly string[],
  refusals: Refusals,
  io: Io,
): Promise<Described> {
  const known = speaks(link.ranges, protocolAPIsById[api.key] ?? '', api.version) ? names : [];
  const answers = inChunks(known).map((chunk) => link.ask(action, io, api, chunk));
  return describedOf(answers, refusals, ({ members }) => members.flatMap(({ assigned }) => assigned));
}

/** Skips groups of a kind that the request does not know, and groups that are gone since they were listed. */
async function describedOf<Group extends AnsweredGroup>(
  answers: readonly Promise<{ groups: readonly Group[] }>[],
  refusals: Refusals,
  assignedTo: (group: Group) => readonly AssignedTopic[],
): Promise<Described> {
  const described = new Map<string, { state: string; members: number; assigned: readonly AssignedTopic[] }>();
  for (const group of (await Promise.all(answers)).flatMap(({ groups }) => groups)) {
    const { errorCode, groupId, groupState: state, members } = group;
    if (kafkaErrorNamed(errorCode) === 'GROUP_ID_NOT_FOUND' || state === 'Dead') continue;
    if (!refusals.isWell(`group ${groupId}`, errorCode)) continue;
    described.set(groupId, { state, members: members.length, assigned: assignedTo(group) });
  }
  return described;
}
