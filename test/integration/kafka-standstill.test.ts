// Compares each value of a snapshot with Kafka's own tools on an idle cluster.

import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { kafkaTools, tableIn, type KafkaTools } from '../support/kafka-tools.ts';
import { startKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000) });
const topic = 'orders';
const brokers = fullMatrix ? 3 : 1;

/** Groups of the new protocol, and share groups, for versions that enable them. */
const versions = {
  '4.3.1': { consumer: true, share: true },
  ...(fullMatrix && { '3.9.2': { consumer: false, share: false }, '2.8.2': { consumer: false, share: false } }),
};

for (const [version, kinds] of Object.entries(versions)) {
  requires('java', 'maven').test(
    `on an idle cluster a snapshot of Kafka ${version} equals the output of Kafka's own tools`,
    async () => {
      await using kafka = await startKafka({ version, brokers });
      await using tools = await kafkaTools(version, kafka.bootstrap[0] ?? '');
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      await fill(config, brokers);
      await using members = new AsyncDisposableStack();
      if (kinds.consumer) {
        const words = ['--topic', topic, '--group', 'modern', '--consumer-property', 'group.protocol=consumer'];
        members.use(tools.start('org.apache.kafka.tools.consumer.ConsoleConsumer', ...words));
      }
      if (kinds.share) {
        const words = ['--topic', topic, '--group', 'shared'];
        members.use(tools.start('org.apache.kafka.tools.consumer.ConsoleShareConsumer', ...words));
      }
      await using inspector = await kafkaDriver.inspect('lab', config, io());
      const awaited = 1 + Number(kinds.consumer) + Number(kinds.share);
      const settled = async () => {
        const { groups } = await inspector.snapshot(io());
        return groups.length === awaited && groups.every(({ members, state }) => members !== 0 || state === 'Empty');
      };
      await expect.poll(settled, { timeout: 60_000, interval: 500 }).toBe(true);
      // The newly joined consumer commits every 5 s, so a commit may happen between the two reads.
      const differences = async () => {
        const printed = new Set(await groupRows(tools));
        return [...new Set(lagRows(await inspector.snapshot(io()))).symmetricDifference(printed)];
      };
      await expect.poll(differences, { timeout: 60_000, interval: 2000 }).toEqual([]);

      const snapshot = await inspector.snapshot(io());
      expect(snapshot.sections.filter(({ kind, refused }) => kind !== 'fresh' || refused !== undefined)).toEqual([]);
      await expectOffsets(tools, snapshot);
      await expectPartitions(tools, snapshot);
      await expectStates(tools, snapshot);
      await expectSizes(tools, snapshot);
      if (snapshot.kafka?.quorum !== undefined) await expectQuorum(tools, snapshot);
      if (kinds.consumer) {
        expect(snapshot.groups).toContainEqual(
          expect.objectContaining({ name: 'modern', kind: 'consumer', members: 1 }),
        );
      }
      if (kinds.share) {
        expect(snapshot.groups).toContainEqual(expect.objectContaining({ name: 'shared', kind: 'share', members: 1 }));
      }

      // The open transaction starts at offset 2, and the end is after it.
      const open = snapshot.offsets.find((each) => each.topic === topic && each.partition === 2);
      expect(open).toMatchObject({ lastStable: 2n, end: 5n });
    },
    300_000,
  );
}

