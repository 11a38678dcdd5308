// Installs a RocketMQ cluster from an archive over SSH, and changes it under load.

import { expect, vi } from 'vitest';
import { rocketmqRelease } from '../../lab/rocketmq/release.ts';
import { changedCluster } from './changed-cluster.ts';
import { changedUnderLoad, executed, instancesOf, upgradedTo, versionsOf, wait } from './installed-changes.ts';
import { prepareSite, rocketmqOf, type InstalledSite } from './installed-site.ts';
import { packedRelease } from './packed-release.ts';
import { requires } from './prerequisites.ts';
import { startChangeLoad } from './rocketmq-change-load.ts';

const needs = requires('root', 'ip', 'java', 'maven', 'sshd', 'supervisor');

/** On two cores, a change of three machines takes seven minutes, one of nine about twenty. */
const limitPerMachine = 900_000;

const changes = {
  roll: (site: InstalledSite) => executed(site, 'roll', '--execute'),
  upgrade: (site: InstalledSite) => upgradedTo(site, 'rocketmq', '5.5.0'),
  back: (site: InstalledSite) => upgradedTo(site, 'rocketmq', '5.3.3'),
  killed: upgradedAndBack,
  resumed: (site: InstalledSite) => rolledAfterKill(site, '--resume'),
  aborted: (site: InstalledSite) => rolledAfterKill(site, '--abort'),
} as const;

interface Installation {
  title: string;
  machines: readonly string[];
  layout: object;
  commands: readonly (keyof typeof changes)[];
}

export function testInstallation({ title, machines, layout, commands }: Installation): void {
  needs.test(
    `${title}, installed by one command: no acknowledged message is lost by ${commands.join(', ')}`,
    async () => {
      const releases = [
        await packedRelease('rocketmq', rocketmqRelease('5.3.3')),
        await packedRelease('rocketmq', rocketmqRelease('5.5.0')),
      ] as const;
      await using site = await prepareSite({ machines, cluster: 'orders', layout, releases });
      const install = await executed(site, 'install', '--execute');
      process.stdout.write(`${title}: installed in ${install} s\n`);

      const at = rocketmqOf(site);
      await using cluster = changedCluster(at);
      for (const command of commands) {
        await cluster.define(command, [`${command}-readers`], 4);
        await using load = await startChangeLoad(at, { topic: command });
        const seconds = await changedUnderLoad(load, () => changes[command](site));
        const { account, phases } = await load.end();
        process.stdout.write(`${title}: ${JSON.stringify({ command, seconds, phases, account })}\n`);
        expect(account.groups[0]).toMatchObject({ lost: 0, unread: 0, corrupted: 0, foreign: 0 });
      }
      expect((await versionsOf(site)).size).toBe(1);
    },
    machines.length * limitPerMachine,
  );
}

/** Kills a change while a master is down, then resumes or rolls back: in both cases, the master serves again. */
async function rolledAfterKill(site: InstalledSite, how: '--resume' | '--abort'): Promise<number> {
  const begun = Date.now();
  await site.lab.killWhen(/, start-orders-broker-a-0:/, 'instances roll', '--execute', ...wait);
  await executed(site, 'roll', how);
  await vi.waitFor(
    async () => expect(new Set((await instancesOf(site)).map(({ state }) => state))).toEqual(new Set(['running'])),
    { timeout: 120_000, interval: 1000 },
  );
  return Math.round((Date.now() - begun) / 1000);
}

/** Kills an upgrade after two instances have the new version, resumes to the third, and then rolls back. */
async function upgradedAndBack(site: InstalledSite): Promise<number> {
  const begun = Date.now();
  await site.render({ rocketmq: 'rocketmq-5.5.0' });
  const { lab } = site;
  await lab.killWhen(/, start-orders-broker-b-1:/, 'instances upgrade', '--execute', ...wait);
  await lab.killWhen(/, stop-orders-broker-a-1:/, 'instances upgrade', '--resume', ...wait);
  expect((await versionsOf(site)).size).toBe(2);
  await executed(site, 'upgrade', '--abort');
  expect([...(await versionsOf(site))]).toEqual(['5.3.3']);
  return Math.round((Date.now() - begun) / 1000);
}
