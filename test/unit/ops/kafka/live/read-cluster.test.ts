import { expect, test } from 'vitest';
import type { KafkaMetadata } from '../../../../../brokers/kafka/client.ts';
import { asFiles } from '../../../../../ops/kafka/live/read-cluster.ts';
import { usableRacks } from '../../../../../ops/kafka/live/usable-racks.ts';
import type { Brokers } from '../../../../../ops/kafka/reassign/files.ts';
import { largeAsked, planOf } from '../../../../support/reassignment-clusters.ts';

/** The same cluster as files describe it and as brokers report it: in another order, each broker with its replicas. */
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

test.each([0, 3])('a plan from a running cluster with %s racks equals the plan from its files', (racks) => {
  const { files, live } = toldTwice(largeAsked({ partitions: 300, factor: 3, brokers: 12, empty: 3, racks }));
  expect(live.absent).toEqual([]);
  const [{ problem: _, ...offline }, { problem: __, ...online }] = [
    planOf({ ...files, add: [11], remove: [0] }),
    planOf({ ...live, add: [11], remove: [0] }),
  ];
  expect(online).toEqual(offline);
  expect(online.moves.replicas).toBeGreaterThan(50);
});

test('reads racks as brokers report them, even if some report none', () => {
  const files = largeAsked({ partitions: 7, factor: 2, brokers: 3, empty: 0, racks: 3 });
  const { live } = toldTwice({ ...files, brokers: [{ id: 0, rack: 'a' }, { id: 1 }, { id: 2, rack: 'c' }] });
  expect(live.brokers.toSorted((one, other) => one.id - other.id)).toEqual([
    { id: 0, rack: 'a' },
    { id: 1 },
    { id: 2, rack: 'c' },
  ]);
});

const racked = ['a', 'b', 'c'].map((rack, id) => ({ id, rack }));

test('a broker without a rack leads to a plan without racks and a finding that names the broker', () => {
  const files = largeAsked({ partitions: 60, factor: 2, brokers: 4, empty: 0 });
  const { live } = toldTwice({ ...files, brokers: [...racked, { id: 3 }] });
  const { brokers, findings } = usableRacks(live.brokers, []);
  expect(planOf({ ...live, brokers }).problem.racks).toEqual([]);
  expect(findings).toMatchObject([{ severity: 'critical', code: 'racks-incomplete' }]);
  expect(findings[0]?.message).toMatch(/^Broker 3 has no rack, .* Set broker\.rack on them .* --brokers\.$/);
});

const usable: [what: string, brokers: Brokers, leaving: number[]][] = [
  ['racks that were completed', [...racked, { id: 3, rack: 'a' }], []],
  ['a broker without a rack that leaves', [...racked, { id: 3 }], [3]],
  ['no rack at any broker that stays', [{ id: 0 }, { id: 1 }, { id: 3, rack: 'a' }], [3]],
];

test.each(usable)('reports no finding for %s', (_, brokers, leaving) => {
  expect(usableRacks(brokers, leaving)).toEqual({ brokers, findings: [] });
});
