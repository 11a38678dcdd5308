// Removes a RocketMQ broker under load without loss, even if Plimsoll is killed.

import { expect } from 'vitest';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { changesOf } from '../../support/change-commands.ts';
import { changedCluster } from '../../support/changed-cluster.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startChangeLoad } from '../../support/rocketmq-change-load.ts';
import { startRocketmq } from '../../support/rocketmq.ts';
import { pidOf } from '../../support/watched-rocketmq.ts';

const topic = 'orders';

if (fullMatrix) {
  requires('java', 'maven').test(
    'a broker is removed under load without loss although killed twice, and no route names it afterwards',
    async () => {
      await using lab = await startRocketmq({ mode: 'two-masters', nameServers: 2 });
      await using cluster = changedCluster(lab);
      await cluster.define(topic, [`${topic}-readers`, 'billing']);
      const changes = changesOf(lab);
      await using load = await startChangeLoad(lab, { topic });
      await expect.poll(load.acknowledged, { timeout: 120_000 }).toBeGreaterThan(500);

      const words = ['--broker', 'broker-b'];
      const planned = await changes.run('scale-in', ...words);
      expect(planned).toMatchObject({ exitCode: 0, document: { status: 'planned' } });
      expect(planned.document.findings.filter(({ severity }) => severity === 'critical')).toEqual([]);

      load.phase('during');
      await changes.killWhen(/close-writes/, 'scale-in', ...words, '--execute', '--quiet', '10s', '--give-up-replay');
      await changes.killWhen(/see-quiet/, 'scale-in', ...words, '--resume');
      const leaving = undertakerOf(pidOf(lab, 'broker-2'));
      await leaving.end('SIGKILL');
      const revived = undertakerOf(leaving.revive());
      const stop = async () => {
        for (const nameServer of lab.namesrv) {
          expect(await cluster.permissions(topic, nameServer)).toEqual({ 'broker-a': 6, 'broker-b': 4 });
        }
        await revived.end('SIGTERM');
      };
      const stopWhen = [[/still answers: stop it/, stop]] as const;
      const done = await changes.runUntil(stopWhen, 'scale-in', [...words, '--resume', '--wait', '400s']);
      expect(done, done.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      load.phase('after');
      for (const nameServer of lab.namesrv)
        expect(await cluster.permissions(topic, nameServer)).toEqual({ 'broker-a': 6 });

      const { account, phases } = await load.end();
      process.stdout.write(`${JSON.stringify({ phases, account })}\n`);
      const [group] = account.groups;
      expect(account.acknowledged).toBeGreaterThan(1000);
      expect(group).toMatchObject({ lost: 0, unread: 0, corrupted: 0, foreign: 0, reordered: 0 });
      // A message that was retried after the killed broker lost its response may be stored twice.
      expect(group?.received).toBe(account.acknowledged + (group?.unknownFateButDelivered ?? Number.NaN));
    },
    900_000,
  );

  requires('java', 'maven').test(
    'a broker closed only at name servers reopens with the next topic change; its own permission keeps it closed',
    async () => {
      await using lab = await startRocketmq({ mode: 'two-masters' });
      await using cluster = changedCluster(lab);
      await cluster.define(topic, [`${topic}-readers`, 'billing']);
      const changes = changesOf(lab);
      const nameServer = lab.namesrv[0] ?? '';
      const changeTopic = (queues: number) => cluster.define(topic, [], queues);

      await cluster.wipeWritesAtNameServers('broker-b');
      expect(await cluster.permissions(topic, nameServer)).toEqual({ 'broker-a': 6, 'broker-b': 4 });
      await changeTopic(3);
      await expect
        .poll(() => cluster.permissions(topic, nameServer), { timeout: 120_000 })
        .toEqual({ 'broker-a': 6, 'broker-b': 6 });

      // A producer that keeps its queues continues to write: the change names it and waits.
      await using load = await startChangeLoad(lab, { topic, isStubborn: true });
      const words = ['--broker', 'broker-b'];
      const held = await changes.run('scale-in', ...words, '--execute', '--quiet', '5s', '--wait', '40s');
      expect(held).toMatchObject({ exitCode: 6, document: { status: 'held' } });
      expect(held.document.holds.map(({ what }) => what).join()).toMatch(/127\.0\.0\.1:\d+ still sends: orders/);
      await changeTopic(4);
      expect(await cluster.permissions(topic, nameServer)).toEqual({ 'broker-a': 6, 'broker-b': 4 });

      const back = await changes.run('scale-in', ...words, '--abort');
      expect(back).toMatchObject({ exitCode: 0, document: { status: 'rolled-back' } });
      expect(await cluster.permissions(topic, nameServer)).toEqual({ 'broker-a': 6, 'broker-b': 6 });
      const { account } = await load.end();
      expect(account.groups[0]).toMatchObject({ lost: 0, unread: 0 });
    },
    900_000,
  );

  requires('java', 'maven').test(
    'remaining obstacles are listed with their end: an offline group, a delay level, the retention',
    async () => {
      await using lab = await startRocketmq({ mode: 'two-masters' });
      await using cluster = changedCluster(lab);
      await cluster.define(topic, [`${topic}-readers`, 'billing']);
      const changes = changesOf(lab);
      await using load = await startChangeLoad(lab, { topic });
      await expect.poll(load.acknowledged, { timeout: 120_000 }).toBeGreaterThan(200);
      await load.end();
      // A group that read part of the messages and then stopped.
      await cluster.commit('billing', topic, 'broker-b', 1n);
      const words = ['--broker', 'broker-b'];
      const held = await changes.run('scale-in', ...words, '--execute', '--quiet', '2s', '--wait', '30s');
      expect(held.exitCode).toBe(6);
      expect(held.document.holds[0]?.what).toMatch(
        /group billing has unread messages in orders: \d+ \(no client of it is online\)/,
      );
      expect(held.document.holds[0]?.until).toBeDefined();
      const ignoring = await changes.run('scale-in', ...words, '--resume', '--wait', '0s', '--ignore-group', 'billing');
      expect(ignoring.exitCode).toBe(6);
      expect(ignoring.document.holds).toHaveLength(1);
      expect(ignoring.document.holds[0]?.what).toContain('can be read again for 72 h');
      expect(Date.parse(ignoring.document.holds[0]?.until ?? '')).toBeGreaterThan(Date.now() + 71 * 3_600_000);
      const givenUp = await changes.run('scale-in', ...words, '--resume', '--wait', '0s', '--give-up-replay');
      expect(givenUp.document.holds.map(({ what }) => what).join()).toContain('still answers: stop it');
    },
    900_000,
  );
}
