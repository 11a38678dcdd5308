// A real Kafka cluster with KRaft that is installed from an archive over SSH, restarted, upgraded and rolled back under load.

import { expect } from 'vitest';
import { kafkaRelease } from '../../../lab/kafka/release.ts';
import { countedTraffic } from '../../support/counted-traffic.ts';
import { changedUnderLoad, executed, upgradedTo } from '../../support/installed-changes.ts';
import { prepareSite } from '../../support/installed-site.ts';
import { packedRelease } from '../../support/packed-release.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const machines = ['worker1', 'worker2', 'worker3'];

if (fullMatrix) {
  requires('root', 'ip', 'java', 'maven', 'sshd', 'supervisor').test(
    'three controllers and three brokers of Kafka, installed by one command: no acknowledged message is lost, duplicated or reordered by a roll, an upgrade and its rollback',
    async () => {
      const releases = [
        await packedRelease('kafka', kafkaRelease('4.3.0')),
        await packedRelease('kafka', kafkaRelease('4.3.1')),
      ] as const;
      const layout = { broker: 'kafka', controllers: machines, brokers: machines };
      await using site = await prepareSite({ machines, cluster: 'orders', layout, releases });
      const { config } = site;
      if (config.broker !== 'kafka') throw new Error('it is no Kafka');
      const install = await executed(site, 'install', '--execute');
      process.stdout.write(`Kafka with KRaft: installed in ${install} s\n`);
      const changes = {
        roll: () => executed(site, 'roll', '--execute'),
        upgrade: () => upgradedTo(site, 'kafka', '4.3.1'),
        back: () => upgradedTo(site, 'kafka', '4.3.0'),
      };
      for (const [command, change] of Object.entries(changes)) {
        await using traffic = await countedTraffic(config.bootstrap, 3, { topic: command, mostSeconds: 1500 });
        const seconds = await changedUnderLoad(traffic, change);
        const counted = await traffic.settle();
        process.stdout.write(`Kafka with KRaft: ${JSON.stringify({ command, seconds, ...counted })}\n`);
        expect(counted).toMatchObject({ lost: 0, duplicates: 0, reordered: 0 });
      }
    },
    2_700_000,
  );
}
