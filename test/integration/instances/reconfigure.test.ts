// Gives a real Kafka other settings over SSH: a kill in the middle, settings with which it does not start, and the way back.

import { appendFileSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { defaultKafkaVersion, kafkaRelease } from '../../../lab/kafka/release.ts';
import { forgetLease } from '../../support/forget-lease.ts';
import { executed, instancesOf, wait } from '../../support/installed-changes.ts';
import { prepareSite } from '../../support/installed-site.ts';
import { packedRelease } from '../../support/packed-release.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const broker = 'orders-broker-1';

if (fullMatrix) {
  requires('root', 'ip', 'java', 'maven', 'sshd', 'supervisor').test(
    'changed settings are shown, written while the broker is stopped, and rolled back where it does not start with them',
    async () => {
      await using site = await prepareSite({
        machines: ['worker1'],
        cluster: 'orders',
        layout: { broker: 'kafka', controllers: ['worker1'], brokers: ['worker1'] },
        releases: [await packedRelease('kafka', kafkaRelease(defaultKafkaVersion))],
      });
      const { lab, room, configPath } = site;
      const [{ srv } = expect.fail('no host')] = room.hosts;
      const settings = () => readFileSync(join(srv, 'etc', broker, 'server.properties'), 'utf8');
      const formers = () => globSync(join(srv, '**/*.plimsoll-*'));
      const versions = { kafka: `kafka-${defaultKafkaVersion}` };
      await executed(site, 'install', '--execute');

      const same = await lab.separately('instances reconfigure');
      expect(same).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('has the settings') as string });

      await site.render(versions, { retention: '48h' });
      const before = settings();
      const { document: plan, stderr } = await lab.run('instances reconfigure');
      expect(
        plan?.findings.map(({ message }) => message),
        stderr,
      ).toContain(`${broker}: server.properties: log.retention.ms 259200000 → 172800000`);
      expect(settings()).toBe(before);

      await lab.killWhen(new RegExp(`, start-${broker}:`), 'instances reconfigure', '--execute', ...wait);
      await executed(site, 'reconfigure', '--resume');
      await forgetLease(site.config);
      expect(settings()).toContain('log.retention.ms=172800000');
      expect(formers()).toEqual([]);

      const good = settings();
      appendFileSync(
        join(dirname(configPath), 'rendered', 'orders', broker, 'server.properties'),
        'num.io.threads=x\n',
      );
      const bad = await lab.separately('instances reconfigure', '--execute', ...wait);
      expect(bad.exitCode, JSON.stringify(bad)).toBe(6);
      expect(bad.stderr).toContain('Invalid value x for configuration num.io.threads');
      await executed(site, 'reconfigure', '--abort');
      expect(settings()).toBe(good);
      expect(formers()).toEqual([]);
      expect((await instancesOf(site)).map(({ state }) => state)).toEqual(['running', 'running']);
    },
    900_000,
  );
}
