// Checks that Ctrl-C and a closed terminal leave a real Kafka without moves, throttles or a shortened retention, and that the change
// resumes afterwards.

import { expect } from 'vitest';
import { changedKafka, type Span } from '../support/changed-kafka.ts';
import { driveRun } from '../support/driven-run.ts';
import { startKafka } from '../support/kafka.ts';
import { liveNameOf } from '../support/live-name.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { holding, nothingLost, pollOptions, properties, workload } from '../support/reassign-under-load.ts';

if (fullMatrix) {
  requires('java', 'maven').test(
    'a reassignment is interrupted while retention is reduced, and again while replicas are copied',
    async () => {
      await using kafka = await startKafka({ brokers: 4, properties });
      await using cluster = await changedKafka(kafka);
      await using run = await driveRun(kafka.configPath, workload('100s'), '--keep-topic');
      const { topic } = run;
      const spans: Span[] = [];
      const retention = async () => {
        const known = await cluster.changes.settingsOf({ kind: 'topic', name: topic }, ['retention.ms'], cluster.io());
        const { isOwn, value } = known.get('retention.ms') ?? {};
        return isOwn === true ? value : undefined;
      };
      const asBefore = async () =>
        expect([await cluster.changes.moving(cluster.io()), await cluster.throttlesLeft(topic)]).toEqual([[], []]);
      await run.at(20);
      const before = await retention();

      const words = ['--remove', '4', '--topics', topic, '--throttle', '1500000', '--interval', '1'];
      const cutting = cluster.start(...words, '--cut-retention', '20m', '--execute', `--confirm=${liveNameOf(kafka)}`);
      await expect.poll(retention, pollOptions).toBe('1200000');
      cutting.child.kill('SIGINT');
      const first = await cutting.ended;
      expect(first.exitCode, first.stderr).toBe(130);
      expect(await retention()).toBe(before);
      await asBefore();

      const copying = cluster.start('--resume');
      await cluster.untilMoving();
      copying.child.kill('SIGHUP');
      const second = await copying.ended;
      expect(second.exitCode, second.stderr).toBe(130);
      expect(second.stderr).toContain('throttles and retention are restored');
      expect(await retention()).toBe(before);
      await asBefore();

      const on = await cluster.start('--resume').ended;
      expect(on, on.stderr).toMatchObject({ exitCode: 0 });
      expect(holding(await cluster.replicasOf(topic), 4)).toBe(0);
      expect(await retention()).toBe(before);
      await asBefore();
      await nothingLost(run, spans);
    },
    420_000,
  );
}
