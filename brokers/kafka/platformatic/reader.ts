// What does a cluster hold, in few requests? Per broker 1 list, 1 describe, 1 commit read per 100 groups, 2 offset reads.

import {
  decodeConsumerProtocolAssignment,
  describeGroupsV5,
  listGroupsV4,
  listOffsetsV6,
  offsetFetchV7,
  offsetFetchV8,
} from '@platformatic/kafka';
import type { Broker, PartitionOffsets, Topic } from '../../../core/cluster.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { ClusterReader, CommittedOffset, Failure, GroupReading, KafkaCluster, Reading } from '../client.ts';
import { kafkaErrorNamed, toAppError } from '../errors.ts';
import { speaks } from '../wire/api-ranges.ts';
import { ask, askForParts } from '../wire/ask.ts';
import { briefly, createConnections, type Connections } from '../wire/connections.ts';

const groupsPerRequest = 100;
const earliest = -2n;
const latest = -1n;

export function createReader(cluster: KafkaCluster): ClusterReader {
  const connections = createConnections(cluster.name, cluster.config, briefly);
  return {
    async groups({ brokers }, io, wanted) {
      if (wanted?.length === 0) return { value: [], failures: [] };
      return gather(brokers, 'consumer groups of broker', io, (broker) => groupsOf(connections, broker, io, wanted));
    },

    async commits({ brokers }, groups, io) {
      const coordinators = brokers
        .map((broker) => ({ ...broker, names: groups.filter((g) => g.coordinator === broker.id).map((g) => g.name) }))
        .filter(({ names }) => names.length > 0);
      const read = speaks(cluster.ranges, 'OffsetFetch', 8) ? commitsOfMany : commitsOneByOne;
      const { value, failures } = await gather(coordinators, 'committed offsets at broker', io, (broker) =>
        read(connections, broker, broker.names, io),
      );
      return { value: new Map(value), failures };
    },

    async offsets({ brokers, topics }, io) {
      const { value, failures } = await gather(brokers, 'offsets at broker', io, (broker) =>
        offsetsOf(connections, broker, topics, io),
      );
      const leaderless = topics
        .flatMap(({ partitions }) => partitions)
        .filter(({ leader }) => leader === undefined)
        .map(({ topic, partition }) => ({
          part: `offsets of ${topic}-${partition}`,
          message: 'the partition has no leader',
        }));
      return { value, failures: [...failures, ...leaderless] };
    },

    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  };
}

/** Brokers are asked at once; one that fails is a failure of its part only, also when the deadline came first. */
async function gather<Of extends Broker, Value>(
  brokers: readonly Of[],
  part: string,
  { signal }: Io,
  read: (broker: Of) => Promise<Reading<readonly Value[]>>,
): Promise<Reading<readonly Value[]>> {
  const readings = await Promise.all(
    brokers.map(async (broker): Promise<Reading<readonly Value[]>> => {
      try {
        return await read(broker);
      } catch (cause) {
        const where = { action: `read the ${part}`, address: broker.address };
        const fault = signal.aborted ? late(where) : toAppError(cause, where);
        const unreachable = fault.code === 'broker-unreachable' ? { unreachable: broker.id } : {};
        return { value: [], failures: [{ part: `${part} ${broker.id}`, message: fault.message, ...unreachable }] };
      }
    }),
  );
  return { value: readings.flatMap(({ value }) => value), failures: readings.flatMap(({ failures }) => failures) };
}

const late = ({ action, address }: { action: string; address: string }) =>
  new AppError('broker-unreachable', `cannot ${action} on ${address}: no answer before the deadline`);

/** A broker lists the groups it coordinates, so it is also the one to describe them and to tell their commits. */
async function groupsOf(
  connections: Connections,
  { id, address }: Broker,
  io: Io,
  wanted: readonly string[] | undefined,
): Promise<Reading<readonly GroupReading[]>> {
  const connection = await connections.to(address, io);
  const list = await ask(connection, { action: 'list consumer groups', address }, io, listGroupsV4.api, [], []);
  const names = list.groups
    .filter(({ protocolType }) => protocolType === 'consumer' || protocolType === '')
    .map(({ groupId }) => groupId)
    .filter((name) => wanted === undefined || wanted.includes(name));
  if (names.length === 0) return { value: [], failures: [] };
  const attempt = { action: 'describe consumer groups', address };
  const described = await askForParts(connection, attempt, io, describeGroupsV5.api, names, false);
  const byName = new Map(described.groups.map((group) => [group.groupId, group]));
  const failures: Failure[] = [];
  const value = list.groups
    .filter(({ groupId }) => names.includes(groupId))
    .map(({ groupId, groupState }): GroupReading => {
      const group = byName.get(groupId);
      const refusal = kafkaErrorNamed(group?.errorCode ?? 0);
      // A group of the new rebalance protocol (KIP-848) is listed with its state, and unknown to this request.
      const known = group !== undefined && refusal === undefined && group.groupState !== 'Dead';
      if (refusal !== undefined && refusal !== 'GROUP_ID_NOT_FOUND')
        failures.push({ part: `group ${groupId}`, message: refusal });
      return {
        name: groupId,
        coordinator: id,
        ...(groupState === '' ? {} : { state: groupState }),
        ...(known ? { members: group.members.length } : {}),
        assigned: known ? group.members.flatMap(({ memberAssignment }) => assignedIn(memberAssignment)) : [],
      };
    });
  return { value, failures };
}

