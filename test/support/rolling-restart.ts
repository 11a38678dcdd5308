// Restarts three supervised Kafka brokers one after another while messages are sent, with a kill in between.

import { expect, vi } from 'vitest';
import { openKafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { InstancesDocument } from '../../core/documents/instances.ts';
import { administeredLab } from './administration.ts';
import { asking } from './asking.ts';
import { countedTraffic } from './counted-traffic.ts';
import { startSupervisedKafka } from './supervised-kafka.ts';

/** Resumes after a kill, loses no acknowledged message, and is refused while a broker is down. */
export async function rollThreeBrokers(): Promise<void> {
  await using kafka = await startSupervisedKafka({ brokers: 3 });
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
  await using lab = await administeredLab({ configPath: kafka.configPath, config, confirmed: kafka.clusterId });
  const { ask } = asking('--config', kafka.configPath);
  const list = async () => {
    const { stdout } = await ask('instances', 'list', '--json');
    return InstancesDocument.parse(JSON.parse(stdout)).instances;
  };
  const running = Array.from({ length: 3 }, () => 'running');
  const allRun = async () => expect((await list()).map(({ state }) => state)).toEqual(running);
  await vi.waitFor(allRun, { timeout: 90_000, interval: 1000 });
  expect(await ask('instances', 'discover')).toMatchObject({ exitCode: 0 });
  await using traffic = await countedTraffic(kafka.bootstrap, 3);
  const before = await list();

  const topics = [
    ['one-copy', '--replication-factor', '1'],
    ['two-needed', '--replication-factor', '2', '--set', 'min.insync.replicas=2'],
  ];
  for (const [topic = '', ...settings] of topics) {
    const words = ['--topic', topic, '--partitions', '1', ...settings, '--execute'];
    expect(await lab.run('ops kafka create-topic', ...words)).toMatchObject({ exitCode: 0 });
  }
  const { document: plan } = await lab.run('instances roll');
  expect(plan?.holds).toEqual([]);
  const { critical = [], warning = [] } = Object.groupBy(plan?.findings ?? [], ({ severity }) => severity);
  expect(critical).toEqual([]);
  expect(warning.map(({ message }) => message)).toEqual([
    expect.stringContaining(
      'only copy is on a stopped broker can neither be written nor read meanwhile (1): one-copy-0',
    ),
    expect.stringContaining('min.insync.replicas reject sends with acks=all (1): two-needed-0'),
  ]);

  const active = `broker-${await activeController(config)}`;
  const stops = plan?.steps.map(({ id }) => id).filter((id) => id.startsWith('stop-'));
  expect(stops?.at(-1)).toBe(`stop-${active}`);

  const startedAt = Date.now();
  await lab.killWhen(/, start-broker-2:/, 'instances roll', '--execute', '--wait', '3m');
  const killedAt = traffic.acknowledged();
  const { exitCode, document, stderr } = await lab.separately('instances roll', '--resume', '--wait', '3m');
  expect({ exitCode, status: document?.status, stderr }).toMatchObject({ exitCode: 0, status: 'done' });
  const seconds = (Date.now() - startedAt) / 1000;
  expect(traffic.acknowledged()).toBeGreaterThan(killedAt);

  await allRun();
  const after = await list();
  for (const [index, { pid }] of before.entries()) expect(after[index]?.pid).not.toBe(pid);
  for (const { leader, replicas } of await countedPartitions(config)) expect(leader).toBe(replicas[0]);
  const counted = await traffic.settle();
  process.stdout.write(`roll of three brokers: ${JSON.stringify({ seconds, ...counted })}\n`);
  expect(counted).toMatchObject({ lost: 0 });
  expect(counted.acknowledged).toBeGreaterThan(1000);

  expect(await lab.separately('instances stop', 'broker-3', '--execute')).toMatchObject({ exitCode: 0 });
  const refused = await lab.separately('instances roll', '--execute');
  expect(refused.exitCode).toBe(5);
  expect(refused.stderr).toContain('broker-3 is stopped');
}

async function countedPartitions(config: KafkaClusterConfig) {
  await using changes = openKafkaChanges('lab', config);
  const { topics } = await changes.describe({ signal: AbortSignal.timeout(30_000) });
  return topics.find(({ name }) => name === 'counted')?.partitions ?? [];
}

async function activeController(config: KafkaClusterConfig) {
  const io = { signal: AbortSignal.timeout(30_000) };
  await using inspector = await kafkaDriver.inspect('lab', config, io);
  return (await inspector.snapshot(io)).cluster.controllerId;
}
