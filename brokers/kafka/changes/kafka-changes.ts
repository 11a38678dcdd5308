// Changes a running Kafka cluster: replicas, leaders, partitions and settings, each at the responsible broker.

import { systemClock, type Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/units.ts';
import type { Io } from '../../driver.ts';
import type { KafkaMetadata } from '../client.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { kafkaErrorOf } from '../errors.ts';
import { refusalOf } from '../needed-permission.ts';
import { createConnections, defaultTimeouts } from '../wire/connections.ts';
import { firstToAnswer } from '../wire/first-to-answer.ts';
import { createLinks, newestSpoken, type Link } from '../wire/links.ts';
import { readMetadataOver } from '../wire/metadata.ts';
import { createPartitions, type MorePartitions } from './create-partitions.ts';
import { electLeaders } from './elect-leaders.ts';
import { readOffsetsAt, type OffsetAt } from './offsets-at.ts';
import { byTopic, type PartitionName, type RefusedPart } from './parts.ts';
import {
  alterReassignments,
  brokerWaitMs,
  listReassignments,
  type MovingPartition,
  type WantedReplicas,
} from './reassignments.ts';
import { readReplicaSizes, type BrokerSizes } from './replica-sizes.ts';
import { sampleKeys, type SampledFrom, type SampledPartition } from './sample-keys.ts';
import { alterSettingsOf, readSettingsOf, type Configured, type Setting, type SettingChanges } from './settings.ts';

export interface KafkaChanges extends AsyncDisposable {
  /** Of one broker that answers now: replicas with preferred leader first, leaders and in-sync replicas. */
  describe(io: Io): Promise<KafkaMetadata>;
  /** Whether brokers take moves as requests: Kafka 2.4 and later. */
  canReassign(io: Io): Promise<boolean>;
  moving(io: Io): Promise<readonly MovingPartition[]>;
  reassign(wanted: readonly WantedReplicas[], io: Io): Promise<readonly RefusedPart[]>;
  /** @returns partitions whose preferred leader could not take over; those it leads already are well */
  electPreferred(partitions: readonly PartitionName[], io: Io): Promise<readonly RefusedPart[]>;
  createPartitions(more: MorePartitions, how: { validateOnly: boolean }, io: Io): Promise<void>;
  settingsOf(of: Configured, keys: readonly string[], io: Io): Promise<ReadonlyMap<string, Setting>>;
  alterSettings(of: Configured, changes: SettingChanges, io: Io): Promise<void>;
  /** Of each broker that the cluster names. @throws AppError as the first that does not answer */
  sizes(io: Io): Promise<readonly BrokerSizes[]>;
  /** The first offset at or after a moment, of each partition that has a leader which answers. */
  offsetsAt(partitions: readonly PartitionName[], atMs: number, io: Io): Promise<readonly OffsetAt[]>;
  /** Keys of messages from each place on; a partition without a leader is not among the answers. */
  sampleKeys(places: readonly SampledFrom[], most: number, io: Io): Promise<readonly SampledPartition[]>;
}

const pause = seconds(0.5);
/** A controller that is gone is replaced within the session of a broker: 9 s by default (broker.session.timeout.ms), 18 s with ZooKeeper. */
const patience = seconds(30);

/** Not of the change itself: asked again, where the controller is by then. */
const passing: ReadonlySet<string> = new Set([
  'NOT_CONTROLLER',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'REQUEST_TIMED_OUT',
  'BROKER_NOT_AVAILABLE',
  'NETWORK_EXCEPTION',
]);

export function openKafkaChanges(
  name: string,
  config: KafkaClusterConfig,
  { clock = systemClock }: { clock?: Clock } = {},
): KafkaChanges {
  const links = createLinks(createConnections(name, config, defaultTimeouts), { take: async () => undefined });
  let known: readonly string[] = [];

  async function askAny(io: Io): Promise<{ link: Link; metadata: KafkaMetadata }> {
    const addresses = [...new Set([...known, ...config.bootstrap])];
    const answer = await firstToAnswer(name, addresses, io, async (address, within) => {
      const link = await links.to(address, within);
      return { link, metadata: await readMetadataOver(link, within) };
    });
    known = answer.metadata.brokers.map(({ address }) => address);
    return answer;
  }

  /** Until a controller answers: it may be gone, and another take its place. */
  async function persist<Value>(io: Io, attempt: () => Promise<Value>): Promise<Value> {
    const deadline = clock.monotonic() + patience;
    for (;;) {
      try {
        return await attempt();
      } catch (cause) {
        io.signal.throwIfAborted();
        // Who never answered may not be there at all.
        if (known.length === 0 || !isPassing(cause) || clock.monotonic() > deadline) throw cause;
        await clock.sleep(pause, io);
      }
    }
  }

  const throughController = <Value>(io: Io, ask: (link: Link) => Promise<Value>): Promise<Value> =>
    persist(io, async () => {
      const { link, metadata } = await askAny(io);
      // With KRaft any broker accepts this and forwards it to the controller.
      const address = metadata.brokers.find(({ id }) => id === metadata.controllerId)?.address;
      return ask(address === undefined ? link : await links.to(address, io));
    });

  /** Settings of a broker are read and changed by itself alone. */
  const decidingOn = <Value>(of: Configured, io: Io, ask: (link: Link) => Promise<Value>): Promise<Value> =>
    of.kind === 'topic'
      ? throughController(io, ask)
      : persist(io, async () => {
          const { metadata } = await askAny(io);
          const address = metadata.brokers.find(({ id }) => id === of.name)?.address;
          if (address === undefined) {
            throw new AppError('not-found', `broker ${of.name} is not in cluster ${name} now`, {
              hint: 'start it again, or see its log for why it left',
            });
          }
          return ask(await links.to(address, io));
        });

  return {
    describe: (io) => persist(io, async () => (await askAny(io)).metadata),
    canReassign: (io) => persist(io, async () => (await askAny(io)).link.ranges.has('AlterPartitionReassignments')),
    moving: (io) => throughController(io, (link) => listReassignments(link, io)),
    reassign: (wanted, io) => throughController(io, (link) => alterReassignments(link, wanted, io)),
    electPreferred: (partitions, io) => throughController(io, (link) => elect(link, partitions, io)),
    createPartitions: (more, how, io) =>
      throughController(io, async (link) => {
        try {
          await createPartitions(link, more, how, io);
        } catch (cause) {
          // Asked again after an answer that was lost: they are there.
          const { topics } = await readMetadataOver(link, io, [more.topic]);
          if (how.validateOnly || topics[0]?.partitions.length !== more.count) throw cause;
        }
      }),
    settingsOf: (of, keys, io) => decidingOn(of, io, (link) => readSettingsOf(link, of, keys, io)),
    alterSettings: (of, changes, io) => decidingOn(of, io, (link) => alterSettingsOf(link, of, changes, io)),
    sizes: (io) =>
      persist(io, async () => {
        const { metadata } = await askAny(io);
        return Promise.all(
          metadata.brokers.map(async ({ id, address }) =>
            readReplicaSizes(await links.to(address, io), Number(id), io),
          ),
        );
      }),
    offsetsAt: (partitions, atMs, io) =>
      persist(io, async () => {
        const { metadata } = await askAny(io);
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
            return own.length === 0 ? [] : readOffsetsAt(await links.to(address, io), own, atMs, io);
          }),
        );
        return answers.flat();
      }),
    sampleKeys: (places, most, io) =>
      persist(io, async () => {
        const { metadata } = await askAny(io);
        const addressOf = new Map(metadata.brokers.map(({ id, address }) => [id, address]));
        const leaderOf = new Map(
          metadata.topics
            .flatMap(({ partitions }) => partitions)
            .map((each) => [`${each.topic}-${each.partition}`, addressOf.get(each.leader ?? '')]),
        );
        const samples: SampledPartition[] = [];
        for (const place of places) {
          const address = leaderOf.get(`${place.topic}-${place.partition}`);
          if (address !== undefined) samples.push(await sampleKeys(await links.to(address, io), place, most, io));
        }
        return samples;
      }),
    [Symbol.asyncDispose]: () => links[Symbol.asyncDispose](),
  };
}

/** What is led by its preferred leader already is answered so. */
const noElection = 'ELECTION_NOT_NEEDED';

async function elect(link: Link, partitions: readonly PartitionName[], io: Io): Promise<RefusedPart[]> {
  const api = newestSpoken(link, 'ElectLeaders', [[2, electLeaders]]);
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

function isPassing(cause: unknown): boolean {
  if (cause instanceof AppError && cause.code === 'broker-unreachable') return true;
  const named = kafkaErrorOf(cause)?.name;
  if (named !== undefined) return passing.has(named);
  return cause instanceof AppError && [...passing].some((word) => cause.message.includes(word));
}
