// Reads a broker's groups with state, members and assignments: ListGroups, then a describe per group type.

import { consumerGroupDescribeV0, decodeConsumerProtocolAssignment, describeGroupsV5 } from '../library.ts';
import type { ConsumerGroup } from '../../../core/cluster.ts';
import type { Io } from '../../driver.ts';
import { kafkaErrorNamed } from '../error-names.ts';
import { leaseGroup } from '../lease/lease-group.ts';
import { speaks } from '../wire/api-ranges.ts';
import type { Link } from '../wire/links.ts';
import { inChunks } from './chunks.ts';
import { createRefusals, type Reading } from './reading.ts';
import { describeShareGroups } from './share-groups.ts';
import { listGroups } from './list-groups.ts';

export interface AssignedTopic {
  topic: string;
  partitions: readonly number[];
}

export interface GroupReading extends ConsumerGroup {
  assigned: readonly AssignedTopic[];
}

/** What a describe adds to the listing; a group it does not know is as listed. */
export type Described = ReadonlyMap<string, { state: string; members: number; assigned: readonly AssignedTopic[] }>;

type Refusals = ReturnType<typeof createRefusals>;

/** @param wanted all when absent. @throws AppError while the coordinator still loads its groups */
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
    describeShareGroups(link, namesOf('share'), refusals, io),
  ]);
  const value = listed.map(({ groupId, groupState, groupType }): GroupReading => {
    const known = described.map((groups) => groups.get(groupId)).find((group) => group !== undefined);
    const state = known?.state ?? groupState;
    const kind = kindOf(groupType);
    return {
      name: groupId,
      ...(state !== '' && { state }),
      ...(known !== undefined && { members: known.members }),
      ...(kind !== undefined && { kind }),
      assigned: known?.assigned ?? [],
    };
  });
  return { value, refusals: refusals.texts };
}

function kindOf(type = ''): 'classic' | 'consumer' | 'share' | undefined {
  const word = type.toLowerCase();
  // Before Kafka 3.8 the type is not reported, and there is only one.
  if (word === '') return 'classic';
  return word === 'classic' || word === 'consumer' || word === 'share' ? word : undefined;
}

async function describeClassic(link: Link, names: readonly string[], refusals: Refusals, io: Io): Promise<Described> {
  const answers = await Promise.all(
    inChunks(names).map((chunk) =>
      link.askForParts('describe consumer groups', io, describeGroupsV5.api, [...chunk], false),
    ),
  );
  const described = new Map<string, { state: string; members: number; assigned: AssignedTopic[] }>();
  for (const { errorCode, groupId, groupState, protocolType, members } of answers.flatMap(({ groups }) => groups)) {
    // Of a kind this request does not know, or gone since it was listed: as listed.
    if (kafkaErrorNamed(errorCode) === 'GROUP_ID_NOT_FOUND' || groupState === 'Dead') continue;
    if (!refusals.isWell(`group ${groupId}`, errorCode)) continue;
    // Connect and schema registries use groups as well, with assignments of their own making.
    const isConsumer = protocolType === 'consumer';
    const assigned = isConsumer ? members.flatMap(({ memberAssignment }) => assignedIn(memberAssignment)) : [];
    described.set(groupId, { state: groupState, members: members.length, assigned });
  }
  return described;
}

function assignedIn(assignment: Buffer): AssignedTopic[] {
  if (assignment.length === 0) return [];
  try {
    return decodeConsumerProtocolAssignment(assignment).assignedPartitions;
  } catch {
    // Written by the members, not by the broker: it may be anything.
    return [];
  }
}

async function describeConsumer(link: Link, names: readonly string[], refusals: Refusals, io: Io): Promise<Described> {
  if (names.length === 0 || !speaks(link.ranges, 'ConsumerGroupDescribe', 0)) return new Map();
  const answers = await Promise.all(
    inChunks(names).map((chunk) =>
      link.askForParts('describe consumer groups', io, consumerGroupDescribeV0.api, [...chunk], false),
    ),
  );
  const described = new Map<string, { state: string; members: number; assigned: AssignedTopic[] }>();
  for (const { errorCode, groupId, groupState, members } of answers.flatMap(({ groups }) => groups)) {
    if (kafkaErrorNamed(errorCode) === 'GROUP_ID_NOT_FOUND') continue;
    if (!refusals.isWell(`group ${groupId}`, errorCode)) continue;
    const assigned = members.flatMap(({ assignment }) =>
      assignment.topicPartitions.map(({ topicName, partitions }) => ({ topic: topicName, partitions })),
    );
    described.set(groupId, { state: groupState, members: members.length, assigned });
  }
  return described;
}
