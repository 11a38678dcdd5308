// Checks each Kafka client in its three roles; the full matrix runs it on every version.

import { describe, expect, test } from 'vitest';
import { KafkaClusterConfig, type KafkaClientName } from '../../brokers/kafka/config.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { drivers } from '../../brokers/registry.ts';
import { seconds } from '../../core/clock.ts';
import { fullMatrix } from '../support/prerequisites.ts';
import { conformsAsAdmin, onNewTopic, uniqueName } from './administration.ts';
import { conformsAsKafkaTransactions } from './kafka-transactions.ts';
import { conformsAsTraffic, type TrafficFeatures } from './traffic.ts';

export interface KafkaSubject {
  bootstrap: readonly string[];
  /** Release line that the driver should detect, such as `3.9`. */
  release: string;
}

/** Session timeout of both clients. */
const session = seconds(10);

/** kafkajs supports only gzip, and waits for all partitions of a broker together. */
const features = {
  auto: { keys: true, idempotent: true, session },
  platformatic: {
    keys: true,
    idempotent: true,
    compressions: ['gzip', 'snappy', 'lz4', 'zstd'],
    holdsOnePartition: true,
    session,
  },
  kafkajs: { keys: true, idempotent: true, compressions: ['gzip'], session },
} as const satisfies Record<KafkaClientName | 'auto', TrafficFeatures>;

/** @param subject read when a test runs, after the brokers were started */
export function conformsAsKafkaClient(client: KafkaClientName | 'auto', subject: () => KafkaSubject): void {
  const config = () => KafkaClusterConfig.parse({ broker: 'kafka', client, bootstrap: subject().bootstrap });
  const io = () => ({ signal: AbortSignal.timeout(60_000) });
  const administer = () => drivers.kafka.administer('lab', config(), io());
  const inspect = () => drivers.kafka.inspect('lab', config(), io());
  const traffic = () => drivers.kafka.traffic('lab', config(), io());

  describe('traffic', () => {
    conformsAsTraffic(() => onNewTopic(administer, traffic), fullMatrix ? features[client] : undefined);
  });

  if (fullMatrix) {
    describe('transactions', () => {
      conformsAsKafkaTransactions(() => onNewTopic(administer, traffic));
    });
  }

  describe('administration', () => {
    conformsAsAdmin(administer);

    test('creates a topic that every broker reports with leaders and settings, and deletes it', async () => {
      await using admin = await administer();
      await using inspector = await inspect();
      const name = uniqueName();
      const topic = { name, partitions: 3, replicationFactor: 1, config: { 'retention.ms': '60000' } };
      await admin.createTopic(topic, io());
      const made = await inspector.snapshot(io(), { topics: [name], groups: [] });
      expect(made.topics[0]?.partitions.map(({ leader }) => leader !== undefined)).toEqual([true, true, true]);
      await admin.deleteTopic(name, io());
      const removed = await inspector.snapshot(io(), { topics: [name], groups: [] });
      expect(removed.topics).toEqual([]);
    });

    test('reports why the broker rejected a topic', async () => {
      await using admin = await administer();
      const refused = admin.createTopic({ name: uniqueName(), partitions: 1, replicationFactor: 9 }, io());
      await expect(refused).rejects.toMatchObject({
        code: 'broker-refused',
        message: expect.stringContaining('INVALID_REPLICATION_FACTOR'),
      });
    });
  });

  describe('inspection', () => {
    test('reports version, brokers and controller', async () => {
      await using inspector = await inspect();
      const cluster = await inspector.describe(io());
      expect(cluster).toMatchObject({ name: 'lab', kind: 'kafka', version: subject().release });
      expect(cluster.brokers.map(({ address }) => address)).toEqual(expect.arrayContaining([subject().bootstrap[0]]));
      const { controllerId } = (await inspector.snapshot(io())).cluster;
      expect(cluster.brokers.map(({ id }) => id)).toContain(controllerId);
    });

    test('reads log start offsets, end offsets, commits and members of a group, with and without members', async () => {
      await using admin = await administer();
      await using inspector = await inspect();
      await using driver = await traffic();
      const topic = uniqueName();
      await admin.createTopic({ name: topic, partitions: 2, replicationFactor: 1 }, io());
      const wanted = { topics: [topic], groups: [topic] };
      const stop = new AbortController();
      await using consumer = await driver.consumer({ group: topic, topic });
      const { promise: assigned, resolve: onAssigned } = Promise.withResolvers<void>();
      let consumed = 0;
      const running = consumer.run(({ values }) => void (consumed += values.length), {
        signal: stop.signal,
        onAssigned,
      });
      await Promise.race([assigned, running]);
      await using producer = await driver.producer({ acks: 'all' });
      await producer.send({ topic, partition: 1, values: [Buffer.from('a'), Buffer.from('b')] }, io());
      while (consumed < 2) await new Promise((resolve) => setTimeout(resolve, 10));

      const atWork = await inspector.snapshot(io(), wanted);
      expect(unreadIn(atWork)).toEqual([]);
      expect(atWork.groups).toMatchObject([{ name: topic, state: 'Stable', members: 1 }]);
      expect(atWork.offsets.toSorted((a, b) => a.partition - b.partition)).toEqual([
        expect.objectContaining({ topic, partition: 0, start: 0n, end: 0n }),
        expect.objectContaining({ topic, partition: 1, start: 0n, end: 2n }),
      ]);

      stop.abort();
      await running;
      const after = await inspector.snapshot(io(), wanted);
      expect(after.groups).toMatchObject([{ name: topic, state: 'Empty', members: 0 }]);
      expect([...(after.groups[0]?.partitions ?? [])]).toContainEqual(
        expect.objectContaining({ topic, partition: 1, start: 0n, end: 2n, committed: 2n }),
      );

      await admin.deleteGroup(topic, io());
      expect((await inspector.snapshot(io(), wanted)).groups).toEqual([]);
      await admin.deleteTopic(topic, io());
    });

    test('reads the whole cluster if no topics or groups are named', async () => {
      await using admin = await administer();
      await using inspector = await inspect();
      const name = uniqueName();
      await admin.createTopic({ name, partitions: 1, replicationFactor: 1 }, io());
      const snapshot = await inspector.snapshot(io());
      expect(unreadIn(snapshot)).toEqual([]);
      expect(snapshot.topics.map((topic) => topic.name)).toContain(name);
      await admin.deleteTopic(name, io());
    });
  });
}

const unreadIn = ({ sections }: ClusterSnapshot) =>
  sections.filter(({ kind, refused }) => kind !== 'fresh' || refused !== undefined);
