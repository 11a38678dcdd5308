// Checks on a real Kafka that a reassignment of one operator neither undoes a later one of another, nor hides what it left.

import { expect } from 'vitest';
import { changedKafka } from '../support/changed-kafka.ts';
import { driveRun } from '../support/driven-run.ts';
import { startKafka } from '../support/kafka.ts';
import { liveNameOf } from '../support/live-name.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { pollOptions, properties, workload } from '../support/reassign-under-load.ts';
import { runCli } from '../support/run-cli.ts';

if (fullMatrix) {
  requires('java', 'maven').test(
    'a stopped reassignment keeps the placements of a later one; what a killed one left is named although nothing has to move',
    async () => {
      await using kafka = await startKafka({ brokers: 4, properties });
      await using alice = await changedKafka(kafka);
      await using bob = await changedKafka(kafka);
      await using carol = await changedKafka(kafka);
      await using run = await driveRun(kafka.configPath, workload('20s'), '--keep-topic');
      const { topic } = run;
      await run.result();
      const confirm = `--confirm=${liveNameOf(kafka)}`;
      const slowly = ['--topics', topic, '--moves-per-broker', '1', '--throttle', '1500000', '--interval', '1'];
      const stopped = alice.start('--remove', '4', ...slowly, '--execute', confirm);
      await alice.untilMoving();
      stopped.child.kill('SIGINT');
      expect(await stopped.ended).toMatchObject({ exitCode: 130 });
      const unfinished = async ({ folder }: typeof alice) => {
        const status = await runCli('ops', 'status', '--config', kafka.configPath, '--state-dir', folder, '--json');
        return (JSON.parse(status.stdout) as { changes: { resume?: string; abort?: string }[] }).changes;
      };

      const setting = ['--topic', topic, '--set', 'max.message.bytes=2000000', '--state-dir', bob.folder];
      const words = ['ops', 'kafka', 'alter-topic', '--config', kafka.configPath, ...setting, '--execute', confirm];
      expect(await runCli(...words)).toMatchObject({ exitCode: 0 });
      expect(await unfinished(alice)).toMatchObject([{ resume: expect.any(String), abort: expect.any(String) }]);

      const moved = await bob.execute('--remove', '3', '--topics', topic, '--throttle', '8000000');
      expect(moved, moved.stderr).toMatchObject({ exitCode: 0 });
      const placed = await bob.replicasOf(topic);
      const [left] = await unfinished(alice);
      expect(left).toMatchObject({ abort: expect.any(String) });
      expect(left).not.toHaveProperty('resume');
      const resumed = await alice.start('--resume').ended;
      expect(resumed).toMatchObject({ exitCode: 5 });
      expect(resumed.stderr).toMatch(/not resumed: \S+ on \S+ \(reassign of .*\) began later/);
      const aborted = await alice.start('--abort').ended;
      // It is over, and not all replicas are where they were.
      expect(aborted, aborted.stderr).toMatchObject({ exitCode: 6 });
      expect(aborted.stderr).toContain('partitions left as others placed them');
      expect(await unfinished(alice)).toBeUndefined();
      expect(await bob.replicasOf(topic)).toEqual(placed);

      const killed = bob.start('--add', '3', ...slowly, '--execute', confirm);
      await bob.untilMoving();
      killed.child.kill('SIGKILL');
      await killed.ended;
      await expect.poll(() => bob.changes.moving(bob.io()), pollOptions).toEqual([]);
      expect(await bob.throttlesLeft(topic)).not.toEqual([]);
      const nothing = await carol.execute('--remove', '9');
      expect(nothing, nothing.stderr).toMatchObject({ exitCode: 0 });
      expect(JSON.parse(nothing.stdout)).toMatchObject({
        findings: expect.arrayContaining([
          expect.objectContaining({ code: 'lease-expired', severity: 'warning' }),
          expect.objectContaining({ code: 'throttle-left', message: expect.stringContaining('--abort --take-over') }),
        ]) as unknown,
      });
      const moving = ['--remove', '2', '--topics', topic, '--throttle', '8000000', '--interval', '1', '--json'];
      const planned = await carol.start(...moving).ended;
      expect(JSON.parse(planned.stdout)).toMatchObject({
        findings: expect.arrayContaining([expect.objectContaining({ code: 'throttle-left' })]) as unknown,
      });
      // There, --abort would also roll back what was moved.
      const own = await bob.start(...moving).ended;
      expect(JSON.parse(own.stdout)).toMatchObject({
        findings: expect.arrayContaining([
          expect.objectContaining({
            code: 'throttle-left',
            message: expect.stringMatching(
              /End the unfinished reassignment of this machine first \(`plimsoll ops status`\)\.$/,
            ),
          }),
        ]) as unknown,
      });
      const tidied = await carol.start('--abort', '--take-over').ended;
      expect(tidied, tidied.stderr).toMatchObject({ exitCode: 0 });
      expect(await bob.throttlesLeft(topic)).toEqual([]);
      expect(await bob.start('--resume').ended).toMatchObject({ exitCode: 5 });
    },
    600_000,
  );
}
