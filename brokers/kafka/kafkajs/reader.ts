// What does a cluster hold, as kafkajs reads it? Groups at once; commits per group and offsets per topic, as its admin client offers.

import { AssignerProtocol } from 'kafkajs';
import type { PartitionOffsets } from '../../../core/cluster.ts';
import type { Io } from '../../driver.ts';
import type { ClusterReader, CommittedOffset, Failure, GroupReading, KafkaCluster, Reading } from '../client.ts';
import { toAppError } from '../errors.ts';
import { untilAborted } from '../../../core/abort.ts';
import { briefly } from '../wire/connections.ts';
import { createKafkajs } from './connect.ts';

/** One more try, after kafkajs looked at the metadata again. */
const retries = 1;
/** Requests per group or topic are under way in tens: a cluster of thousands may not be flooded. */
const concurrency = 10;

export async function createReader({ name, config }: KafkaCluster, io: Io): Promise<ClusterReader> {
  const admin = createKafkajs(config, briefly, retries).admin();
  try {
    await untilAborted(admin.connect(), io.signal);
  } catch (cause) {
    io.signal.throwIfAborted();
    throw toAppError(cause, { action: `reach cluster ${name}` });
  }

  async function groupsOf(io: Io, wanted: readonly string[] | undefined): Promise<readonly GroupReading[]> {
    const { groups } = await untilAborted(admin.listGroups(), io.signal);
    const names = groups
      .filter(({ protocolType }) => protocolType === 'consumer' || protocolType === '')
      .map(({ groupId }) => groupId)
      .filter((group) => wanted === undefined || wanted.includes(group));
    if (names.length === 0) return [];
    const described = await untilAborted(admin.describeGroups(names), io.signal);
    return described.groups.map(({ groupId, state, members }) => ({
      name: groupId,
      ...(state === 'Unknown' ? {} : { state }),
      members: members.length,
      assigned: members.flatMap(({ memberAssignment }) => assignedIn(memberAssignment)),
    }));
  }

  return {
    async groups(_metadata, io, wanted) {
      if (wanted?.length === 0) return { value: [], failures: [] };
      const { value, failures } = await gather(
        ['consumer groups'],
        (part) => part,
        io,
        () => groupsOf(io, wanted),
      );
      return { value: value.flat(), failures };
    },

    async commits(_metadata, groups, io) {
      const { value, failures } = await gather(
        groups,
        (group) => `committed offsets of group ${group.name}`,
        io,
        async (group) => {
          const topics = await untilAborted(admin.fetchOffsets({ groupId: group.name }), io.signal);
          return [group.name, topics.flatMap(commitsIn)] as const;
        },
      );
      return { value: new Map(value), failures };
    },

    async offsets({ topics }, io) {
      const { value, failures } = await gather(
        topics,
        (topic) => `offsets of topic ${topic.name}`,
        io,
        async (topic) => {
          const partitions = await untilAborted(admin.fetchTopicOffsets(topic.name), io.signal);
          return partitions.map(({ partition, low, high }): PartitionOffsets => ({
            topic: topic.name,
            partition,
            start: BigInt(low),
            end: BigInt(high),
          }));
        },
      );
      return { value: value.flat(), failures };
    },

    [Symbol.asyncDispose]: () => admin.disconnect(),
  };
}

async function gather<Of, Value>(
  parts: readonly Of[],
  nameOf: (part: Of) => string,
  { signal }: Io,
  read: (part: Of) => Promise<Value>,
): Promise<Reading<Value[]>> {
  const value: Value[] = [];
  const failures: Failure[] = [];
  const waiting = parts.values();
  const readOn = async () => {
    for (const part of waiting) {
      try {
        value.push(await read(part));
      } catch (cause) {
        const message = signal.aborted
          ? 'no answer before the deadline'
          : toAppError(cause, { action: `read ${nameOf(part)}` }).message;
        failures.push({ part: nameOf(part), message });
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, readOn));
  return { value, failures };
}

function assignedIn(assignment: Buffer) {
  const decoded = assignment.length === 0 ? null : AssignerProtocol.MemberAssignment.decode(assignment);
  return Object.entries(decoded?.assignment ?? {}).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}

function commitsIn({
  topic,
  partitions,
}: {
  topic: string;
  partitions: { partition: number; offset: string }[];
}): CommittedOffset[] {
  return partitions
    .filter(({ offset }) => BigInt(offset) >= 0n)
    .map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) }));
}
