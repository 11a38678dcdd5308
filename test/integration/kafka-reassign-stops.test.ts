// Stops reassignments of a real Kafka at requested points, and kills its controller.

import { expect } from 'vitest';
import { changedKafka, during, type Span } from '../support/changed-kafka.ts';
import { driveRun } from '../support/driven-run.ts';
import { kafkaTools } from '../support/kafka-tools.ts';
import { startKafka } from '../support/kafka.ts';
import { liveNameOf } from '../support/live-name.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { holding, nothingLost, pollOptions, properties, workload } from '../support/reassign-under-load.ts';
import { undertakerOf } from '../support/revive.ts';

if (fullMatrix) {
  requires('java', 'maven').test(
    'a paused move ends its wave without throttles and is resumed; then one broker replaces another',
    async () => {
      await using kafka = await startKafka({ brokers: 4, properties });
      await using cluster = await changedKafka(kafka);
      await using run = await driveRun(kafka.configPath, workload('150s'), '--keep-topic');
      const { topic } = run;
      const spans: Span[] = [];
      const quick = ['--throttle', '8000000'];
      await run.at(15);
      const emptied = await during(spans, 'remove broker 4', run, () => cluster.execute('--remove', '4', ...quick));
      expect(emptied, emptied.stderr).toMatchObject({ exitCode: 0 });

      await during(spans, 'add broker 4, paused and resumed', run, async () => {
        const words = ['--add', '4', '--topics', topic, '--moves-per-broker', '1', '--throttle', '2000000'];
        const adding = cluster.start(...words, '--interval', '1', '--execute', `--confirm=${liveNameOf(kafka)}`);
        await cluster.untilMoving();
        const asked = await cluster.start('--pause').ended;
        expect(asked).toMatchObject({ exitCode: 0 });
        expect(asked.stderr).toContain('to stop after its current wave');
        const paused = await adding.ended;
        expect(paused, paused.stderr).toMatchObject({ exitCode: 6 });
        expect(paused.stderr).toContain('paused between two waves: no partition is moving, no throttle is set');
        expect(await cluster.changes.moving(cluster.io())).toEqual([]);
        expect(await cluster.throttlesLeft(topic)).toEqual([]);
        const held = holding(await cluster.replicasOf(topic), 4);
        expect([1, 2, 3]).toContain(held);
        const status = await cluster.start('--status').ended;
        expect(status.stdout).toContain('no process is running it; last: paused between two waves');
        const on = await cluster.start('--resume').ended;
        expect(on, on.stderr).toMatchObject({ exitCode: 0 });
      });
      expect(holding(await cluster.replicasOf(topic), 4)).toBe(4);

      const emptiedAgain = await during(spans, 'remove broker 4 again', run, () =>
        cluster.execute('--remove', '4', '--topics', topic, ...quick),
      );
      expect(emptiedAgain, emptiedAgain.stderr).toMatchObject({ exitCode: 0 });
      const lying = await cluster.replicasOf(topic);
      const replaced = await during(spans, 'replace 3=4', run, () =>
        cluster.execute('--replace', '3=4', '--topics', topic, ...quick),
      );
      expect(replaced, replaced.stderr).toMatchObject({ exitCode: 0 });
      const now = await cluster.replicasOf(topic);
      expect(now).toEqual(lying.map((each) => each.map((id) => (id === 3 ? 4 : id))));
      expect(await cluster.throttlesLeft(topic)).toEqual([]);
      await nothingLost(run, spans);
    },
    420_000,
  );

  for (const version of ['4.3.1', '2.8.2']) {
    requires('java', 'maven').test(
      `after the controller is killed during a wave, another takes over and the move completes: Kafka ${version}`,
      async () => {
        // By default, ZooKeeper keeps the session of a dead controller for 18 s.
        const soon = version === '2.8.2' ? { 'zookeeper.session.timeout.ms': '6000' } : {};
        await using kafka = await startKafka({ version, brokers: 4, properties: { ...properties, ...soon } });
        await using cluster = await changedKafka(kafka);
        await using run = await driveRun(kafka.configPath, workload('120s'), '--keep-topic');
        const { topic } = run;
        const spans: Span[] = [];
        await using tools = await kafkaTools(version, kafka.bootstrap.join());
        const controllerNow = async () => {
          if (version === '2.8.2') return (await cluster.changes.describe(cluster.io())).controllerId;
          return /LeaderId:\s+(\d+)/.exec(await tools.run('quorum', 'describe', '--status'))?.[1];
        };
        const first = await controllerNow();
        await run.at(25);
        await during(spans, 'controller killed', run, async () => {
          const words = ['--remove', '4', '--topics', topic, '--throttle', '2000000', '--interval', '1'];
          const leaving = cluster.start(...words, '--execute', `--confirm=${liveNameOf(kafka)}`);
          await cluster.untilMoving();
          const controller = undertakerOf(kafka.brokers.find(({ id }) => id === first)?.pid ?? Number.NaN);
          await controller.end('SIGKILL');
          await expect.poll(() => controllerNow().catch(() => first), pollOptions).not.toBe(first);
          controller.revive();
          const ended = await leaving.ended;
          expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
          expect(ended.stderr).toContain('done: all waves, leaders and checks');
        });
        expect(holding(await cluster.replicasOf(topic), 4)).toBe(0);
        expect(await cluster.throttlesLeft(topic)).toEqual([]);
        await nothingLost(run, spans);
      },
      420_000,
    );
  }
}
