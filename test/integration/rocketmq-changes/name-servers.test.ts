// Removes, adds and moves name servers of RocketMQ under load.

import { expect } from 'vitest';
import { changesOf } from '../../support/change-commands.ts';
import { changedCluster } from '../../support/changed-cluster.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startChangeLoad } from '../../support/rocketmq-change-load.ts';
import { startRocketmq } from '../../support/rocketmq.ts';
import { pidOf } from '../../support/watched-rocketmq.ts';

const topic = 'orders';
const io = { signal: new AbortController().signal };

if (fullMatrix) {
  requires('java', 'maven').test(
    'name servers are removed, added and replaced, each with all brokers and routes before clients use it',
    async () => {
      // 120 s by default: time for which a broker uses its cached list.
      await using lab = await startRocketmq({
        mode: 'two-masters',
        nameServers: 2,
        properties: { updateNameServerAddrPeriod: '5000' },
      });
      await using cluster = changedCluster(lab);
      await cluster.define(topic, [`${topic}-readers`]);
      const [staying = '', leaving = ''] = lab.namesrv;
      const changes = changesOf(lab);
      const address = lab.brokers[1]?.address ?? '';
      const listOf = async () => (await cluster.desk.settings(address, io)).get('namesrvAddr');
      let server = undertakerOf(pidOf(lab, 'nameserver-2'));
      let broker = undertakerOf(pidOf(lab, 'broker-2'));
      const revive = async () => (server = undertakerOf(server.revive()));
      await using load = await startChangeLoad(lab, { topic });
      await expect.poll(load.acknowledged, { timeout: 120_000 }).toBeGreaterThan(500);

      load.phase('one goes');
      const gone = await changes.runUntil([[/still answers: stop it/, () => server.end('SIGTERM')]], 'name-servers', [
        '--remove',
        leaving,
        '--execute',
        '--wait',
        '200s',
      ]);
      expect(gone, gone.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect(await listOf()).toBe(staying);

      load.phase('one comes');
      const adding = ['--add', leaving];
      await changes.killWhen(/operator:/, 'name-servers', ...adding, '--execute', '--wait', '200s');
      await revive();
      await changes.killWhen(/tell-brokers/, 'name-servers', ...adding, '--resume');
      await broker.end('SIGKILL');
      broker = undertakerOf(broker.revive());
      const come = await changes.run('name-servers', ...adding, '--resume', '--wait', '300s');
      expect(come, come.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect(come.stderr).toContain(`can now use ${staying};${leaving}`);
      expect(await listOf()).toBe(`${staying};${leaving}`);

      load.phase('one is replaced');
      const replaced = await changes.runUntil(
        [
          [/still answers: stop it/, () => server.end('SIGKILL')],
          [/start-server/, revive],
        ],
        'name-servers',
        ['--replace', `${leaving}=${leaving}`, '--execute', '--wait', '300s'],
      );
      expect(replaced, replaced.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      for (const nameServer of lab.namesrv) {
        expect(await cluster.permissions(topic, nameServer)).toEqual({ 'broker-a': 6, 'broker-b': 6 });
      }
      const { account, phases } = await load.end();
      process.stdout.write(`${JSON.stringify({ phases, account })}\n`);
      expect(account.groups[0]).toMatchObject({ lost: 0, unread: 0, corrupted: 0, foreign: 0, reordered: 0 });
    },
    900_000,
  );
}
