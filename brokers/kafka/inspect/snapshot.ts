// Reads a Kafka cluster snapshot: metadata, groups, commits, then log ends, and the slow parts concurrently.

import type { Clock } from '../../../core/clock.ts';
import { AppError, ignoreFault } from '../../../core/errors.ts';
import type { ClusterInspector, InspectOptions, Io, WantedSnapshot } from '../../driver.ts';
import type { ReadGovernor } from '../../read-governor.ts';
import { createCertificateReader } from '../../certificates.ts';
import { createSectionMemory, type SectionMemory } from '../../sections.ts';
import { createSilentBrokers } from '../../silent-brokers.ts';
import type { ClusterSnapshot, Section } from '../../snapshot.ts';
import { createBrokerReader, deadlineOfBrokerSeconds, type BrokerReader } from './broker-reader.ts';
import { clusterOf } from './cluster-of.ts';
import type { KafkaMetadata } from '../client.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { createGroupMemory, nobody, type CoordinatorReading, type GroupMemory } from './group-memory.ts';
import { watchInternals } from '../internals/watch-internals.ts';
import type { Ends } from './lags.ts';
import { createLeaderOffsets, mayHaveTransactions, transactionTopic, type OffsetsOfLeader } from './leader-offsets.ts';
import { readCommits } from '../reading/commits.ts';
import { readGroups } from '../reading/groups.ts';
import { readOffsets } from '../reading/offsets.ts';
import { readStoreTimes } from '../reading/store-times.ts';
import { readDisksOnly, readSlowParts } from './slow-parts.ts';
import { createStoreTimes, type StoreTimes } from './store-times.ts';
import { firstToAnswer, type Link, type Links } from '../wire/links.ts';
import { readMetadataOver } from '../wire/metadata.ts';

export interface KafkaInspection extends InspectOptions {
  name: string;
  config: KafkaClusterConfig;
  links: Links;
  clock: Clock;
  governor: ReadGovernor;
}

/** The cluster as one broker reports it, with the link to that broker. */
interface ClusterAnswer {
  link: Link;
  metadata: KafkaMetadata;
  /** Known reasons why topics are missing in the metadata. */
  hidden: readonly string[];
}

/** State that is kept between snapshots of the same cluster. */
interface Memory {
  sections: SectionMemory;
  groups: GroupMemory;
  storeTimes: StoreTimes;
  clusterId?: string;
}

interface Aged {
  metadata: KafkaMetadata;
  readers: readonly BrokerReader[];
}

const keepSeconds = 300;
/** Permissions change rarely. */
const visibilitySeconds = 600;
const metadataSeconds = 3;
/** How long the rest of a snapshot waits for free space, which a hanging disk delays: a sample of a run has 0.9 s. */
const disksWaitMilliseconds = 200;
/** Reading commits ends this long before the deadline of the section, which would lose the commits already read. */
const marginSeconds = 0.5;
/** Time for 12,000 groups one by one, within the request budget of a broker (read-governor.ts). */
const allCommitsSeconds = 120;

