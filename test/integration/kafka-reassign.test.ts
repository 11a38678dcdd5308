// Checks that reassignments of a real Kafka are minimal and can end at any point.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { defaultKafkaVersion } from '../../lab/kafka/release.ts';
import { changedKafka, during, type Span } from '../support/changed-kafka.ts';
import { driveRun } from '../support/driven-run.ts';
import { kafkaTools } from '../support/kafka-tools.ts';
import { startKafka } from '../support/kafka.ts';
import { liveNameOf } from '../support/live-name.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { holding, nothingLost, pollOptions, properties, workload } from '../support/reassign-under-load.ts';
import { undertakerOf } from '../support/revive.ts';
import { runCli } from '../support/run-cli.ts';

if (fullMatrix) {
  requires('java', 'maven').test(
    'a move is resumed or rolled back after SIGKILL of its process and of a broker during a wave',
    async () => {
      await using kafka = await startKafka({ brokers: 4, properties });
      await using cluster = await changedKafka(kafka);
      await using run = await driveRun(kafka.configPath, workload('230s'), '--keep-topic');
      const { topic } = run;
      const spans: Span[] = [];
      const only = [
        '--topics',
        topic,
        '--throttle',
        '2500000',
        '--interval',
        '1',
        '--execute',
        '--confirm',
        liveNameOf(kafka),
      ];
      await run.at(5);
      await during(spans, 'before', run, () => run.at(20));
      const before = await cluster.replicasOf(topic);

      await during(spans, 'killed, then back', run, async () => {
        const killed = cluster.start('--remove', '4', ...only);
        await cluster.untilMoving();
        killed.child.kill('SIGKILL');
        await killed.ended;
        const second = await cluster.start('--remove', '3', ...only).ended;
        expect(second).toMatchObject({ exitCode: 5 });
        expect(second.stderr).toContain('has not ended');
        await cluster.forgetLease();
        const back = await cluster.start('--abort').ended;
        expect(back, back.stderr).toMatchObject({ exitCode: 0 });
      });
      expect(await cluster.replicasOf(topic)).toEqual(before);
      expect(await cluster.throttlesLeft(topic)).toEqual([]);

      await during(spans, 'killed, then on', run, async () => {
        const killed = cluster.start('--remove', '4', ...only);
        await cluster.untilMoving();
        killed.child.kill('SIGKILL');
        await killed.ended;
        await cluster.forgetLease();
        const on = await cluster.start('--resume').ended;
        expect(on, on.stderr).toMatchObject({ exitCode: 0 });
      });
      expect(holding(await cluster.replicasOf(topic), 4)).toBe(0);

      await during(spans, 'broker 4 killed while it is filled', run, async () => {
        const broker = undertakerOf(kafka.brokers.find(({ id }) => id === '4')?.pid ?? Number.NaN);
        const stopping = cluster.start('--add', '4', ...only);
        await cluster.untilMoving();
        await broker.end('SIGKILL');
        const stopped = await stopping.ended;
        expect(stopped, stopped.stderr).toMatchObject({ exitCode: 6 });
        expect(stopped.stderr).toMatch(/not in the cluster.*: (?:broker )?4/);
        expect(await cluster.changes.moving(cluster.io())).toEqual([]);
        broker.revive();
        await expect
          .poll(() => cluster.changes.describe(cluster.io()).then(({ brokers }) => brokers.length), pollOptions)
          .toBe(4);
        const on = await cluster.start('--resume').ended;
        expect(on, on.stderr).toMatchObject({ exitCode: 0 });
      });
      expect(holding(await cluster.replicasOf(topic), 4)).toBe(4);
      expect(await cluster.throttlesLeft(topic)).toEqual([]);
      await nothingLost(run, spans);
    },
    420_000,
  );

  requires('java', 'maven').test(
    'when broker 4 joins, four of eighteen replicas move, and a plan of Kafka’s own tool moves no fewer',
    async () => {
      await using kafka = await startKafka({ brokers: 4 });
      await using cluster = await changedKafka(kafka);
      const lying = [
        [1, 2, 3],
        [2, 3, 1],
        [3, 1, 2],
        [1, 3, 2],
        [2, 1, 3],
        [3, 2, 1],
      ];
      const topic = 'dw_test_topic_0709003';
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      await using admin = await kafkaDriver.administer('lab', config, cluster.io());
      await admin.createTopic({ name: topic, partitions: 6, replicationFactor: 3 }, cluster.io());
      const wanted = lying.map((replicas, partition) => ({ topic, partition, replicas }));
      await cluster.changes.reassign(wanted, cluster.io());
      await expect.poll(() => cluster.changes.moving(cluster.io()), pollOptions).toEqual([]);
      await cluster.changes.electPreferred(wanted, cluster.io());

      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-generate-'));
      const file = join(folder, 'topics.json');
      await writeFile(file, JSON.stringify({ version: 1, topics: [{ topic }] }));
      await using tools = await kafkaTools(defaultKafkaVersion, kafka.bootstrap[0] ?? '');
      const generated = await tools.run(
        'reassign',
        '--topics-to-move-json-file',
        file,
        '--broker-list',
        '1,2,3,4',
        '--generate',
      );
      const [current = ''] = /^\{.*\}$/m.exec(generated) ?? [];
      await writeFile(join(folder, 'current.json'), current);
      await writeFile(join(folder, 'brokers.json'), JSON.stringify([1, 2, 3, 4].map((id) => ({ id }))));
      const files = ['--assignment', join(folder, 'current.json'), '--brokers', join(folder, 'brokers.json')];
      const offline = await runCli('ops', 'kafka', 'reassign', ...files, '--add', '4', '--json');
      await rm(folder, { recursive: true });
      const proposed = JSON.parse(generated.trim().split('\n').at(-1) ?? '') as {
        partitions: { partition: number; replicas: number[] }[];
      };
      const theirs = proposed.partitions.flatMap(({ partition, replicas }) =>
        replicas.filter((id) => !lying[partition]?.includes(id)),
      ).length;

      const ours = await cluster.execute('--add', '4', '--topics', topic, '--network', '1gbit');
      expect(ours, ours.stderr).toMatchObject({ exitCode: 0 });
      const planIn = (text: string) =>
        JSON.parse(text) as { moves: { replicas: number; leaders: number }; gap: number; plan: object };
      const { moves, gap, plan } = planIn(ours.stdout);
      process.stdout.write(`${JSON.stringify({ ours: moves, theirs, proposed })}\n`);
      expect([moves.replicas, moves.leaders, gap]).toEqual([4, 1, 0]);
      expect(planIn(offline.stdout).plan).toEqual(plan);
      expect(theirs).toBeGreaterThanOrEqual(4);
      const now = await cluster.replicasOf(topic);
      expect([1, 2, 3, 4].map((id) => holding(now, id)).toSorted((one, other) => one - other)).toEqual([4, 4, 5, 5]);
      expect(
        Object.values(Object.groupBy(await cluster.leadersOf(topic), (id) => String(id))).every(
          (led) => (led?.length ?? 0) <= 2,
        ),
      ).toBe(true);
    },
    180_000,
  );
}
