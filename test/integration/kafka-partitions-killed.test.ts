// Kills the process that adds partitions to a topic of a real Kafka, and completes the change with the same command.

import { mkdtempDisposable, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { killWhen } from '../support/kill-when.ts';
import { startKafka } from '../support/kafka.ts';
import { liveNameOf } from '../support/live-name.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startCli } from '../support/run-cli.ts';

if (fullMatrix) {
  requires('java', 'maven').test(
    'after a kill when the partitions were created, the same command completes the change and closes its journal',
    async () => {
      await using kafka = await startKafka();
      await using state = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-partitions-'));
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      {
        const io = { signal: AbortSignal.timeout(60_000) };
        await using admin = await kafkaDriver.administer('lab', config, io);
        await admin.createTopic({ name: 'orders', partitions: 2, replicationFactor: 1 }, io);
      }
      const given = ['--config', kafka.configPath, '--state-dir', state.path];
      const words = ['ops', 'kafka', 'partitions', '--topic', 'orders', '--to', '4', ...given, '--execute'];
      const execute = [...words, `--confirm=${liveNameOf(kafka)}`];
      await killWhen(/step 2 of 2, await-leaders/, execute, config);
      const status = await startCli(['ops', 'status', ...given]).ended;
      expect(status.stdout).toMatch(/lab +partitions of topic orders +stopped/);
      const again = await startCli(execute).ended;
      expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('orders has 4 partitions') });
      const journals = await readdir(join(state.path, 'changes'));
      expect(journals.map((name) => name.split('.').at(-1))).toEqual(['over']);
    },
    300_000,
  );
}
