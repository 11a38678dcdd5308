// Lists the members of a group and their assigned partitions, as the group's coordinator reports them.

import {
  consumerGroupDescribeV0,
  decodeConsumerProtocolAssignment,
  decodeConsumerProtocolSubscription,
  describeGroupsV5,
} from '../library.ts';
import type { Broker, PartitionPlace } from '../../../core/cluster.ts';
import { AppError, faultOf } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { GroupMember, GroupMembers } from '../../lookup.ts';
import { refusalOf } from '../errors.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { type DescribedMember, describes } from '../reading/groups.ts';
import { listGroups } from '../reading/list-groups.ts';

const noVersions = 'Kafka does not report the client versions of group members';

/** Finds the group by listing the groups of every broker: requesting its coordinator may create __consumer_offsets. */
export async function readMembers(
  brokers: readonly Broker[],
  linkTo: (broker: Broker) => Promise<Link>,
  group: string,
  io: Io,
): Promise<GroupMembers> {
  const notices: string[] = [];
  for (const broker of brokers) {
    try {
      const link = await linkTo(broker);
      const type = await typeOf(link, group, io);
      if (type !== undefined) return await ofType(link, group, type, io);
    } catch (cause) {
      notices.push(faultOf(cause, io).message);
    }
  }
  return { members: [], notices };
}

/** @returns undefined if another broker coordinates the group or the group does not exist */
async function typeOf(link: Link, group: string, io: Io): Promise<string | undefined> {
  const groups = await listGroups(link, io);
  const listed = groups.find(({ groupId }) => groupId === group);
  return listed && (listed.groupType ?? '').toLowerCase();
}

async function ofType(link: Link, group: string, type: string, io: Io): Promise<GroupMembers> {
  if (type === 'consumer') return ofConsumerProtocol(link, group, io);
  if (type === 'share' || type === 'streams') return ofOtherProtocol(link, describes[type], group, io);
  // Before Kafka 3.8 the type is not reported, because there is only one.
  if (type === '' || type === 'classic') return ofClassicProtocol(link, group, io);
  return { members: [], notices: [`members of a ${type} group are not read`] };
}

async function ofClassicProtocol(link: Link, group: string, io: Io): Promise<GroupMembers> {
  const { groups } = await link.ask('describe consumer groups', io, describeGroupsV5.api, [group], false);
  const found = unlessGone(groups, group, link);
  if (found === undefined) return { members: [], notices: [] };
  // Connect and schema registries have their specific metadata.
  const isConsumer = found.protocolType === 'consumer' || found.protocolType === '';
  return {
    ...(found.protocolData !== '' && { assignor: found.protocolData }),
    members: found.members.map(({ memberMetadata, memberAssignment, ...client }): GroupMember => ({
      ...clientOf(client),
      ...(isConsumer && subscriptionIn(memberMetadata)),
      ...(isConsumer && assignmentIn(memberAssignment)),
    })),
    notices: [
      ...(isConsumer || found.members.length === 0
        ? []
        : [`members use protocol ${found.protocolType}: their assignment is unknown to the broker`]),
      ...(found.members.length === 0 ? [] : [noVersions]),
    ],
  };
}

async function ofConsumerProtocol(link: Link, group: string, io: Io): Promise<GroupMembers> {
  const api = newestSpoken(link, consumerGroupDescribeV0.api);
  const { groups } = await link.ask('describe consumer groups', io, api, [group], false);
  const found = unlessGone(groups, group, link);
  if (found === undefined) return { members: [], notices: [] };
  return {
    ...(found.assignorName !== '' && { assignor: found.assignorName }),
    members: found.members.map(
      ({ subscribedTopicNames, subscribedTopicRegex, assignment, ...client }): GroupMember => ({
        ...clientOf(client),
        subscriptions: {
          ...Object.fromEntries(subscribedTopicNames.map((topic) => [topic, '*'])),
          ...(subscribedTopicRegex && { [`/${subscribedTopicRegex}/`]: '*' }),
        },
        assigned: assignment.topicPartitions.flatMap(({ topicName, partitions }) => placesOf(topicName, partitions)),
      }),
    ),
    notices: found.members.length === 0 ? [] : [noVersions],
  };
}

async function ofOtherProtocol(
  link: Link,
  api: (typeof describes)[keyof typeof describes],
  group: string,
  io: Io,
): Promise<GroupMembers> {
  const { groups } = await link.ask('describe consumer groups', io, newestSpoken(link, api), [group]);
  const found = unlessGone(groups, group, link);
  if (found === undefined) return { members: [], notices: [] };
  return {
    members: found.members.map(({ assigned, ...client }) => ({
      ...clientOf(client),
      assigned: assigned.flatMap(({ topic, partitions }) => placesOf(topic, partitions)),
    })),
    notices: found.members.length === 0 ? [] : [noVersions],
  };
}

function unlessGone<Found extends { errorCode: number }>(
  [found]: readonly Found[],
  group: string,
  { address }: Link,
): Found | undefined {
  const name = found && refusalOf(found.errorCode, 'DescribeGroups');
  if (name === undefined || name === 'GROUP_ID_NOT_FOUND') return found;
  throw new AppError('broker-refused', `cannot describe group ${group} on ${address}: ${name}`);
}

const clientOf = ({ memberId, clientId, clientHost }: Omit<DescribedMember, 'assigned'>) => ({
  id: memberId,
  clientId,
  address: clientHost.replace(/^\//, ''),
});

const placesOf = (topic: string, partitions: readonly number[]): PartitionPlace[] =>
  partitions.map((partition) => ({ topic, partition }));

/** Parses metadata from members, which may be any bytes. */
function subscriptionIn(metadata: Buffer): Pick<GroupMember, 'subscriptions'> {
  if (metadata.length === 0) return {};
  try {
    const { topics } = decodeConsumerProtocolSubscription(metadata);
    return { subscriptions: Object.fromEntries(topics.map((topic) => [topic, '*'])) };
  } catch {
    return {};
  }
}

function assignmentIn(assignment: Buffer): Pick<GroupMember, 'assigned'> {
  if (assignment.length === 0) return { assigned: [] };
  try {
    const { assignedPartitions } = decodeConsumerProtocolAssignment(assignment);
    return { assigned: assignedPartitions.flatMap(({ topic, partitions }) => placesOf(topic, partitions)) };
  } catch {
    return {};
  }
}
