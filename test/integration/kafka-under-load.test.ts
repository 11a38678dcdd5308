// Checks that each collection of Kafka lies between independent readings just before and after it.

import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { seconds, systemClock } from '../../core/clock.ts';
import { expectWithinBounds, type Marks, type Metrics } from '../support/bounds-under-load.ts';
import { kafkaTools, tableIn, type KafkaTools } from '../support/kafka-tools.ts';
import { startKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { watchPage } from '../support/watched-page.ts';

const [topic, group] = ['orders', 'billing'];
const places = ['0', '1', '2', '3'];
/** Every test run compares on an idle cluster, and the page with another client. */
const versions = fullMatrix ? ['4.3.1', '3.9.2', '2.8.2'] : [];
const brokers = 3;
const collections = 40;

const metrics: Metrics = {
  end: 'kafka_topic_partition_current_offset',
  committed: 'kafka_consumergroup_current_offset',
  lag: 'kafka_consumergroup_lag',
  labelsOf: (partition) => ({ topic, partition, consumergroup: group }),
};

for (const version of versions) {
  requires('java', 'maven').test(
    `under load each scrape of Kafka ${version} lies between two readings of another client and of Kafka's tools`,
    async () => {
      const signal = AbortSignal.timeout(280_000);
      await using kafka = await startKafka({ version, brokers });
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      await using tools = await kafkaTools(version, kafka.bootstrap[0] ?? '');
      {
        await using maker = await kafkaDriver.administer('lab', config, { signal });
        const partitions = places.length;
        await maker.createTopic({ name: topic, partitions, replicationFactor: brokers }, { signal });
      }
      const client = new Kafka({ clientId: 'witness', brokers: kafka.bootstrap, logLevel: logLevel.NOTHING });
      const admin = client.admin();
      await admin.connect();
      await using load = await startLoad(client);
      load.use({ [Symbol.asyncDispose]: () => admin.disconnect() });
      const inspector = await kafkaDriver.inspect('lab', config, { signal });
      await using page = await watchPage([{ name: 'lab', kind: 'kafka', inspector }]);
      const watch = { page, metrics, places };
      await expectWithinBounds(watch, () => readMarks(admin), collections);
      await expectWithinBounds(watch, () => printedMarks(tools), 1);
    },
    300_000,
  );
}

/** Sends to every partition, and reads as a group that commits up to seven messages before its position, until disposed. */
async function startLoad(client: Kafka): Promise<AsyncDisposableStack> {
  const stopped = new AbortController();
  const producer = client.producer();
  const consumer = client.consumer({ groupId: group });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: places.length,
    async eachBatch({ batch }) {
      const finished = BigInt(batch.lastOffset()) - 7n;
      if (finished < 0n) return;
      await consumer.commitOffsets([{ topic, partition: batch.partition, offset: String(finished) }]);
    },
  });
  const sending = (async () => {
    while (!stopped.signal.aborted) {
      const messages = places.flatMap((place) => Array.from({ length: 10 }, () => ({ partition: +place, value: 'x' })));
      await producer.send({ topic, messages });
      await systemClock.sleep(seconds(0.005));
    }
  })();
  const load = new AsyncDisposableStack();
  load.defer(async () => {
    stopped.abort();
    await sending;
    await Promise.all([producer.disconnect(), consumer.disconnect()]);
  });
  return load;
}

async function readMarks(admin: ReturnType<Kafka['admin']>): Promise<Marks> {
  const [ends, [commits]] = await Promise.all([
    admin.fetchTopicOffsets(topic),
    admin.fetchOffsets({ groupId: group, topics: [topic] }),
  ]);
  const committed = new Map(commits?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
  return new Map(
    ends
      .map(
        ({ partition, high }) =>
          [String(partition), { end: BigInt(high), committed: committed.get(partition) ?? -1n }] as const,
      )
      .filter(([, mark]) => mark.committed >= 0n),
  );
}

async function printedMarks(tools: KafkaTools): Promise<Marks> {
  const rows = tableIn(await tools.run('groups', '--describe', '--group', group, '--offsets'), 'GROUP');
  expect(rows).toHaveLength(places.length);
  return new Map(
    rows.map((row) => [
      row['PARTITION'] ?? '',
      { end: BigInt(row['LOG-END-OFFSET'] ?? ''), committed: BigInt(row['CURRENT-OFFSET'] ?? '') },
    ]),
  );
}
