// Reads JMX figures of each Kafka broker with a configured agent, and only metadata of the others.

import { kafka } from '../../../core/broker-kind/kafka.ts';
import type { Partition } from '../../../core/cluster.ts';
import type { Io } from '../../driver.ts';
import type { BrokerReading, BrokerSource, BrokerWatch } from '../../figures/broker-reading.ts';
import type { KafkaMetadata } from '../client.ts';
import type { KafkaInspection } from '../inspect/snapshot.ts';
import { readInternals } from '../internals/read-internals.ts';
import { readTopicConfigs } from '../reading/topic-configs.ts';
import { isUnderMinIsr } from '../under-min-isr.ts';
import { kafkaVersionOf } from '../versions.ts';
import { firstToAnswer, type Link } from '../wire/links.ts';
import { readMetadataOver } from '../wire/metadata.ts';
import { internalsReading } from './internals-reading.ts';

/** The links are closed with the watch. */
interface Parts extends Pick<KafkaInspection, 'name' | 'config' | 'links' | 'clock'> {
  /** Topics of the run. */
  topics: readonly string[];
}

/** Settings are changed by hand, so they are read rarely. */
const configsEverySeconds = 60;

export function watchKafkaBrokers(parts: Parts): BrokerWatch {
  const { config, links, clock } = parts;
  const internals = Object.entries(config.jmx).map(([broker, agent]): BrokerSource => ({
    name: kafka.internals.sourceOf(broker),
    read: async (io) => [internalsReading(await readInternals(agent, broker, io), clock.now().getTime() / 1000)],
  }));
  const sources = [...internals, metadataSource(parts)];
  return { sources: async () => sources, [Symbol.asyncDispose]: () => links[Symbol.asyncDispose]() };
}

function metadataSource({ name, config, links, topics, clock }: Parts): BrokerSource {
  let settings: { minimums: ReadonlyMap<string, number>; at: number } | undefined;

  async function minimumsOf(link: Link, io: Io): Promise<ReadonlyMap<string, number>> {
    if (settings === undefined || clock.monotonic() - settings.at >= configsEverySeconds) {
      const { value } = await readTopicConfigs(link, topics, io);
      const minimums = new Map(
        value.flatMap(({ topic, minInSyncReplicas: least }) => (least === undefined ? [] : [[topic, least] as const])),
      );
      settings = { minimums, at: clock.monotonic() };
    }
    return settings.minimums;
  }

  return {
    name: `partitions of cluster ${name}`,
    async read(io) {
      const { link, metadata } = await firstToAnswer(name, config.bootstrap, io, async (address, within) => {
        const found = await links.to(address, within);
        return { link: found, metadata: await readMetadataOver(found, within, topics) };
      });
      const readings = metadataReadings(metadata, await minimumsOf(link, io), kafkaVersionOf(link.ranges));
      // Skips brokers with JMX, which counts the partitions of all topics.
      return readings.filter(({ broker }) => config.jmx[broker] === undefined);
    },
  };
}

/**
 * @param minimums min.insync.replicas by topic; if one is missing, the count is unknown
 * @param version version of the cluster
 */
export function metadataReadings(
  { brokers, topics }: Pick<KafkaMetadata, 'brokers' | 'topics'>,
  minimums: ReadonlyMap<string, number>,
  version?: string,
): BrokerReading[] {
  const partitions = topics.flatMap((topic) => topic.partitions);
  if (partitions.length === 0) return [];
  const isKnown = topics.every(({ name }) => minimums.has(name));
  return brokers.map(({ id }) => {
    const led = partitions.filter(({ leader }) => leader === id);
    const count = (isCounted: (partition: Partition) => boolean) => led.filter(isCounted).length;
    return {
      broker: id,
      source: 'metadata',
      counters: {},
      figures: {
        underReplicatedPartitions: count(({ replicas, inSyncReplicas }) => inSyncReplicas.length < replicas.length),
        ...(isKnown && {
          underMinIsrPartitions: count((each) => isUnderMinIsr(each, minimums.get(each.topic) ?? 0, version)),
        }),
      },
    };
  });
}
