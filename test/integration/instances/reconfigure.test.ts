// Changes settings of a real Kafka and a real RocketMQ over SSH: with a kill, and with settings that prevent a broker from starting.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parseProperties } from '../../../hosts/instances/instance-settings.ts';
import { defaultKafkaVersion, kafkaRelease } from '../../../lab/kafka/release.ts';
import { defaultRocketmqVersion, rocketmqRelease } from '../../../lab/rocketmq/release.ts';
import { executed, instancesOf, wait } from '../../support/installed-changes.ts';
import { prepareSite } from '../../support/installed-site.ts';
import { packedRelease } from '../../support/packed-release.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const broker = 'orders-broker-1';

if (fullMatrix) {
  requires('root', 'ip', 'java', 'maven', 'sshd', 'supervisor').test(
    'changed settings are shown, written while the broker is stopped, and rolled back if it does not start',
    async () => {
      await using site = await prepareSite({
        machines: ['worker1'],
        cluster: 'orders',
        layout: { broker: 'kafka', controllers: ['worker1'], brokers: ['worker1'] },
        releases: [await packedRelease('kafka', kafkaRelease(defaultKafkaVersion))],
      });
      const { lab, room } = site;
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
      expect(settings()).toContain('log.retention.ms=172800000');
      expect(formers()).toEqual([]);

      const good = settings();
      await site.render(versions, { retention: '48h', settings: { 'num.io.threads': 'x' } });
      const words = ['--execute', '--abort-when-held', '--wait', '45s'];
      const bad = await lab.separately('instances reconfigure', ...words);
      expect(bad, JSON.stringify(bad)).toMatchObject({ exitCode: 6, document: { status: 'rolled-back' } });
      expect(JSON.stringify(bad.document?.holds)).toContain('Invalid value x for configuration num.io.threads');
      expect(settings()).toBe(good);
      expect(formers()).toEqual([]);
      expect((await instancesOf(site)).map(({ state }) => state)).toEqual(['running', 'running']);
    },
    900_000,
  );

  requires('root', 'ip', 'java', 'maven', 'sshd', 'supervisor').test(
    'RocketMQ masters that wrote their own settings get new ones and accept messages again',
    async () => {
      await using site = await prepareSite({
        machines: ['worker1'],
        cluster: 'orders',
        layout: {
          broker: 'rocketmq',
          mode: 'single',
          nameServers: ['worker1'],
          groups: { 'broker-a': ['worker1'], 'broker-b': ['worker1'] },
        },
        releases: [await packedRelease('rocketmq', rocketmqRelease(defaultRocketmqVersion))],
      });
      const [{ srv } = expect.fail('no host')] = site.room.hosts;
      const settings = () =>
        globSync(join(srv, 'etc/*/broker.conf')).map((path) => parseProperties(readFileSync(path, 'utf8')));
      await executed(site, 'install', '--execute');
      await executed(site, 'roll', '--execute');
      expect(settings().map((own) => own.has('rocketmqHome'))).toEqual([true, true]);
      const same = await site.lab.separately('instances reconfigure');
      expect(same).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('has the settings') as string });

      await site.render({ rocketmq: `rocketmq-${defaultRocketmqVersion}` }, { retention: '48h' });
      const { document: plan, stderr } = await site.lab.run('instances reconfigure');
      const messages = plan?.findings.map(({ message }) => message) ?? [];
      expect(
        messages.filter((each) => each.endsWith('broker.conf: fileReservedTime 72 → 48')),
        stderr,
      ).toHaveLength(2);
      expect(messages.filter((each) => each.includes('updateBrokerConfig'))).toHaveLength(2);
      await executed(site, 'reconfigure', '--execute');
      const after = settings();
      expect(after.map((own) => own.get('fileReservedTime'))).toEqual(['48', '48']);
      for (const own of after) expect(own.get('brokerPermission') ?? '6').toBe('6');
      expect(globSync(join(srv, '**/*.plimsoll-*'))).toEqual([]);
    },
    900_000,
  );
}