/** Fills four partitions with 100, 8, 5 and 0 messages, the third with an open transaction; 40 and 7 committed. */
async function fill(config: KafkaClusterConfig, replicationFactor: number): Promise<void> {
  const { bootstrap } = config;
  {
    await using maker = await kafkaDriver.administer('lab', config, io());
    await maker.createTopic({ name: topic, partitions: 4, replicationFactor }, io());
  }
  const client = new Kafka({ clientId: 'witness', brokers: [...bootstrap], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  const producer = client.producer();
  const transactional = client.producer({
    transactionalId: 'open',
    transactionTimeout: 600_000,
    maxInFlightRequests: 1,
  });
  await Promise.all([admin.connect(), producer.connect()]);
  const values = (count: number, partition: number) => Array.from({ length: count }, () => ({ partition, value: 'x' }));
  await producer.send({ topic, messages: [...values(100, 0), ...values(8, 1), ...values(2, 2)] });
  await transactional.connect();
  const transaction = await transactional.transaction();
  await transaction.send({ topic, messages: values(3, 2) });
  const partitions = [
    { partition: 0, offset: '40' },
    { partition: 1, offset: '7' },
  ];
  await admin.setOffsets({ groupId: 'billing', topic, partitions });
  await Promise.all([admin.disconnect(), producer.disconnect(), transactional.disconnect()]);
}

async function expectOffsets(tools: KafkaTools, { offsets }: ClusterSnapshot): Promise<void> {
  for (const [time, valueOf] of [
    ['-1', 'end'],
    ['-2', 'start'],
  ] as const) {
    const printed = (await tools.run('offsets', '--topic', topic, '--time', time)).trim().split('\n').sort();
    const ours = offsets
      .filter((each) => each.topic === topic)
      .map((each) => `${topic}:${each.partition}:${each[valueOf]}`);
    expect(ours.sort()).toEqual(printed);
  }
}

async function groupRows(tools: KafkaTools): Promise<string[]> {
  const table = tableIn(await tools.run('groups', '--describe', '--all-groups', '--offsets'), 'GROUP');
  return table
    .filter((row) => row['CURRENT-OFFSET'] !== '-' && row['GROUP'] !== 'GROUP')
    .map((row) =>
      [row['GROUP'], row['TOPIC'], row['PARTITION'], row['CURRENT-OFFSET'], row['LOG-END-OFFSET'], row['LAG']].join(
        ' ',
      ),
    );
}

/** Share groups do not commit, and the tool for consumer groups omits them. */
const lagRows = ({ groups }: ClusterSnapshot): string[] =>
  groups.flatMap(({ name, partitions }) =>
    [...partitions]
      .filter(({ committed }) => committed !== undefined)
      .map(({ topic, partition, committed = 0n, end }) =>
        [name, topic, partition, committed, end, end - committed].join(' '),
      ),
  );

async function expectPartitions(tools: KafkaTools, { topics }: ClusterSnapshot): Promise<void> {
  const printed = (await tools.run('topics', '--describe')).split('\n').flatMap((line) => {
    const [, name, partition, leader, replicas, inSync] =
      /Topic:\s*(\S+)\s+Partition:\s*(\d+)\s+Leader:\s*(\S+)\s+Replicas:\s*(\S+)\s+Isr:\s*(\S+)/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, partition, leader, replicas, inSync: inSync?.split(',').sort().join() }];
  });
  const ours = topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partition, leader, replicas, inSyncReplicas }) => ({
      name,
      partition: String(partition),
      leader,
      replicas: replicas.join(),
      inSync: inSyncReplicas.toSorted().join(),
    })),
  );
  const byName = (a: { name: string; partition: string | undefined }, b: typeof a) =>
    `${a.name} ${a.partition}`.localeCompare(`${b.name} ${b.partition}`);
  expect(ours.sort(byName)).toEqual(printed.sort(byName));
}

async function expectStates(tools: KafkaTools, { groups }: ClusterSnapshot): Promise<void> {
  const text = await tools.run('groups', '--describe', '--all-groups', '--state');
  // The coordinator's address is two words and the strategy may be empty: name first, state and members last.
  const printed = text.split('\n').flatMap((line) => {
    const [, name, state, members] = /^(\S+) .* ([A-Z][A-Za-z]+)\s+(\d+)\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [`${name} ${state} ${members}`];
  });
  const ours = groups
    .filter(({ kind }) => kind !== 'share')
    .map(({ name, state, members }) => `${name} ${state} ${members}`);
  expect(ours.sort()).toEqual(printed.sort());
}

interface PrintedLogDirs {
  brokers: { broker: number; logDirs: { partitions: { partition: string; size: number }[] }[] }[];
}

async function expectSizes(tools: KafkaTools, { kafka }: ClusterSnapshot): Promise<void> {
  const text = await tools.run('log-dirs', '--describe', '--topic-list', topic);
  const json = text.split('\n').find((line) => line.startsWith('{')) ?? '{}';
  const printed = (JSON.parse(json) as PrintedLogDirs).brokers.map(({ broker, logDirs }) => {
    const sizes = logDirs.flatMap(({ partitions }) => partitions).map(({ size }) => size);
    return `${broker} ${sizes.reduce((sum, size) => sum + size, 0)}`;
  });
  const ours = kafka?.topicSizes
    .filter((size) => size.topic === topic)
    .map(({ broker, bytes }) => `${broker} ${bytes}`);
  expect(ours?.sort()).toEqual(printed.sort());
}

async function expectQuorum(tools: KafkaTools, { kafka }: ClusterSnapshot): Promise<void> {
  const status = await tools.run('quorum', 'describe', '--status');
  const after = (label: string) => new RegExp(`^${label}:\\s*(\\S+)`, 'm').exec(status)?.[1];
  expect(kafka?.quorum?.leader).toBe(after('LeaderId'));
  expect(String(kafka?.quorum?.epoch)).toBe(after('LeaderEpoch'));
  // The log of the quorum grows on an idle cluster too: a record every half second.
  expect(kafka?.quorum?.highWatermark).toBeLessThanOrEqual(BigInt(after('HighWatermark') ?? -1));
  expect(kafka?.quorum?.voters.map(({ id }) => id).sort()).toEqual(['1', '2', '3'].slice(0, brokers));
}
