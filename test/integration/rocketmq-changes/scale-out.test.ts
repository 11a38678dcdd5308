// Adds a RocketMQ broker under load, and checks topics, groups and routes.

import { expect } from 'vitest';
import { changesOf } from '../../support/change-commands.ts';
import { changedCluster } from '../../support/changed-cluster.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startChangeLoad } from '../../support/rocketmq-change-load.ts';
import { startRocketmq } from '../../support/rocketmq.ts';
import { runCli } from '../../support/run-cli.ts';
import { pidOf } from '../../support/watched-rocketmq.ts';

const topic = 'orders';
const io = { signal: new AbortController().signal };

if (fullMatrix) {
  requires('java', 'maven').test(
    'a broker is added under load: started when requested, killed midway, and checked to receive traffic',
    async () => {
      await using lab = await startRocketmq({ mode: 'two-masters', nameServers: 2 });
      await using cluster = changedCluster(lab);
      await cluster.define(topic, [`${topic}-readers`], 4, ['broker-a']);
      const changes = changesOf(lab);
      const absent = undertakerOf(pidOf(lab, 'broker-2'));
      await absent.end('SIGTERM');
      await using load = await startChangeLoad(lab, { topic });
      await expect.poll(load.acknowledged, { timeout: 120_000 }).toBeGreaterThan(500);

      const words = ['--broker', 'broker-b'];
      const planned = await changes.run('scale-out', ...words);
      expect(planned.document.holds.map(({ what }) => what).join()).toContain('broker-b is not started');
      load.phase('during');
      let pid = Number.NaN;
      const start = async () => (pid = absent.revive());
      const held = await changes.runUntil([[/lists no master of broker-b/, start]], 'scale-out', [
        ...words,
        '--execute',
        '--settle',
        '30s',
        '--watch',
        '15s',
        '--wait',
        '25s',
      ]);
      expect(held, held.stderr).toMatchObject({ exitCode: 6, document: { status: 'held' } });
      for (const nameServer of lab.namesrv) {
        expect(await cluster.permissions(topic, nameServer)).toEqual({ 'broker-a': 6, 'broker-b': 4 });
      }
      const killed = undertakerOf(pid);
      await killed.end('SIGKILL');
      pid = killed.revive();
      await changes.killWhen(/open-writes/, 'scale-out', ...words, '--resume', '--wait', '120s');
      const done = await changes.run('scale-out', ...words, '--resume', '--wait', '200s');
      expect(done, done.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect(done.document.steps.at(-1)?.evidence.join()).toContain('topics whose producers write to the broker: 1');
      load.phase('after');
      const address = lab.brokers.find(({ id }) => id === 'broker-b:0')?.address ?? '';
      const groups = (await cluster.desk.groups(address, io)).map(({ name }) => name);
      expect(groups).toContain(`${topic}-readers`);

      const { account, phases } = await load.end();
      process.stdout.write(`${JSON.stringify({ phases, account })}\n`);
      expect(account.groups[0]).toMatchObject({ lost: 0, unread: 0, corrupted: 0, foreign: 0, reordered: 0 });

      const check = ['ops', 'rocketmq', 'check-routes', '--config', lab.configPath, '--json'];
      const good = await runCli(...check);
      expect(good, good.stdout).toMatchObject({ exitCode: 0 });
      // A hung broker stays in the routes but does not respond.
      process.kill(pid, 'SIGSTOP');
      const bad = await runCli(...check);
      process.kill(pid, 'SIGCONT');
      expect(bad.exitCode).toBe(6);
      const { findings } = JSON.parse(bad.stdout) as { findings: { code: string; message: string }[] };
      expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['nobody-there', 'route-to-nobody']));
    },
    900_000,
  );
}