export function createInspector(inspection: KafkaInspection): ClusterInspector {
  const { name, config, links, clock, governor, allCommits = false } = inspection;
  const commitsSeconds = allCommits ? allCommitsSeconds : deadlineOfBrokerSeconds;
  let lasting = newMemory(keepSeconds);
  /** Addresses in order of preference: the last that answered, those in config, those that the cluster listed. */
  let lastAnswered: string | undefined;
  /** Address to use last: a broker that lost its controller continues to report an old state of the cluster. */
  let doubted: string | undefined;
  let named: readonly string[] = [];
  const hiding = { isTrue: false, since: Number.NEGATIVE_INFINITY };
  const silent = createSilentBrokers(clock);
  const readCertificates = createCertificateReader(config.tls, clock);
  const watch = watchInternals(clock, governor);

  function newMemory(keep: number): Memory {
    return {
      sections: createSectionMemory({ clock, governor }),
      groups: createGroupMemory(() => clock.monotonic(), keep),
      storeTimes: createStoreTimes(),
    };
  }

  async function askCluster(io: Io, topics?: readonly string[]): Promise<ClusterAnswer> {
    const known = new Set([...(lastAnswered === undefined ? [] : [lastAnswered]), ...config.bootstrap, ...named]);
    const addresses = [...known].sort((one, other) => Number(one === doubted) - Number(other === doubted));
    const answer = await firstToAnswer(name, addresses, io, async (address, within) => {
      const link = await links.to(address, within);
      const metadata = await readMetadataOver(link, within, topics);
      if (topics !== undefined) return { link, metadata, hidden: [] };
      const hidden = metadata.topics.length === 0 ? await whyHidden(link, '__consumer_offsets', within) : [];
      const mayHide = !mayHaveTransactions(metadata);
      if (mayHide && clock.monotonic() - hiding.since >= visibilitySeconds) {
        // A broker too slow to answer this must not delay each snapshot.
        hiding.since = clock.monotonic();
        hiding.isTrue = (await whyHidden(link, transactionTopic, within)).length > 0;
      }
      const hides = mayHide && hiding.isTrue && { hidesTransactions: true as const };
      return { link, metadata: { ...metadata, ...hides }, hidden };
    });
    lastAnswered = answer.link.address;
    named = answer.metadata.brokers.map(({ address }) => address);
    return answer;
  }

  async function snapshot(
    memory: Memory,
    keep: number,
    wanted: WantedSnapshot | undefined,
    io: Io,
  ): Promise<ClusterSnapshot> {
    const sections = memory.sections.begin();
    let refusal: unknown;
    let isFresh = false;
    const clusterAnswer = await sections.ask(
      {
        section: 'metadata',
        keepSeconds: keep,
        deadlineSeconds: metadataSeconds,
        async read(within) {
          try {
            const answer = await askCluster(within, wanted?.topics);
            isFresh = true;
            return answer;
          } catch (cause) {
            refusal = cause;
            throw cause;
          }
        },
        refusals: ({ hidden }) => hidden,
      },
      io,
    );
    if (clusterAnswer === undefined) throw refusal instanceof AppError ? refusal : noAnswer(name, config);
    const { metadata, link } = clusterAnswer;
    const { clusterId } = metadata;
    if (isFresh && clusterId !== undefined && memory.clusterId !== undefined && clusterId !== memory.clusterId) {
      // There is another cluster at the same address, so all state of the old one is dropped.
      lasting = newMemory(keepSeconds);
      return snapshot(lasting, keep, wanted, io);
    }
    if (clusterId !== undefined) memory.clusterId = clusterId;

    const readers = metadata.brokers.map((broker) => createBrokerReader(broker, sections, links, silent));
    const enough = new AbortController();
    const readDetails = () => {
      if (wanted === undefined) return readSlowParts({ config, metadata, link, links, readers, sections, watch }, io);
      const within = { signal: AbortSignal.any([io.signal, enough.signal]) };
      return wanted.disks === true ? readDisksOnly(readers, within) : undefined;
    };
    const slow = readDetails();
    const addresses = metadata.brokers.map(({ address }) => address);
    const certificates = wanted === undefined ? readCertificates(addresses, io) : undefined;
    const coordinators = await Promise.all(
      readers.map((reader) =>
        readCoordinator(reader, memory.groups, { keepSeconds: keep, commitsSeconds, wanted: wanted?.groups }, io),
      ),
    );
    // Ends are read after commits, so a group that keeps up never shows a negative lag.
    const leaders = createLeaderOffsets(metadata, links, (within) => {
      doubted = link.address;
      return askCluster(within, wanted?.topics);
    });
    const offsets = (await Promise.all(readers.map((reader) => readLeader(reader, leaders, keep, io)))).flat();

    const ends = new Map<string, Map<number, (typeof offsets)[number]>>(
      metadata.topics.map((topic) => [topic.name, new Map()]),
    );
    for (const each of offsets) ends.get(each.topic)?.set(each.partition, each);
    for (const { topic, partition } of metadata.topics.flatMap(({ partitions }) => partitions)) {
      if (ends.get(topic)?.has(partition) === false) ends.get(topic)?.set(partition, { topic, partition });
    }
    const groups = memory.groups.compose(coordinators, ends satisfies Ends, seatsIn(metadata));
    if (wanted === undefined) await readAges(memory.storeTimes, { groups, offsets, metadata, readers }, io);
    const timer = wanted && setTimeout(() => enough.abort(), disksWaitMilliseconds);
    const kafka = await slow;
    clearTimeout(timer);
    const known = await certificates;
    const report = sections.report();
    // Each broker forwards this request to the controller.
    if (report.some(({ section, isUnreachable }) => section === 'quorum' && isUnreachable === true)) {
      doubted = link.address;
    }
    return {
      cluster: clusterOf(name, link.ranges, metadata, kafka?.quorum),
      topics: metadata.topics,
      offsets,
      groups: memory.storeTimes.shown(groups),
      ...(kafka && { kafka }),
      ...(known && { certificates: known }),
      requests: links.takeCounts(),
      sections: [...report, ...unlistedGroups(metadata)],
    };
  }

  /** Reads store times of messages that no history of ends can date: few, and none from a broker in trouble. */
  async function readAges(
    storeTimes: StoreTimes,
    { groups, offsets, metadata, readers }: Pick<ClusterSnapshot, 'groups' | 'offsets'> & Aged,
    io: Io,
  ): Promise<void> {
    storeTimes.observe(offsets);
    const wanted = storeTimes.wanted(groups, metadata);
    await Promise.all(
      readers.map(async (reader) => {
        const places = wanted.get(reader.broker.id);
        if (places === undefined) return;
        const read = (to: Link, within: Io) => readStoreTimes(to, places, clock.now().getTime(), within);
        const how = { keepSeconds: 0, optional: true, channel: 'slow' };
        const times = await reader.ask({ section: 'store-times', ...how, read }, io);
        if (times !== undefined) storeTimes.learn(places, times);
      }),
    );
  }

  return {
    async describe(io) {
      const { link, metadata } = await askCluster(io, []);
      return clusterOf(name, link.ranges, metadata);
    },

    /** Callers that name topics or groups act on the current state, so they get no kept values. */
    snapshot: (io, wanted) =>
      wanted === undefined ? snapshot(lasting, keepSeconds, undefined, io) : snapshot(newMemory(0), 0, wanted, io),

    observe: (broker, signs) => governor.observe(broker, signs),

    [Symbol.asyncDispose]: () => links[Symbol.asyncDispose](),
  };
}

