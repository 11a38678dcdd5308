// Reads parts that change slowly or are optional: log directories, quorum, topic settings, ZooKeeper, JMX.

import type { Io } from '../../driver.ts';
import type { Sections } from '../../sections.ts';
import type { BrokerReader } from './broker-reader.ts';
import { isKraft } from './cluster-of.ts';
import type { KafkaMetadata } from '../client.ts';
import type { KafkaClusterConfig } from '../config.ts';
import type { KafkaDetails } from '../details.ts';
import { readInternals } from '../internals/read-internals.ts';
import type { InternalsWatch } from '../internals/watch-internals.ts';
import { readDisks, readLogDirs } from '../reading/log-dirs.ts';
import { readQuorum } from '../reading/quorum.ts';
import { readTopicConfigs } from '../reading/topic-configs.ts';
import type { Link, Links } from '../wire/links.ts';
import { readZooKeeper } from '../zookeeper/monitor.ts';

interface SlowSource {
  config: KafkaClusterConfig;
  metadata: KafkaMetadata;
  /** Link to the broker that answered for the cluster. */
  link: Link;
  links: Links;
  readers: readonly BrokerReader[];
  sections: Sections;
  watch: InternalsWatch;
}

/** A broker scans all its logs for this request. Disks take hours to fill, and an offline one stays offline. */
const logDirsTiming = { everySeconds: 60, keepSeconds: 3600 };
/**
 * Settings are changed by hand, and alerts on the whole cluster need them. They are cheap enough to read from a cluster
 * in trouble: 10,000 topics take ten requests, one after another.
 */
const configsTiming = { everySeconds: 300, keepSeconds: 86_400, deadlineSeconds: 6 };
const deadlineSeconds = 3;
/** A JMX exporter reads all beans for its page: 10,000 lines took an idle broker 0.4 s, a busy one 4 s. */
const internalsSeconds = 6;
/** Separate connection, so that slow requests do not delay the offsets. */
const channel = 'slow';

/** Reads all parts concurrently, and concurrently with the offsets; each has its deadline. */
export async function readSlowParts(source: SlowSource, io: Io): Promise<KafkaDetails> {
  const { config, metadata, link, links, readers, sections, watch } = source;
  const toCluster = (within: Io) => links.to(link.address, within, { channel });
  const topicNames = metadata.topics.map(({ name }) => name);
  const [logDirs, quorum, topicConfigs, zooKeeper, internals] = await Promise.all([
    Promise.all(
      readers.map((reader) => {
        const read = (to: Link, within: Io) => readLogDirs(to, reader.broker.id, within);
        return reader.ask({ section: 'log-dirs', ...logDirsTiming, optional: true, channel, read }, io);
      }),
    ),
    isKraft(link.ranges)
      ? sections.ask(
          { section: 'quorum', deadlineSeconds, read: async (within) => readQuorum(await toCluster(within), within) },
          io,
        )
      : undefined,
    sections.ask(
      {
        section: 'configs',
        ...configsTiming,
        read: async (within) => readTopicConfigs(await toCluster(within), topicNames, within),
        refusals: ({ refusals }) => refusals,
      },
      io,
    ),
    Promise.all(
      config.zookeeper.map((broker) => {
        const read = (within: Io) => readZooKeeper(broker, within);
        return sections.ask({ section: 'zookeeper', broker, deadlineSeconds, read }, io);
      }),
    ),
    Promise.all(
      Object.entries(config.jmx).map(([broker, page]) => {
        const read = async (within: Io) => watch.observe(await readInternals(page, broker, within));
        return sections.ask({ section: 'internals', broker, deadlineSeconds: internalsSeconds, read }, io);
      }),
    ),
  ]);
  const known = logDirs.filter((each) => each !== undefined);
  return {
    ...(metadata.topics.length > 0 && { replicaHolders: replicaHoldersIn(metadata) }),
    logDirectories: known.flatMap(({ directories }) => directories),
    topicSizes: known.flatMap(({ sizes }) => sizes),
    ...(quorum !== undefined && { quorum }),
    topicConfigs: topicConfigs?.value ?? [],
    zooKeeper: zooKeeper.filter((server) => server !== undefined),
    internals: internals.filter((each) => each !== undefined),
  };
}

/** Reads no sizes of replicas, so it may be read each second. Ends when the signal aborts, with what was read until then. */
export async function readDisksOnly(readers: readonly BrokerReader[], io: Io): Promise<KafkaDetails> {
  const directories = await Promise.all(
    readers.map((reader) => {
      const read = (to: Link, within: Io) => readDisks(to, reader.broker.id, within);
      return reader.ask({ section: 'log-dirs', keepSeconds: 0, channel, read }, io);
    }),
  );
  const logDirectories = directories.flatMap((known) => known ?? []);
  return { logDirectories, topicSizes: [], topicConfigs: [], zooKeeper: [], internals: [] };
}

/** Returns all replica holders: Kafka lists the replicas of a partition even while their broker is down. */
function replicaHoldersIn({ topics }: KafkaMetadata): string[] {
  const holders = new Set<string>();
  for (const { partitions } of topics) {
    for (const { replicas } of partitions) for (const id of replicas) holders.add(id);
  }
  return [...holders];
}
