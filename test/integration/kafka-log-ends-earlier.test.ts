import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { openKafkaAdministration } from '../../brokers/kafka/changes/kafka-administration.ts';
import { drivers } from '../../brokers/registry.ts';
import { read } from '../conformance/traffic.ts';
import { startKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { undertakerOf } from '../support/revive.ts';

const soon = () => ({ signal: AbortSignal.timeout(150_000) });
const topic = 'ends-earlier';

const numbered = (from: number, count: number) => Array.from({ length: count }, (_, index) => `${from + index}`);
const values = (words: readonly string[]) => words.map((word) => Buffer.from(word));

if (fullMatrix) {
  requires('java', 'maven').describe('a reader whose log changes', () => {
    for (const version of ['4.3.1', '2.8.2']) {
      test(`continues where the log of an unclean leader diverged: Kafka ${version}`, { timeout: 240_000 }, () =>
        parted(version),
      );
    }
    test('skips deleted messages', deleted);
  });
}

async function parted(version: string): Promise<void> {
  await using kafka = await startKafka({ version, brokers: 3 });
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
  await using admin = await drivers.kafka.administer('lab', config, soon());
  await using inspector = await drivers.kafka.inspect('lab', config, soon());
  const settings = { 'unclean.leader.election.enable': 'true', 'min.insync.replicas': '1' };
  await admin.createTopic({ name: topic, partitions: 1, replicationFactor: 2, config: settings }, soon());
  const partition = async () => {
    const { topics } = await inspector.snapshot(soon(), { topics: [topic], groups: [] });
    const [found] = topics[0]?.partitions ?? [];
    if (found === undefined) throw new Error('no partition');
    return found;
  };
  const { leader, replicas } = await partition();
  const undertaker = (id: string | undefined) =>
    undertakerOf(kafka.brokers.find((each) => each.id === id)?.pid ?? Number.NaN);
  const [leading, following] = [undertaker(leader), undertaker(replicas.find((id) => id !== leader))];

  await using traffic = await drivers.kafka.traffic('lab', config, soon());
  await using reading = await read({ traffic, topic }, 'reader', { from: 'start' });
  {
    await using producer = await traffic.producer({ acks: 'all', idempotent: true });
    await producer.send({ topic, partition: 0, values: values(numbered(0, 10)) }, soon());
    await reading.until(() => reading.count() === 10);
    await following.end('SIGKILL');
    await producer.send({ topic, partition: 0, values: values(numbered(10, 10)) }, soon());
    await reading.until(() => reading.count() === 20);
  }
  await leading.end('SIGKILL');
  following.revive();
  while ((await partition()).leader === leader || (await partition()).leader === undefined) await pause(500);

  await using producer = await traffic.producer({ acks: 'leader' });
  await untilSent(() => producer.send({ topic, partition: 0, values: values(numbered(20, 5)) }, soon()));
  // The group may take longer than elsewhere: the log of its coordinator lost replicas too.
  await untilSent(() => reading.until(() => reading.count() >= 25), 3);
  expect(reading.words()).toEqual(numbered(0, 25));
  expect(reading.offsets()).toEqual([...Array(20).keys(), 10, 11, 12, 13, 14]);
}

async function untilSent(send: () => Promise<void>, most = 20): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (cause) {
      if (attempt === most) throw cause;
      await pause(500);
    }
  }
}

async function deleted(): Promise<void> {
  await using kafka = await startKafka();
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
  await using admin = await drivers.kafka.administer('lab', config, soon());
  await admin.createTopic({ name: topic, partitions: 1, replicationFactor: 1 }, soon());
  await using traffic = await drivers.kafka.traffic('lab', config, soon());
  await using producer = await traffic.producer({ acks: 'all' });
  const send = (from: number, count: number) =>
    producer.send({ topic, partition: 0, values: values(numbered(from, count)) }, soon());
  await using changes = openKafkaAdministration('lab', config);
  const held = Promise.withResolvers<void>();
  await using reading = await read({ traffic, topic }, 'reader', { from: 'start' }, () => held.promise);
  await send(0, 10);
  await reading.until(() => reading.count() === 10);
  await send(10, 10);
  await changes.deleteRecords(topic, [{ partition: 0, offset: 15n }], soon());
  held.resolve();
  await reading.until(() => reading.count() >= 15);
  // A broker sends whole batches: the batch that contains the first remaining offset starts before it.
  expect(reading.offsets()).toEqual([...Array(10).keys(), 15, 16, 17, 18, 19]);
}