function assignedIn(assignment: Buffer) {
  if (assignment.length === 0) return [];
  return decodeConsumerProtocolAssignment(assignment).assignedPartitions.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}

type Commits = Reading<readonly (readonly [group: string, commits: readonly CommittedOffset[]])[]>;

async function commitsOfMany(
  connections: Connections,
  { address }: Broker,
  names: readonly string[],
  io: Io,
): Promise<Commits> {
  const connection = await connections.to(address, io);
  const attempt = { action: 'read committed offsets', address };
  const chunks = Array.from({ length: Math.ceil(names.length / groupsPerRequest) }, (_, index) =>
    names.slice(index * groupsPerRequest, (index + 1) * groupsPerRequest),
  );
  const answers = await Promise.all(
    chunks.map((chunk) => {
      const request = chunk.map((groupId) => ({ groupId, memberEpoch: -1, topics: null }));
      return askForParts(connection, attempt, io, offsetFetchV8.api, request, false);
    }),
  );
  return commitsIn(answers.flatMap(({ groups }) => groups));
}

/** Before Kafka 3.0 a request names one group; they are all under way at once. */
async function commitsOneByOne(
  connections: Connections,
  { address }: Broker,
  names: readonly string[],
  io: Io,
): Promise<Commits> {
  const connection = await connections.to(address, io);
  const attempt = { action: 'read committed offsets', address };
  const answers = await Promise.all(
    names.map(async (groupId) => ({
      ...(await askForParts(connection, attempt, io, offsetFetchV7.api, [{ groupId, topics: null }], false)),
      groupId,
    })),
  );
  return commitsIn(answers);
}

function commitsIn(
  groups: readonly { groupId: string; errorCode: number; topics: readonly offsetFetchV8.OffsetFetchResponseTopic[] }[],
): Commits {
  const failures: Failure[] = [];
  for (const { groupId, errorCode } of groups) {
    const refusal = kafkaErrorNamed(errorCode);
    if (refusal !== undefined) failures.push({ part: `committed offsets of group ${groupId}`, message: refusal });
  }
  const value = groups.map(
    ({ groupId, topics }) =>
      [
        groupId,
        topics.flatMap(({ name, partitions }) =>
          partitions
            .filter(({ errorCode, committedOffset }) => errorCode === 0 && committedOffset >= 0n)
            .map(({ partitionIndex, committedOffset }) => ({
              topic: name,
              partition: partitionIndex,
              offset: committedOffset,
            })),
        ),
      ] as const,
  );
  return { value, failures };
}

async function offsetsOf(
  connections: Connections,
  { id, address }: Broker,
  topics: readonly Topic[],
  io: Io,
): Promise<Reading<readonly PartitionOffsets[]>> {
  const led = topics
    .map(({ name, partitions }) => ({ name, led: partitions.filter(({ leader }) => leader === id) }))
    .filter(({ led }) => led.length > 0);
  if (led.length === 0) return { value: [], failures: [] };
  const connection = await connections.to(address, io);
  const attempt = { action: 'read offsets', address };
  const list = (timestamp: bigint) =>
    askForParts(
      connection,
      attempt,
      io,
      listOffsetsV6.api,
      -1,
      0,
      led.map(({ name, led }) => ({
        name,
        partitions: led.map(({ partition }) => ({ partitionIndex: partition, currentLeaderEpoch: -1, timestamp })),
      })),
    );
  const [starts, ends] = await Promise.all([list(earliest), list(latest)]);
  const failures: Failure[] = [];
  const startOf = new Map<string, bigint>();
  for (const { name, partitions } of starts.topics) {
    for (const { partitionIndex, errorCode, offset } of partitions) {
      if (errorCode === 0) startOf.set(`${name} ${partitionIndex}`, offset);
    }
  }
  const value = ends.topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, errorCode, offset }): PartitionOffsets => {
      const refusal = kafkaErrorNamed(errorCode);
      if (refusal !== undefined) failures.push({ part: `offsets of ${name}-${partitionIndex}`, message: refusal });
      const start = startOf.get(`${name} ${partitionIndex}`);
      return {
        topic: name,
        partition: partitionIndex,
        ...(start === undefined ? {} : { start }),
        ...(refusal === undefined ? { end: offset } : {}),
      };
    }),
  );
  return { value, failures };
}
