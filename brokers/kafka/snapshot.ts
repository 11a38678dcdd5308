// What does a Kafka cluster look like now? Metadata, groups, commits, then ends, the last three from the reader of either client.

import type { Cluster, ConsumerLag, PartitionOffsets } from '../../core/cluster.ts';
import type { ClusterInspector, Io } from '../driver.ts';
import type { GroupSnapshot } from '../snapshot.ts';
import type { ClusterReader, CommittedOffset, GroupReading, KafkaCluster, KafkaMetadata } from './client.ts';
import { kafkaVersionOf } from './versions.ts';
import type { Connections } from './wire/connections.ts';
import { readMetadata } from './wire/metadata.ts';

export function createInspector(
  cluster: KafkaCluster,
  reader: ClusterReader,
  connections: Connections,
): ClusterInspector {
  async function metadataOf(io: Io, topics?: readonly string[]): Promise<KafkaMetadata> {
    const { connection, address } = await connections.bootstrap(io);
    return readMetadata(connection, address, io, topics);
  }

  return {
    describe: async (io) => clusterOf(cluster, await metadataOf(io, [])),

    async snapshot(io, wanted = {}) {
      const metadata = await metadataOf(io, wanted.topics);
      const groups = await reader.groups(metadata, io, wanted.groups);
      const commits = await reader.commits(metadata, groups.value, io);
      // Ends after commits: a group that keeps up never shows a lag below zero.
      const silent = new Set([...groups.failures, ...commits.failures].map(({ unreachable }) => unreachable));
      const answering = { ...metadata, brokers: metadata.brokers.filter(({ id }) => !silent.has(id)) };
      const offsets = await reader.offsets(answering, io);
      const ends = endsByPartition(offsets.value);
      const notAsked = metadata.brokers
        .filter(({ id }) => silent.has(id))
        .map(({ id, address }) => ({
          part: `offsets at broker ${id}`,
          message: `not asked: ${address} did not answer before`,
        }));
      return {
        cluster: clusterOf(cluster, metadata),
        topics: metadata.topics,
        offsets: offsets.value,
        groups: groups.value.map((group) => groupSnapshot(group, commits.value.get(group.name) ?? [], ends)),
        sections: [...groups.failures, ...commits.failures, ...offsets.failures, ...notAsked].map(
          ({ part, message }) => ({ section: part, kind: 'missing', reason: message }),
        ),
      };
    },

    async [Symbol.asyncDispose]() {
      await Promise.all([reader[Symbol.asyncDispose](), connections[Symbol.asyncDispose]()]);
    },
  };
}

function clusterOf({ name, ranges }: KafkaCluster, metadata: KafkaMetadata): Cluster {
  const version = kafkaVersionOf(ranges);
  return {
    name,
    kind: 'kafka',
    ...(metadata.clusterId === undefined ? {} : { clusterId: metadata.clusterId }),
    ...(version === undefined ? {} : { version }),
    ...(metadata.controllerId === undefined ? {} : { controllerId: metadata.controllerId }),
    brokers: metadata.brokers,
  };
}

function endsByPartition(offsets: readonly PartitionOffsets[]): ReadonlyMap<string, bigint> {
  const ends = new Map<string, bigint>();
  for (const { topic, partition, end } of offsets) if (end !== undefined) ends.set(keyOf(topic, partition), end);
  return ends;
}

function groupSnapshot(
  { name, state, members, assigned }: GroupReading,
  commits: readonly CommittedOffset[],
  ends: ReadonlyMap<string, bigint>,
): GroupSnapshot {
  const lags = new Map<string, ConsumerLag>();
  // A partition whose end could not be read has no lag: it is absent, and its broker is among the failures.
  for (const { topic, partition } of assigned) {
    const end = ends.get(keyOf(topic, partition));
    if (end !== undefined) lags.set(keyOf(topic, partition), { topic, partition, end });
  }
  for (const { topic, partition, offset } of commits) {
    const end = ends.get(keyOf(topic, partition));
    if (end !== undefined) lags.set(keyOf(topic, partition), { topic, partition, end, committed: offset });
  }
  return {
    name,
    ...(state === undefined ? {} : { state }),
    ...(members === undefined ? {} : { members }),
    partitions: [...lags.values()],
  };
}

const keyOf = (topic: string, partition: number) => `${topic} ${partition}`;
