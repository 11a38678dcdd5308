// Changes a running Kafka cluster: replicas, leaders, partitions and settings, each at the responsible broker.

import { systemClock, type Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { refusalOf } from '../errors.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { leaderAddress, readMetadataOver } from '../wire/metadata.ts';
import { createPartitions, type MorePartitions } from './create-partitions.ts';
import { readOffsetsAt, type OffsetAt, type OffsetsAtOptions } from './offsets-at.ts';
import { byTopic, type PartitionName, type RefusedPart, brokerWaitMs } from './parts.ts';
import { createReach, type Reach } from './reach.ts';
import { readReplicaSizes, type BrokerSizes } from './replica-sizes.ts';
import { sampleKeys, type SampledFrom, type SampledPartition } from './sample-keys.ts';
import { alterSettingsOf, readSettingsOf, type Configured, type Setting, type SettingChanges } from './settings.ts';
import {
  createAPI,
  Writer,
  type Reader,
  alterPartitionReassignmentsV0,
  listPartitionReassignmentsV0,
} from '../library.ts';
import { readItems } from '../wire/items.ts';

export type KafkaChanges = ReturnType<typeof openKafkaChanges>;

export function openKafkaChanges(
  name: string,
  config: KafkaClusterConfig,
  { clock = systemClock, reach = createReach(name, config, clock) }: { clock?: Clock; reach?: Reach } = {},
) {
  const { any, anyWithTopics, persist, throughController, decidingOn } = reach;

  return {
    /** Reads from one broker: replicas (preferred leader first), leaders and in-sync replicas. */
    describe: (io: Io) => persist(io, async () => (await anyWithTopics(io)).metadata),
    /** Whether brokers accept reassignment requests: Kafka 2.4 and later. */
    canReassign: (io: Io) => persist(io, async () => (await any(io)).link.ranges.has('AlterPartitionReassignments')),
    moving: (io: Io) => throughController(io, (link) => listReassignments(link, io)),
    reassign: (wanted: readonly WantedReplicas[], io: Io) =>
      throughController(io, (link) => alterReassignments(link, wanted, io)),
    /** @returns partitions whose preferred leader could not take over, without those that it leads already */
    electPreferred: (partitions: readonly PartitionName[], io: Io) =>
      throughController(io, (link) => elect(link, partitions, io)),
    createPartitions: (more: MorePartitions, how: { validateOnly: boolean }, io: Io) =>
      throughController(io, async (link) => {
        try {
          await createPartitions(link, more, how, io);
        } catch (cause) {
          // This is a repeat after an answer was lost: the partitions exist already.
          const { topics } = await readMetadataOver(link, io, [more.topic]);
          if (how.validateOnly || topics[0]?.partitions.length !== more.count) throw cause;
        }
      }),
    settingsOf: (of: Configured, keys: readonly string[], io: Io): Promise<ReadonlyMap<string, Setting>> =>
      decidingOn(of, io, (link) => readSettingsOf(link, of, keys, io)),
    alterSettings: (of: Configured, changes: SettingChanges, io: Io, how?: { validateOnly: boolean }) =>
      decidingOn(of, io, (link) => alterSettingsOf(link, of, changes, io, how)),
    /** Reads the sizes of all brokers in the metadata. @throws AppError of the first broker that does not answer */
    sizes: (io: Io): Promise<readonly BrokerSizes[]> =>
      persist(io, async () => {
        const { metadata } = await any(io);
        return Promise.all(
          metadata.brokers.map(async ({ id, address }) =>
            readReplicaSizes(await reach.to(address, io), Number(id), io),
          ),
        );
      }),
    /** Finds the first offset at or after a time, for each partition whose leader answers. */
    offsetsAt: (
      partitions: readonly PartitionName[],
      atMs: number,
      io: Io,
      options?: OffsetsAtOptions,
    ): Promise<readonly OffsetAt[]> =>
      persist(io, async () => {
        const { metadata } = await anyWithTopics(io);
        const wanted = new Set(partitions.map(({ topic, partition }) => `${topic}-${partition}`));
        const led = Map.groupBy(
          metadata.topics
            .flatMap((topic) => topic.partitions)
            .filter(({ topic, partition }) => wanted.has(`${topic}-${partition}`)),
          ({ leader }) => leader,
        );
        const answers = await Promise.all(
          metadata.brokers.map(async ({ id, address }) => {
            const own = led.get(id) ?? [];
            return own.length === 0 ? [] : readOffsetsAt(await reach.to(address, io), own, atMs, io, options);
          }),
        );
        return answers.flat();
      }),
    /** Samples keys of messages from each position on, without partitions that have no leader. */
    sampleKeys: (places: readonly SampledFrom[], most: number, io: Io) =>
      persist(io, async () => {
        const { metadata } = await anyWithTopics(io);
        const samples: SampledPartition[] = [];
        for (const place of places) {
          const address = leaderAddress(metadata, place);
          if (address !== undefined) samples.push(await sampleKeys(await reach.to(address, io), place, most, io));
        }
        return samples;
      }),
    [Symbol.asyncDispose]: () => reach[Symbol.asyncDispose](),
  };
}

/** Error for a partition that its preferred leader leads already. */
const noElection = 'ELECTION_NOT_NEEDED';

async function elect(link: Link, partitions: readonly PartitionName[], io: Io): Promise<RefusedPart[]> {
  const api = newestSpoken(link, electLeaders);
  const action = 'elect preferred leaders';
  const wanted = byTopic(partitions).map(({ name, parts }) => ({
    name,
    partitions: parts.map(({ partition }) => partition),
  }));
  const { errorCode, topics } = await link.ask(action, io, api, wanted, brokerWaitMs);
  const refusal = refusalOf(errorCode, 'ElectLeaders');
  if (refusal !== undefined) throw new AppError('broker-refused', `cannot ${action} on ${link.address}: ${refusal}`);
  return topics.flatMap(({ name: topic, partitions: answered }) =>
    answered.flatMap(({ partition, errorCode: code }) => {
      const reason = refusalOf(code, 'ElectLeaders');
      return reason === undefined || reason === noElection ? [] : [{ topic, partition, reason }];
    }),
  );
}

const key = 43;
const version = 2;
const preferred = 0;

interface ElectedTopic {
  name: string;
  partitions: readonly number[];
}

interface ElectLeadersResponse {
  errorCode: number;
  topics: readonly { name: string; partitions: readonly { partition: number; errorCode: number }[] }[];
}

/*
 * Request   election_type int8 (0: preferred), [topic: name compact string, [partition int32], tags], timeout_ms int32, tags
 * Response  throttle_time_ms int32, error_code int16,
 *             [topic: name compact string, [partition int32, error_code int16, error_message compact nullable string, tags], tags],
 *             tags
 */

function encode(topics: readonly ElectedTopic[], timeoutMs: number): Writer {
  return Writer.create()
    .appendInt8(preferred)
    .appendArray([...topics], (topic, { name, partitions }) => {
      topic
        .appendString(name)
        .appendArray([...partitions], (index, partition) => index.appendInt32(partition), true, false);
    })
    .appendInt32(timeoutMs)
    .appendTaggedFields();
}

function parse(_correlation: number, _key: number, _version: number, reader: Reader): ElectLeadersResponse {
  reader.readInt32();
  const errorCode = reader.readInt16();
  const topics = readItems(reader, (topic) => ({
    name: topic.readString(),
    partitions: readItems(topic, (each) => {
      const [partition, code] = [each.readInt32(), each.readInt16()];
      each.readNullableString();
      return { partition, errorCode: code };
    }),
  }));
  reader.readTaggedFields();
  return { errorCode, topics };
}

/** Encodes ElectLeaders v2 (Kafka 2.4 and later) for preferred leaders, which @platformatic/kafka lacks. */
const electLeaders = createAPI<[topics: readonly ElectedTopic[], timeoutMs: number], ElectLeadersResponse>(
  key,
  version,
  encode,
  parse,
);

export interface MovingPartition extends PartitionName {
  /** All replicas during the move: those that stay, are added and are removed. */
  replicas: readonly number[];
  adding: readonly number[];
  removing: readonly number[];
}

interface WantedReplicas extends PartitionName {
  /** Replicas, the preferred leader first; absent cancels the current move. */
  replicas?: readonly number[];
}

/** @throws AppError as the controller answers */
async function listReassignments(link: Link, io: Io): Promise<MovingPartition[]> {
  const api = newestSpoken(link, listPartitionReassignmentsV0.api);
  const everything = null as unknown as listPartitionReassignmentsV0.ListPartitionReassignmentsRequestTopic[];
  const { topics } = await link.ask('list the partitions that are moving', io, api, brokerWaitMs, everything);
  return topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, replicas, addingReplicas, removingReplicas }) => ({
      topic: name,
      partition: partitionIndex,
      replicas,
      adding: addingReplicas,
      removing: removingReplicas,
    })),
  );
}

/** @returns parts that the controller refused. @throws AppError when it refuses the whole request */
async function alterReassignments(link: Link, wanted: readonly WantedReplicas[], io: Io): Promise<RefusedPart[]> {
  const api = newestSpoken(link, alterPartitionReassignmentsV0.api);
  const action = 'change the replicas of partitions';
  const topics = byTopic(wanted).map(({ name, parts }) => ({
    name,
    partitions: parts.map(({ partition, replicas }) => ({
      partitionIndex: partition,
      replicas: replicas === undefined ? null : [...replicas],
    })),
  }));
  const answer = await link.askForParts(action, io, api, brokerWaitMs, true, topics);
  const refusal = refusalOf(answer.errorCode, 'AlterPartitionReassignments');
  if (refusal !== undefined) throw new AppError('broker-refused', `cannot ${action} on ${link.address}: ${refusal}`);
  return answer.responses.flatMap(({ name, partitions }) =>
    partitions.flatMap(({ partitionIndex, errorCode, errorMessage }) => {
      const reason = refusalOf(errorCode, 'AlterPartitionReassignments');
      if (reason === undefined) return [];
      return [{ topic: name, partition: partitionIndex, reason, ...(errorMessage && { message: errorMessage }) }];
    }),
  );
}
