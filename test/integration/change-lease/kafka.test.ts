// Races operators for the change lease of a real Kafka.

import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { openKafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { openLeaseStore } from '../../../brokers/open-by-kind.ts';
import { fenceHeldUpOperator, raceForLease } from '../../support/lease-operators.ts';
import { startKafka } from '../../support/kafka.ts';
import { liveNameOf } from '../../support/live-name.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { runCli } from '../../support/run-cli.ts';

const io = { signal: new AbortController().signal };

if (fullMatrix)
  requires('java', 'maven').test(
    "only one of two operators gets the lease, and a dead operator's lease is taken over after it expires: Kafka",
    async () => {
      await using kafka = await startKafka();
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      await using admin = await kafkaDriver.administer('lab', config, io);
      await admin.createTopic({ name: 'orders', partitions: 1, replicationFactor: 1 }, io);
      const words = ['ops', 'kafka', 'partitions', '--config', kafka.configPath, '--topic', 'orders', '--to', '2'];
      words.push('--state-dir', dirname(kafka.configPath));
      await raceForLease(kafka.configPath, [...words, '--execute', `--confirm=${liveNameOf(kafka)}`]);
      const { stdout } = await runCli('get', 'groups', '--config', kafka.configPath, '--json');
      expect(stdout).not.toContain('plimsoll-change-lease');
    },
    180_000,
  );

if (fullMatrix) {
  requires('java', 'maven').test(
    'an operator that was paused beyond its lease is fenced: Kafka',
    async () => {
      await using kafka = await startKafka();
      await fenceHeldUpOperator(kafka.configPath);
    },
    180_000,
  );
}

if (fullMatrix) {
  requires('java', 'maven').test(
    'a lease is removed after its group dropped the owner, unless another process has entered: Kafka',
    async () => {
      await using kafka = await startKafka();
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      await using own = await openLeaseStore('lab', config);
      await using other = await openLeaseStore('lab', config);
      const left = async () => (await other.read(io)).map((each) => (each.kind === 'read' ? each.text : each.fault));
      const released = (text: string) => (text === 'own' ? '' : undefined);
      const drop = async () => {
        expect(await own.enter(io)).toBe('entered');
        expect(await own.write('own', io)).toBe('written');
        // Longer than the session timeout, without a heartbeat.
        await delay(30_000);
      };

      await drop();
      await own.clear(released, io);
      expect(await left()).toEqual(['']);

      await drop();
      expect(await other.enter(io)).toBe('entered');
      const ended = new AbortController();
      let text = 'own';
      const renewing = (async () => {
        while (!ended.signal.aborted) {
          if ((await other.write(text, io)) === 'fenced') expect(await other.enter(io)).toBe('entered');
          await delay(500);
        }
      })();
      await expect(own.clear(released, io)).rejects.toMatchObject({ code: 'lease-lost' });
      expect(await left()).toEqual(['own']);
      text = 'other';
      await expect.poll(left, { timeout: 20_000 }).toEqual(['other']);
      await own.clear(released, io);
      ended.abort();
      await renewing;
      expect(await left()).toEqual(['other']);
    },
    180_000,
  );
}

requires('java', 'maven').test(
  'a lease without a coordinator is refused with the reason: brokers cannot create the topic that stores it',
  async () => {
    await using kafka = await startKafka({ properties: { 'offsets.topic.replication.factor': '3' } });
    const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
    await using lease = await openLeaseStore('lab', config);
    expect(await lease.read(io)).toMatchObject([{ kind: 'read', text: '' }]);
    await expect(lease.enter(io)).rejects.toMatchObject({
      code: 'broker-refused',
      message: 'no coordinator of the lease: brokers cannot create __consumer_offsets',
      hint: expect.stringContaining('offsets.topic.replication.factor'),
    });
  },
  120_000,
);

requires('java', 'maven').test(
  'a lease whose partition has no leader is refused with this partition and the brokers that have a replica of it',
  async () => {
    const properties = { 'offsets.topic.replication.factor': '1', 'offsets.topic.num.partitions': '10' };
    await using kafka = await startKafka({ brokers: 3, properties });
    const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
    await using lease = await openLeaseStore('lab', config);
    expect(await lease.enter(io)).toBe('entered');
    await using changes = openKafkaChanges('lab', config);
    const { topics } = await changes.describe(io);
    const stored = topics.find(({ name }) => name === '__consumer_offsets')?.partitions;
    // The hash of the group's name is 723132206.
    const leader = stored?.find(({ partition }) => partition === 6)?.leader;
    process.kill(kafka.brokers.find(({ id }) => id === leader)?.pid ?? NaN, 'SIGKILL');
    await expect.poll(async () => (await changes.describe(io)).brokers.length, { timeout: 20_000 }).toBe(2);
    await expect(lease.write('own', io)).rejects.toMatchObject({
      code: 'broker-refused',
      message: 'no coordinator of the lease: partition 6 of __consumer_offsets, which stores it, has no leader',
      hint: `start a broker that has a replica of this partition: ${leader}`,
    });
  },
  120_000,
);
