// Installs real Kafka clusters, with KRaft and with ZooKeeper, from an archive over SSH; restarts, upgrades and rolls them back under load.

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readZooKeeper } from '../../../brokers/kafka/zookeeper/monitor.ts';
import { kafkaRelease } from '../../../lab/kafka/release.ts';
import { countedTraffic } from '../../support/counted-traffic.ts';
import { changedUnderLoad, executed, instancesOf, upgradedTo } from '../../support/installed-changes.ts';
import { prepareSite, type InstalledSite } from '../../support/installed-site.ts';
import { packedRelease } from '../../support/packed-release.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const machines = ['worker1', 'worker2', 'worker3'];

if (fullMatrix) {
  requires('root', 'ip', 'java', 'maven', 'sshd', 'supervisor').test(
    'Kafka with three controllers and brokers, installed by one command, loses no message in a roll, upgrade or rollback',
    async () => {
      const releases = [
        await packedRelease('kafka', kafkaRelease('4.3.0')),
        await packedRelease('kafka', kafkaRelease('4.3.1')),
      ] as const;
      const layout = { broker: 'kafka', controllers: machines, brokers: machines };
      await using site = await prepareSite({ machines, cluster: 'orders', layout, releases });
      const install = await executed(site, 'install', '--execute');
      process.stdout.write(`Kafka with KRaft: installed in ${install} s\n`);
      await rollAndUpgrade(site, 'Kafka with KRaft', ['4.3.0', '4.3.1']);
    },
    2_700_000,
  );

  requires('root', 'ip', 'java', 'maven', 'sshd', 'supervisor').test(
    'Kafka with three ZooKeeper servers and brokers, installed by one command, loses no message in a roll, upgrade or rollback',
    async () => {
      const releases = [
        await packedRelease('kafka', kafkaRelease('3.9.1')),
        await packedRelease('kafka', kafkaRelease('3.9.2')),
      ] as const;
      const layout = { broker: 'kafka', zookeepers: machines, brokers: machines };
      await using site = await prepareSite({ machines, cluster: 'orders', layout, releases });
      const install = await executed(site, 'install', '--execute');
      process.stdout.write(`Kafka with ZooKeeper: installed in ${install} s\n`);
      expect(await leaderOf(site)).toMatch(/^orders-zookeeper-[123]$/);
      const planned = await site.lab.separately('instances roll');
      const stops = planned.document?.steps.map(({ id }) => id).filter((id) => id.startsWith('stop-'));
      expect(stops).toHaveLength(6);
      expect(stops?.at(-1)).toBe(`stop-${await leaderOf(site)}`);

      await rollAndUpgrade(site, 'Kafka with ZooKeeper', ['3.9.1', '3.9.2']);
    },
    2_700_000,
  );

  requires('root', 'ip', 'java', 'maven', 'sshd', 'supervisor').test(
    'an installed ZooKeeper server is stopped, started, reconfigured and removed, and a roll waits while one is down',
    async () => {
      const releases = [await packedRelease('kafka', kafkaRelease('3.9.1'))] as const;
      const layout = { broker: 'kafka', zookeepers: machines, brokers: machines };
      await using site = await prepareSite({ machines, cluster: 'orders', layout, releases });
      await executed(site, 'install', '--execute');

      await executed(site, 'stop', 'orders-zookeeper-2', '--execute');
      const { document } = await site.lab.separately('instances roll', 'orders-broker-1');
      expect(document?.holds.map(({ what }) => what).join()).toContain(address(site, 1));
      const number = join(site.room.hosts[1]?.srv ?? '', 'data/orders-zookeeper-2/myid');
      writeFileSync(number, '3\n');
      expect((await site.lab.separately('instances start', 'orders-zookeeper-2', '--execute')).stderr).toContain(
        'is of server 3, and orders-zookeeper-2 is server 2',
      );
      writeFileSync(number, '2\n');
      await executed(site, 'start', 'orders-zookeeper-2', '--execute');

      await site.render({ kafka: 'kafka-3.9.1' }, { memory: '3GiB' });
      await executed(site, 'reconfigure', 'orders-zookeeper-1', '--execute');
      expect(await leaderOf(site)).toBeDefined();
      writeFileSync(join(site.room.folder, 'rendered/orders/orders-zookeeper-1/myid'), '2\n');
      expect((await site.lab.separately('instances reconfigure', 'orders-zookeeper-1')).stderr).toContain(
        'myid of host worker1 is 1 and would be 2, that of another server',
      );

      const named = ['orders-zookeeper-3', '--confirm-name', 'orders-zookeeper-3'];
      await executed(site, 'remove', ...named, '--data', '--execute');
      const { srv = '' } = site.room.hosts[2] ?? {};
      expect(readdirSync(join(srv, 'data'))).toEqual(['orders-broker-3']);
    },
    900_000,
  );
}

/** Runs three changes under load, with delivery checks; each restarts every instance. */
async function rollAndUpgrade(site: InstalledSite, title: string, [from, to]: readonly [string, string]) {
  const { config } = site;
  if (config.broker !== 'kafka') throw new Error('it is no Kafka');
  const changes = {
    roll: () => executed(site, 'roll', '--execute'),
    upgrade: () => upgradedTo(site, 'kafka', to),
    back: () => upgradedTo(site, 'kafka', from),
  };
  for (const [command, change] of Object.entries(changes)) {
    const before = await instancesOf(site);
    await using traffic = await countedTraffic(config.bootstrap, 3, { topic: command, mostSeconds: 1500 });
    const seconds = await changedUnderLoad(traffic, change);
    const counted = await traffic.settle();
    process.stdout.write(`${title}: ${JSON.stringify({ command, seconds, ...counted })}\n`);
    expect(counted).toMatchObject({ lost: 0, duplicates: 0, reordered: 0 });
    const startOf = new Map(before.map(({ name, startedAt }) => [name, startedAt]));
    const after = await instancesOf(site);
    expect(after.map(({ state }) => state)).toEqual(before.map(() => 'running'));
    expect(after.filter(({ name, startedAt }) => startedAt === startOf.get(name))).toEqual([]);
  }
}

const address = ({ config }: InstalledSite, index: number) =>
  config.broker === 'kafka' ? String(config.zookeeper[index]) : 'none';

async function leaderOf(site: InstalledSite): Promise<string | undefined> {
  const io = { signal: AbortSignal.timeout(30_000) };
  for (const index of [0, 1, 2]) {
    const { state } = await readZooKeeper(address(site, index), io);
    if (state === 'leader') return `orders-zookeeper-${index + 1}`;
  }
  return undefined;
}
