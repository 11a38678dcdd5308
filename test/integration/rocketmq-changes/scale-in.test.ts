// Does a broker of RocketMQ leave under load with nothing lost, also when the operator's tool is killed in the middle?

import { expect } from 'vitest';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { changesOf } from '../../support/change-commands.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startChangeLoad } from '../../support/rocketmq-change-load.ts';
import { startRocketmq, type RunningRocketmq } from '../../support/rocketmq.ts';
import { pidOf } from '../../support/watched-rocketmq.ts';

const topic = 'orders';

async function makeTopic(lab: RunningRocketmq, queues = 2): Promise<void> {
  await lab.mqadmin(['updateTopic', '-c', 'lab', '-t', topic, '-r', String(queues), '-w', String(queues)]);
  await lab.mqadmin(['updateSubGroup', '-c', 'lab', '-g', `${topic}-readers`]);
}

const permissions = async (lab: RunningRocketmq, nameServer: string) => {
  const printed = await lab.mqadmin(['topicRoute', '-t', topic], { nameServer });
  const route = JSON.parse(printed.slice(printed.indexOf('{'))) as {
    queueDatas: { brokerName: string; perm: number }[];
  };
  return Object.fromEntries(route.queueDatas.map(({ brokerName, perm }) => [brokerName, perm]));
};

if (fullMatrix) {
  requires('java', 'maven').test(
    'a broker leaves under load: killed twice on the way, nothing lost, nothing twice, no route names it',
    async () => {
      await using lab = await startRocketmq({ mode: 'two-masters', nameServers: 2 });
      await makeTopic(lab);
      const changes = changesOf(lab);
      await using load = await startChangeLoad(lab, { topic });
      await expect.poll(load.acknowledged, { timeout: 30_000 }).toBeGreaterThan(500);

      const words = ['--broker', 'broker-b'];
      const planned = await changes.run('scale-in', ...words);
      expect(planned).toMatchObject({ exitCode: 0, document: { status: 'planned' } });
      expect(planned.document.findings.filter(({ severity }) => severity === 'critical')).toEqual([]);

      load.phase('during');
      await changes.killWhen(/close-writes/, 'scale-in', ...words, '--execute', '--quiet', '10s', '--give-up-replay');
      await changes.killWhen(/see-quiet/, 'scale-in', ...words, '--resume');
      const held = await changes.run('scale-in', ...words, '--resume', '--wait', '60s');
      expect(held).toMatchObject({ exitCode: 6, document: { status: 'held' } });
      expect(held.document.holds.map(({ what }) => what).join()).toContain('still answers: stop it');
      expect(held.document.steps.filter(({ state }) => state === 'done')).toHaveLength(6);
      for (const nameServer of lab.namesrv) {
        expect(await permissions(lab, nameServer)).toEqual({ 'broker-a': 6, 'broker-b': 4 });
      }

      await undertakerOf(pidOf(lab, 'broker-2')).end('SIGTERM');
      const done = await changes.run('scale-in', ...words, '--resume', '--wait', '150s');
      expect(done, done.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      load.phase('after');
      for (const nameServer of lab.namesrv) expect(await permissions(lab, nameServer)).toEqual({ 'broker-a': 6 });

      const { account, phases } = await load.end();
      process.stdout.write(`${JSON.stringify({ phases, account })}\n`);
      const [group] = account.groups;
      expect(account.acknowledged).toBeGreaterThan(1000);
      expect(group).toMatchObject({ lost: 0, unread: 0, duplicated: 0, corrupted: 0, foreign: 0, reordered: 0 });
      expect(group?.received).toBe(account.acknowledged);
    },
    420_000,
  );

  requires('java', 'maven').test(
    'closed at the name servers alone a broker is open again with the next change of a topic; by its own permission it stays closed',
    async () => {
      await using lab = await startRocketmq({ mode: 'two-masters' });
      await makeTopic(lab);
      const changes = changesOf(lab);
      const nameServer = lab.namesrv[0] ?? '';
      const changeTopic = (queues: string) =>
        lab.mqadmin(['updateTopic', '-c', 'lab', '-t', topic, '-r', queues, '-w', queues]);

      await lab.mqadmin(['wipeWritePerm', '-b', 'broker-b']);
      expect(await permissions(lab, nameServer)).toEqual({ 'broker-a': 6, 'broker-b': 4 });
      await changeTopic('3');
      await expect
        .poll(() => permissions(lab, nameServer), { timeout: 30_000 })
        .toEqual({ 'broker-a': 6, 'broker-b': 6 });

      // A producer that holds on to its queues writes on: it is named, and holds the change back.
      await using load = await startChangeLoad(lab, { topic, isStubborn: true });
      const words = ['--broker', 'broker-b'];
      const held = await changes.run('scale-in', ...words, '--execute', '--quiet', '5s', '--wait', '12s');
      expect(held).toMatchObject({ exitCode: 6, document: { status: 'held' } });
      expect(held.document.holds.map(({ what }) => what).join()).toMatch(/127\.0\.0\.1:\d+ still sends: orders/);
      await changeTopic('4');
      expect(await permissions(lab, nameServer)).toEqual({ 'broker-a': 6, 'broker-b': 4 });

      const back = await changes.run('scale-in', ...words, '--abort');
      expect(back).toMatchObject({ exitCode: 0, document: { status: 'aborted' } });
      expect(await permissions(lab, nameServer)).toEqual({ 'broker-a': 6, 'broker-b': 6 });
      const { account } = await load.end();
      expect(account.groups[0]).toMatchObject({ lost: 0, unread: 0, duplicated: 0 });
    },
    300_000,
  );

  requires('java', 'maven').test(
    'what is still in the way is named with its end: an offline group, a delay level, the retention',
    async () => {
      await using lab = await startRocketmq({ mode: 'two-masters' });
      await makeTopic(lab);
      await lab.mqadmin(['updateSubGroup', '-c', 'lab', '-g', 'billing']);
      const changes = changesOf(lab);
      await using load = await startChangeLoad(lab, { topic });
      await expect.poll(load.acknowledged, { timeout: 30_000 }).toBeGreaterThan(200);
      await load.end();
      // A group that read some of it and went away.
      await lab.mqadmin(['cloneGroupOffset', '-s', `${topic}-readers`, '-d', 'billing', '-t', topic, '-o', 'true']);
      await lab.mqadmin(['resetOffsetByTime', '-g', 'billing', '-t', topic, '-s', '-1', '-f', 'true']);
      const words = ['--broker', 'broker-b'];
      const held = await changes.run('scale-in', ...words, '--execute', '--quiet', '2s', '--wait', '8s');
      process.stdout.write(`${JSON.stringify(held.document.holds)}\n`);
      expect(held.exitCode).toBe(6);
      const ignoring = await changes.run('scale-in', ...words, '--resume', '--wait', '0s', '--ignore-group', 'billing');
      expect(ignoring.exitCode).toBe(6);
      expect(ignoring.document.holds).toHaveLength(1);
      expect(ignoring.document.holds[0]?.what).toContain('can be read again for 72 h');
      expect(Date.parse(ignoring.document.holds[0]?.until ?? '')).toBeGreaterThan(Date.now() + 71 * 3_600_000);
      const givenUp = await changes.run('scale-in', ...words, '--resume', '--wait', '0s', '--give-up-replay');
      expect(givenUp.document.holds.map(({ what }) => what).join()).toContain('still answers: stop it');
    },
    300_000,
  );
}
