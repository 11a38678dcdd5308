// Runs a small reassignment and adds partitions on a real Kafka.

import { dirname } from 'node:path';
import { expect } from 'vitest';
import { addPartitions } from '../../app/change/partitions/add-partitions.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { systemClock } from '../../core/clock.ts';
import { createLogger } from '../../core/log.ts';
import { changedKafka } from '../support/changed-kafka.ts';
import { startKafka } from '../support/kafka.ts';
import { liveNameOf } from '../support/live-name.ts';
import { requires } from '../support/prerequisites.ts';
import { runCli } from '../support/run-cli.ts';

requires('java', 'maven').test(
  'leaders of three brokers are spread, and a topic gets more partitions',
  async () => {
    await using kafka = await startKafka({ brokers: 3 });
    await using cluster = await changedKafka(kafka);
    const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
    await using admin = await kafkaDriver.administer('lab', config, cluster.io());
    await admin.createTopic({ name: 'orders', partitions: 3, replicationFactor: 2 }, cluster.io());
    const crowded = [0, 1, 2].map((partition) => ({ topic: 'orders', partition, replicas: [1, 2] }));
    await cluster.changes.reassign(crowded, cluster.io());
    await expect.poll(() => cluster.changes.moving(cluster.io()), { timeout: 8000 }).toEqual([]);

    const evened = await cluster.execute('--topics', 'orders', '--network', '1gbit');
    expect(evened, evened.stderr).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(evened.stdout)).toMatchObject({
      moves: { replicas: 2 },
      lowerBound: { replicas: 2 },
      executed: { status: 'done' },
    });
    const replicas = await cluster.replicasOf('orders');
    expect([1, 2, 3].map((id) => replicas.filter((held) => held.includes(id)).length)).toEqual([2, 2, 2]);
    expect(new Set(await cluster.leadersOf('orders')).size).toBe(3);
    expect(await cluster.throttlesLeft('orders')).toEqual([]);

    const folder = ['--state-dir', dirname(kafka.configPath)];
    const words = ['ops', 'kafka', 'partitions', '--config', kafka.configPath, '--topic', 'orders', ...folder];
    const more = await runCli(...words, '--to', '6', '--execute', `--confirm=${liveNameOf(kafka)}`, '--json');
    expect(more, more.stderr).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(more.stdout)).toMatchObject({ keysMoved: 0.5, executed: { partitions: 6 } });
    expect(await cluster.replicasOf('orders')).toHaveLength(6);

    // Meanwhile another placement becomes more even.
    const confirm = async () => {
      await admin.createTopic({ name: 'late', partitions: 1, replicationFactor: 1 }, cluster.io());
      await cluster.changes.reassign([{ topic: 'late', partition: 0, replicas: [1] }], cluster.io());
      await expect.poll(() => cluster.replicasOf('late'), { timeout: 8000 }).toEqual([[1]]);
    };
    const output = { write: () => undefined, isTerminal: false, columns: 100 };
    const grow = (to: number, confirmed: () => Promise<void>) =>
      addPartitions(
        {
          ...cluster.io(),
          confirm: confirmed,
          confirmDeletion: confirmed,
          stdout: output,
          stderr: output,
          clock: systemClock,
          environment: {},
          openLog: async () => createLogger('silent'),
          options: {
            config: kafka.configPath,
            'state-dir': dirname(kafka.configPath),
            topic: 'orders',
            to,
            sample: 100,
            'accept-key-moves': false,
            execute: true,
          },
        },
        () => undefined,
      );
    const grown = await grow(9, confirm);
    expect(grown).toMatchObject({ executed: { partitions: 9 } });
    const created = (await cluster.replicasOf('orders')).slice(6);
    expect('assignments' in grown && grown.assignments).toEqual(created);

    // Another user adds as many, and more.
    for (const count of [10, 12]) {
      const assignments = Array.from({ length: count - (await cluster.replicasOf('orders')).length }, () => [1, 2]);
      const adding = () =>
        cluster.changes.createPartitions(
          { topic: 'orders', count, assignments },
          { validateOnly: false },
          cluster.io(),
        );
      await expect(grow(count === 10 ? 10 : 11, adding)).rejects.toMatchObject({ code: 'change-refused' });
      await expect.poll(async () => (await cluster.replicasOf('orders')).length, { timeout: 8000 }).toBe(count);
    }
    const again = await runCli(...words, '--to', '12', '--execute', `--confirm=${liveNameOf(kafka)}`);
    expect([again.exitCode, again.stdout]).toEqual([0, 'orders has 12 partitions already: nothing to change\n']);

    const fewer = await runCli(...words, '--to', '3');
    expect(fewer).toMatchObject({ exitCode: 5 });
    expect(fewer.stdout).toContain('Kafka cannot remove partitions');

    const cordon = async (value: string | undefined, ids: number[]) => {
      await cluster.changes.alterSettings({ kind: 'broker', name: '3' }, { 'cordoned.log.dirs': value }, cluster.io());
      const cordoned = async () =>
        (await cluster.changes.sizes(cluster.io())).flatMap(({ disk }) => (disk.isCordoned ? disk.broker : []));
      await expect.poll(cordoned, { timeout: 8000 }).toEqual(ids);
    };
    await cordon('*', [3]);
    const drain = ['ops', 'kafka', 'reassign', '--config', kafka.configPath, '--topics', 'orders', '--interval', '1'];
    const short = await runCli(...drain, '--remove', '2');
    expect(short.stderr).toMatch(/needs 2 brokers, and 1 may hold it; all log directories are cordoned .*: 3\n/);

    await cordon(undefined, []);
    const slowly = ['--topics', 'orders', '--remove', '2', '--moves-per-broker', '1', '--throttle', '8000000'];
    await cluster.killWhen(/wave: replicas to copy/, ...slowly);
    await cordon('*', [3]);
    const stopped = await cluster.start('--resume').ended;
    expect(stopped).toMatchObject({ exitCode: 6 });
    expect(stopped.stderr).toMatch(/broker 3 would get the next replicas, but all of its log directories are cordoned/);
    await cordon(undefined, []);
    const resumed = await cluster.start('--resume').ended;
    expect(resumed, resumed.stderr).toMatchObject({ exitCode: 0 });
    expect(await cluster.throttlesLeft('orders')).toEqual([]);
  },
  180_000,
);
