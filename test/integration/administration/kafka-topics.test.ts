// Creates, alters and deletes topics of a real Kafka, and compares the result with Kafka's own tool.

import { mkdtempDisposable, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { asking } from '../../support/asking.ts';
import { administeredLab } from '../../support/administration.ts';
import { kafkaTools } from '../../support/kafka-tools.ts';
import { startKafka } from '../../support/kafka.ts';
import { liveNameOf } from '../../support/live-name.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000) });
const named = ['--topic', 'orders'];

async function send(config: KafkaClusterConfig, topic: string, count: number): Promise<void> {
  await using traffic = await kafkaDriver.traffic('lab', config, io());
  await using producer = await traffic.producer({ acks: 'all' });
  const values = Array.from({ length: count }, (_, index) => Buffer.from(`message ${index}`));
  await producer.send({ topic, partition: 0, values }, io());
}

requires('java', 'maven').test(
  'a topic is created despite a kill, altered and deleted; the plan shows the loss before any change',
  async () => {
    await using kafka = await startKafka();
    const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
    await using lab = await administeredLab({ ...kafka, config, confirmed: liveNameOf(kafka) });

    const creating = [...named, '--partitions', '3', '--replication-factor', '1', '--set', 'retention.ms=3600000'];
    const planned = await lab.run('ops kafka create-topic', ...creating);
    expect(planned, planned.stderr).toMatchObject({ exitCode: 0, document: { status: 'planned' } });
    await lab.killWhen(/step 1 of 2, /, 'ops kafka create-topic', ...creating, '--execute');
    const resumed = await lab.run('ops kafka create-topic', ...named, '--resume');
    expect(resumed, resumed.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });

    const altered = await lab.run('ops kafka alter-topic', ...named, '--set', 'retention.ms=7200000', '--execute');
    expect(altered.document?.steps[0]?.evidence, altered.stderr).toEqual(['retention.ms: 3600000 → 7200000']);
    // Another cluster at the same address may have a topic of this name.
    await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-addressed-'));
    const { ask: askAddressed } = asking('--bootstrap', kafka.bootstrap.join());
    const confirmed = ['--state-dir', folder.path, '--execute', '--confirm', liveNameOf(kafka)];
    const longer = [...named, '--set', 'retention.ms=7300000', ...confirmed];
    const atAddress = await askAddressed('ops', 'kafka', 'alter-topic', ...longer);
    expect(atAddress.exitCode, atAddress.stderr).toBe(0);
    expect(await readdir(join(folder.path, 'changes'))).toEqual([
      expect.stringMatching(new RegExp(`^${liveNameOf(kafka)}--settings--topic~20~orders`)),
    ]);
    const wrong = await lab.run('ops kafka alter-topic', ...named, '--set', 'retention.ms=soon', '--execute');
    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('INVALID_CONFIG') });
    const unknown = await lab.run('ops kafka alter-topic', ...named, '--set', 'retention.mss=1');
    expect(unknown).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('did you mean retention.ms?') });

    await send(config, 'orders', 5);
    const deleting = [...named, '--watch', '1s'];
    const lost = await lab.run('ops kafka delete-topic', ...deleting);
    expect(lost.document?.findings.map(({ message }) => message).join('\n'), lost.stderr).toMatch(
      /messages lost, at most: 5; \d+ B on disk/,
    );
    const unconfirmed = await lab.run('ops kafka delete-topic', ...deleting, '--execute', '--confirm-name', 'order');
    expect(unconfirmed).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('order is not orders') });
    const deleted = await lab.run('ops kafka delete-topic', ...deleting, '--execute', '--confirm-name', 'orders');
    expect(deleted, deleted.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
    const gone = await lab.run('ops kafka delete-topic', ...deleting);
    expect(gone).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('has no topic orders') });
  },
  180_000,
);

if (fullMatrix) {
  for (const version of ['4.3.1', '2.8.2']) {
    requires('java', 'maven').test(
      `Kafka's own tool shows the topic as requested, and a stopped change is rolled back: Kafka ${version}`,
      async () => {
        await using kafka = await startKafka({ version });
        const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
        await using lab = await administeredLab({ ...kafka, config, confirmed: liveNameOf(kafka) });
        await using tools = await kafkaTools(version, kafka.bootstrap.join());
        const shown = async () => await tools.run('topics', '--describe', ...named);

        const creating = [...named, '--partitions', '3', '--replication-factor', '1', '--set', 'retention.ms=3600000'];
        await lab.run('ops kafka create-topic', ...creating, '--execute');
        expect(await shown()).toMatch(/PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: .*retention\.ms=3600000/);
        const again = await lab.run('ops kafka create-topic', ...creating, '--execute');
        expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('it exists') });

        await lab.run('ops kafka alter-topic', ...named, '--reset', 'retention.ms', '--execute');
        expect(await shown()).not.toMatch(/retention\.ms/);

        // Killed before its journal was closed: the created topic is deleted again.
        const other = ['--topic', 'payments', '--partitions', '2', '--replication-factor', '1'];
        await lab.killWhen(/step 1 of 2, /, 'ops kafka create-topic', ...other, '--execute');
        const back = await lab.run('ops kafka create-topic', '--topic', 'payments', '--abort');
        expect(back, back.stderr).toMatchObject({ exitCode: 0, document: { status: 'rolled-back' } });
        expect(await tools.run('topics', '--list')).not.toMatch(/payments/);

        await using traffic = await kafkaDriver.traffic('lab', config, io());
        await using consumer = await traffic.consumer({ group: 'billing', topic: 'orders', from: 'start' });
        const stop = new AbortController();
        const { promise: assigned, resolve } = Promise.withResolvers<void>();
        const reading = consumer.run(() => {}, { signal: stop.signal, onAssigned: resolve });
        await assigned;
        const deleting = [...named, '--watch', '1s', '--execute', '--confirm-name', 'orders'];
        const refused = await lab.run('ops kafka delete-topic', ...deleting);
        expect(refused).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('group billing reads orders') });
        stop.abort();
        await reading.catch(() => undefined);

        const writing = setInterval(() => void send(config, 'orders', 1).catch(() => undefined), 300);
        const written = await lab.run('ops kafka delete-topic', ...deleting);
        clearInterval(writing);
        expect(written).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('producers write to orders') });
      },
      300_000,
    );
  }
}
