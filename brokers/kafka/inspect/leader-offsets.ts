// Reads offsets from each leader, and reads partitions whose leader has changed from the new leader.

import type { PartitionOffsets } from '../../../core/cluster.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import type { Io } from '../../driver.ts';
import type { KafkaMetadata } from '../client.ts';
import { readOffsets, type LedTopic } from '../reading/offsets.ts';
import type { Reading } from '../reading/reading.ts';
import type { Link, Links } from '../wire/links.ts';

interface LeaderReading {
  offsets: readonly PartitionOffsets[];
  /** Topic ids at the time of the reading. */
  topicIds: ReadonlyMap<string, string>;
}

/** Topic that exists since the first transactional producer; without it the last stable offset is the end. */
export const transactionTopic = '__transaction_state';
export const mayHaveTransactions = ({ topics, hidesTransactions }: KafkaMetadata): boolean =>
  hidesTransactions === true || topics.some(({ name }) => name === transactionTopic);

export type OffsetsOfLeader = ReturnType<typeof createLeaderOffsets>;

export function createLeaderOffsets(
  metadata: KafkaMetadata,
  links: Links,
  askCluster: (io: Io) => Promise<{ metadata: KafkaMetadata }>,
) {
  const { topics, brokers } = metadata;
  const topicIds = new Map(topics.flatMap(({ name, id }) => (id === undefined ? [] : [[name, id] as const])));
  const withLastStable = mayHaveTransactions(metadata);
  const led = ledByBroker(metadata);
  const leaders = new Map(
    topics.map(({ name, partitions }) => [
      name,
      new Map(partitions.map(({ partition, leader }) => [partition, leader])),
    ]),
  );
  /** One metadata request, shared by all brokers whose partitions moved. */
  let looked: Promise<{ metadata: KafkaMetadata }> | undefined;

  async function follow(moved: readonly LedTopic[], io: Io): Promise<Reading<readonly PartitionOffsets[]>> {
    looked ??= askCluster(io);
    const now = ledByBroker((await looked).metadata);
    const addresses = new Map((await looked).metadata.brokers.map(({ id, address }) => [id, address]));
    const readings = await Promise.all(
      [...now].map(async ([broker, ledNow]) => {
        const own = intersect(ledNow, moved);
        const address = addresses.get(broker);
        if (own.length === 0 || address === undefined) return [];
        const { value, refusals } = await readOffsets(
          await links.to(address, io, { budget: broker }),
          own,
          withLastStable,
          io,
        );
        return [
          { value, refusals: [...refusals, ...value.moved.map(({ name }) => `${name}: its leader is changing`)] },
        ];
      }),
    );
    return {
      value: readings.flat().flatMap(({ value }) => value.offsets),
      refusals: readings.flat().flatMap(({ refusals }) => refusals),
    };
  }

  return {
    async read(broker: string, link: Link, io: Io): Promise<Reading<LeaderReading>> {
      const { value, refusals } = await readOffsets(link, led.get(broker) ?? [], withLastStable, io);
      const followed = value.moved.length === 0 ? { value: [], refusals: [] } : await follow(value.moved, io);
      return {
        value: { offsets: [...value.offsets, ...followed.value], topicIds },
        refusals: [...refusals, ...followed.refusals],
      };
    },

    /**
     * Returns offsets of the last reading, without partitions that have another leader now or whose topic was deleted
     * or re-created.
     */
    stillOf(broker: string, { offsets, topicIds: idsThen }: LeaderReading): readonly PartitionOffsets[] {
      if (idsThen === topicIds) return offsets;
      return offsets.filter(
        ({ topic, partition }) =>
          leaders.get(topic)?.get(partition) === broker && idsThen.get(topic) === topicIds.get(topic),
      );
    },
  };

  function ledByBroker({ topics }: KafkaMetadata): ReadonlyMap<string, readonly LedTopic[]> {
    const led = new Map<string, LedTopic[]>(brokers.map(({ id }) => [id, []]));
    for (const { name, partitions } of topics) {
      const own = new Map<string, number[]>();
      for (const { partition, leader } of partitions) {
        if (leader !== undefined) getOrMake(own, leader, () => []).push(partition);
      }
      for (const [leader, list] of own) getOrMake(led, leader, () => []).push({ name, partitions: list });
    }
    return led;
  }
}

function intersect(led: readonly LedTopic[], wanted: readonly LedTopic[]): readonly LedTopic[] {
  const wantedOf = new Map(wanted.map(({ name, partitions }) => [name, new Set(partitions)]));
  return led
    .map(({ name, partitions }) => ({ name, partitions: partitions.filter((each) => wantedOf.get(name)?.has(each)) }))
    .filter(({ partitions }) => partitions.length > 0);
}
