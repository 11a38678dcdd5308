// Races operators for the change lease of a real Kafka.

import { dirname } from 'node:path';
import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { fenceHeldUpOperator, raceForLease } from '../../support/lease-operators.ts';
import { startKafka } from '../../support/kafka.ts';
import { liveNameOf } from '../../support/live-name.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { runCli } from '../../support/run-cli.ts';

const io = { signal: new AbortController().signal };

if (fullMatrix)
  requires('java', 'maven').test(
    'of two operators one wins, and a dead one is taken over after the expiry: Kafka',
    async () => {
      await using kafka = await startKafka();
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      await using admin = await kafkaDriver.administer('lab', config, io);
      await admin.createTopic({ name: 'orders', partitions: 1, replicationFactor: 1 }, io);
      const words = ['ops', 'kafka', 'partitions', '--config', kafka.configPath, '--topic', 'orders', '--to', '2'];
      words.push('--state-dir', dirname(kafka.configPath));
      await raceForLease(kafka.configPath, [...words, '--execute', '--confirm', liveNameOf(kafka)]);
      const { stdout } = await runCli('get', 'groups', '--config', kafka.configPath, '--json');
      expect(stdout).not.toContain('plimsoll-change-lease');
    },
    180_000,
  );

if (fullMatrix) {
  requires('java', 'maven').test(
    'an operator that was held up is fenced: Kafka',
    async () => {
      await using kafka = await startKafka();
      await fenceHeldUpOperator(kafka.configPath);
    },
    180_000,
  );
}
