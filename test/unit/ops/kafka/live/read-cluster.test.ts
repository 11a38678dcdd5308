import { expect, test } from 'vitest';
import type { KafkaMetadata } from '../../../../../brokers/kafka/client.ts';
import { asFiles } from '../../../../../ops/kafka/live/read-cluster.ts';
import { largeAsked, planOf } from '../../../../support/reassignment-clusters.ts';

/** As in files and from brokers: in their own order, each with its replicas. */
function toldTwice(asked: ReturnType<typeof largeAsked>) {
  const { brokers, sizes = [] } = asked;
  const named = <Part extends { partition: number }>(parts: readonly Part[]) =>
    parts.map((each) => ({ ...each, topic: `topic-${each.partition % 7}`, partition: Math.floor(each.partition / 7) }));
  const partitions = named(asked.assignment.partitions);
  const files = { assignment: { version: 1 as const, partitions }, brokers, sizes: named(sizes) };
  const metadata: KafkaMetadata = {
    brokers: brokers.toReversed().map(({ id, rack }) => ({ id: String(id), address: 'x:9092', ...(rack && { rack }) })),
    topics: [...Map.groupBy(partitions.toReversed(), ({ topic }) => topic)].map(([name, own]) => ({
      name,
      internal: false,
      partitions: own.map(({ topic, partition, replicas }) => {
        const held = replicas.map(String);
        return { topic, partition, replicas: held, inSyncReplicas: held, ...(held[0] && { leader: held[0] }) };
      }),
    })),
  };
  const disks = brokers.map(({ id: broker }) => ({
    disk: { broker },
    offline: [],
    replicas: partitions.flatMap(({ topic, partition, replicas }, index) =>
      replicas.includes(broker) ? { topic, partition, broker, bytes: files.sizes[index]?.bytes ?? 0 } : [],
    ),
  }));
  return { files, live: asFiles(metadata, disks) };
}

test.each([0, 3])('a cluster that runs leads to the plan that its files lead to, with %s racks', (racks) => {
  const { files, live } = toldTwice(largeAsked({ partitions: 300, factor: 3, brokers: 12, empty: 3, racks }));
  expect(live.absent).toEqual([]);
  const [{ problem: _, ...offline }, { problem: __, ...online }] = [
    planOf({ ...files, add: [11], remove: [0] }),
    planOf({ ...live, add: [11], remove: [0] }),
  ];
  expect(online).toEqual(offline);
  expect(online.moves.replicas).toBeGreaterThan(50);
});