/**
 * Kafka omits topics that a user may not see, and refuses to list their offsets, even if no such topic exists. Before 2.8,
 * it creates an internal topic whose metadata is requested by name.
 */
async function whyHidden(link: Link, topic: string, io: Io): Promise<string[]> {
  const read = await readOffsets(link, [{ name: topic, partitions: [0] }], false, io).catch(
    ignoreFault('only a refusal shows that the topic is hidden'),
  );
  const refused = read?.refusals.filter((text) => text.includes('AUTHORIZATION_FAILED')) ?? [];
  return refused.map((text) => `no topics visible: ${text}`);
}

/** The coordinator of a group is the leader of the partition that stores the group's commits. */
const commitPartitions = ({ topics }: KafkaMetadata) =>
  topics.find(({ name }) => name === '__consumer_offsets')?.partitions ?? [];

const seatsIn = (metadata: KafkaMetadata): string =>
  commitPartitions(metadata)
    .map(({ leader = nobody }) => leader)
    .join(' ');

/** Reports groups that no broker lists, because no broker refuses the request either. */
function unlistedGroups(metadata: KafkaMetadata): Section[] {
  const partitions = commitPartitions(metadata).filter(({ leader }) => leader === undefined);
  if (partitions.length === 0) return [];
  const names = partitions.map(({ partition }) => partition).join(', ');
  const reason = `no broker lists the groups of partitions of __consumer_offsets without a leader: ${names}`;
  return [{ section: 'groups', kind: 'fresh', ageSeconds: 0, refused: partitions.length, reason }];
}

const noAnswer = (name: string, { bootstrap }: KafkaClusterConfig) =>
  new AppError(
    'broker-unreachable',
    `cannot reach a broker of cluster ${name} on ${bootstrap.join(', ')}: no answer before the deadline`,
  );

async function readCoordinator(
  reader: BrokerReader,
  memory: GroupMemory,
  {
    keepSeconds,
    commitsSeconds,
    wanted,
  }: { keepSeconds: number; commitsSeconds: number; wanted: readonly string[] | undefined },
  io: Io,
): Promise<CoordinatorReading> {
  if (wanted?.length === 0) return { groups: [] };
  // Only values read now count here; the group memory keeps the others group by group.
  let groups: CoordinatorReading['groups'];
  let commits: CoordinatorReading['commits'];
  await reader.ask(
    {
      section: 'groups',
      keepSeconds,
      read: (link, within) => readGroups(link, wanted, within).then((reading) => ((groups = reading.value), reading)),
      refusals: ({ refusals }) => refusals,
    },
    io,
  );
  const listed = groups;
  await reader.ask(
    {
      section: 'commits',
      keepSeconds,
      deadlineSeconds: commitsSeconds,
      async read(link, within) {
        if (listed === undefined) throw new AppError('broker-refused', 'skipped: its groups could not be read');
        const enough = AbortSignal.timeout((commitsSeconds - marginSeconds) * 1000);
        const reading = await readCommits(link, memory.oldestFirst(listed), { ...within, enough });
        commits = reading.value;
        return reading;
      },
      refusals: ({ refusals }) => refusals,
    },
    io,
  );
  return { ...(groups && { groups }), ...(commits && { commits }) };
}

async function readLeader(reader: BrokerReader, leaders: OffsetsOfLeader, keepSeconds: number, io: Io) {
  const { id } = reader.broker;
  const read = (link: Link, within: Io) => leaders.read(id, link, within);
  const reading = await reader.ask({ section: 'offsets', keepSeconds, read, refusals: ({ refusals }) => refusals }, io);
  return reading === undefined ? [] : leaders.stillOf(id, reading.value);
}
