// Checks that the delivery check finds a lost, duplicated, reordered and damaged message.

import { expect } from 'vitest';
import { driverOf } from '../../../brokers/registry.ts';
import { type ClusterConfig, ClusterConfig as Config } from '../../../brokers/config.ts';
import { startKafka } from '../../support/kafka.ts';
import { mutations, mutatedAccount } from '../../support/mutated-delivery.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

const within = (seconds: number) => ({ signal: AbortSignal.timeout(seconds * 1000) });
const topic = 'mutated';

async function findsEach(cluster: object): Promise<void> {
  const config: ClusterConfig = Config.parse(cluster);
  const driver = driverOf(config);
  await using admin = await driver.administer('lab', config, within(60));
  await admin.createTopic({ name: topic, partitions: mutations.length, replicationFactor: 1 }, within(60));
  await using inspector = await driver.inspect('lab', config, within(60));
  await using traffic = await driver.traffic('lab', config, within(60));
  const offsets = async () => (await inspector.snapshot(within(20), { topics: [topic], groups: [] })).offsets;
  const account = await mutatedAccount(topic, traffic, offsets);
  process.stdout.write(`${JSON.stringify(account)}\n`);
  const [group] = account.groups;
  expect(group?.places).toEqual([
    { topic, partition: 0, lost: 1 },
    { topic, partition: 1, duplicated: 1 },
    { topic, partition: 2, reordered: 1 },
    { topic, partition: 3, lost: 1, corrupted: 1 },
  ]);
  // The offsets agree: of 200 messages, the log lacks one, and contains another twice.
  const agreement = { agrees: true, partitions: 4, grown: 200, acknowledged: 200 };
  expect(account).toMatchObject({ sent: 200, isExact: true, agreement });
}

if (fullMatrix) {
  requires('java', 'maven').test(
    'Kafka: each lost, duplicated, reordered or corrupted message is counted once, in its partition',
    async () => {
      await using kafka = await startKafka();
      await findsEach({ broker: 'kafka', bootstrap: kafka.bootstrap });
    },
    120_000,
  );

  requires('java', 'maven').test(
    'RocketMQ: each lost, duplicated, reordered or corrupted message is counted once, in its queue',
    async () => {
      await using rocketmq = await startRocketmq();
      await findsEach(rocketmq.config);
    },
    120_000,
  );
}
