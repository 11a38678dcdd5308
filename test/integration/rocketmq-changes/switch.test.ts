// Switches master and slave of RocketMQ under load, while Plimsoll and the slave are killed.

import { expect } from 'vitest';
import { changesOf } from '../../support/change-commands.ts';
import { changedCluster } from '../../support/changed-cluster.ts';
import { giveRole } from '../../support/give-role.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startChangeLoad } from '../../support/rocketmq-change-load.ts';
import { startRocketmq } from '../../support/rocketmq.ts';
import { pidOf } from '../../support/watched-rocketmq.ts';

const topic = 'orders';

if (fullMatrix) {
  for (const version of ['5.3.3', '4.9.7']) {
    requires('java', 'maven').test(
      `${version}: master and slave switch roles, although the process and the slave are killed midway`,
      async () => {
        await using lab = await startRocketmq({ mode: 'master-slave', version });
        await using cluster = changedCluster(lab);
        await cluster.define(topic, [`${topic}-readers`]);
        const [nameServer = ''] = lab.namesrv;
        const [master, slave] = lab.brokers.map(({ address }) => address);
        const changes = changesOf(lab);
        await using load = await startChangeLoad(lab, { topic });
        await expect.poll(load.acknowledged, { timeout: 120_000 }).toBeGreaterThan(500);

        load.phase('closed, and stopped');
        const words = ['--broker', 'broker-a', '--wait', '200s'];
        await changes.killWhen(/see-quiet/, 'switch', ...words, '--quiet', '5s', '--execute');
        const copy = undertakerOf(pidOf(lab, 'broker-2'));
        await copy.end('SIGKILL');
        const slaveNow = undertakerOf(copy.revive());
        await changes.killWhen(/operator: on the host of \S+ supervisorctl stop/, 'switch', ...words, '--resume');
        expect(await cluster.permissions(topic, nameServer)).toEqual({ 'broker-a': 4 });

        const masterNow = undertakerOf(pidOf(lab, 'broker-1'));
        const done = await changes.runUntil(
          [
            [/still answers: stop it/, () => masterNow.end('SIGTERM')],
            [
              /step \d of \d, start-as-master/,
              async () => {
                await slaveNow.end('SIGTERM');
                giveRole(lab.home, 'broker-2', 0, 'ASYNC_MASTER');
                slaveNow.revive();
              },
            ],
            [
              /step \d of \d, start-as-slave/,
              async () => {
                load.phase('the other leads');
                giveRole(lab.home, 'broker-1', 1, 'SLAVE');
                masterNow.revive();
              },
            ],
          ],
          'switch',
          [...words, '--resume'],
        );
        expect(done, done.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
        load.phase('after');
        const listings = await cluster.desk.listings({ signal: AbortSignal.timeout(10_000) });
        const members = listings.flatMap(({ brokers = [] }) => brokers).flatMap(({ addresses }) => [...addresses]);
        expect(members.toSorted(([one], [other]) => one - other)).toEqual([
          [0, slave],
          [1, master],
        ]);
        expect(await cluster.permissions(topic, nameServer)).toEqual({ 'broker-a': 6 });

        const { account, phases } = await load.end();
        process.stdout.write(`${JSON.stringify({ version, phases, account })}\n`);
        expect(account.groups[0]).toMatchObject({ lost: 0, unread: 0, corrupted: 0, foreign: 0, reordered: 0 });
      },
      900_000,
    );
  }
}
