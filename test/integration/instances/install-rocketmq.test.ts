// Real RocketMQ clusters that are installed from an archive over SSH, restarted, upgraded and rolled back under load.

import { expect } from 'vitest';
import { rocketmqRelease } from '../../../lab/rocketmq/release.ts';
import { changedCluster } from '../../support/changed-cluster.ts';
import { prepareSite, rocketmqOf, type InstalledSite } from '../../support/installed-site.ts';
import { packedRelease } from '../../support/packed-release.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startChangeLoad } from '../../support/rocketmq-change-load.ts';

const needs = requires('root', 'ip', 'java', 'maven', 'sshd', 'supervisor');
const topic = 'paid';
const wait = ['--wait', '5m'];

/** Each host has a name server or runs a master and the slave of the other, as in public courses. */
const crosswise = (loss: string) => ({
  broker: 'rocketmq',
  mode: 'master-slave',
  nameServers: ['worker1', 'worker2', 'worker3'],
  groups: { 'broker-a': ['worker2', 'worker3'], 'broker-b': ['worker3', 'worker2'] },
  loss,
});

const nine = Array.from({ length: 9 }, (_, index) => `machine-${index + 1}`);
const dledger = {
  broker: 'rocketmq',
  mode: 'dledger',
  nameServers: nine.slice(0, 3),
  groups: { RaftNode00: nine.slice(3, 6), RaftNode01: nine.slice(6) },
  loss: 'acknowledged',
};

async function executed(site: InstalledSite, command: string, ...words: readonly string[]): Promise<void> {
  const begun = Date.now();
  const done = await site.lab.separately(`instances ${command}`, ...words, ...wait);
  expect({ status: done.document?.status, stderr: done.stderr }).toMatchObject({
    status: words.includes('--abort') ? 'aborted' : 'done',
  });
  process.stdout.write(`${command} ${words.join(' ')}: ${Math.round((Date.now() - begun) / 1000)} s\n`);
}

if (fullMatrix) {
  for (const [title, machines, layout] of [
    ['two masters and two slaves crosswise, asynchronous', ['worker1', 'worker2', 'worker3'], crosswise('may-lose')],
    ['two masters and two slaves crosswise, synchronous', ['worker1', 'worker2', 'worker3'], crosswise('acknowledged')],
    ['three name servers and six brokers in DLedger groups', nine, dledger],
  ] as const) {
    needs.test(
      `${title}: restarted, upgraded and rolled back without a lost acknowledged message`,
      async () => {
        const releases = [
          await packedRelease('rocketmq', rocketmqRelease('5.3.3')),
          await packedRelease('rocketmq', rocketmqRelease('5.5.0')),
        ] as const;
        await using site = await prepareSite({ machines, cluster: 'orders', layout, releases });
        await executed(site, 'install', '--execute');

        const at = rocketmqOf(site);
        await using cluster = changedCluster(at);
        await cluster.define(topic, [`${topic}-readers`], 4);
        await using load = await startChangeLoad(at, { topic });
        await expect.poll(load.acknowledged, { timeout: 120_000 }).toBeGreaterThan(200);
        load.phase('roll');
        await executed(site, 'roll', '--execute');
        load.phase('upgrade');
        await site.render({ rocketmq: 'rocketmq-5.5.0' });
        await executed(site, 'upgrade', '--execute');
        const { account, phases } = await load.end();
        process.stdout.write(`${JSON.stringify({ title, phases, account })}\n`);
        expect(account.groups[0]).toMatchObject({ lost: 0, unread: 0, corrupted: 0, foreign: 0 });
      },
      900_000,
    );
  }
}
