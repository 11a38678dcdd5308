// Creates, alters and deletes topics, groups and settings of a real RocketMQ.

import { expect } from 'vitest';
import { driverOf } from '../../../brokers/registry.ts';
import { openChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { openRocketmqAdministration } from '../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { administeredLab } from '../../support/administration.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startRocketmq } from '../../support/rocketmq.ts';
import { pidOf } from '../../support/watched-rocketmq.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000) });
const named = ['--topic', 'orders'];

const versions = fullMatrix ? ['5.3.3', '4.9.7'] : ['5.3.3'];
for (const version of versions) {
  requires('java', 'maven').test(
    `RocketMQ ${version}: a topic is created despite a kill, and the plan to delete it shows the loss`,
    async () => {
      await using rocketmq = await startRocketmq({ version });
      const { config, configPath } = rocketmq;
      await using lab = await administeredLab({ configPath, config, confirmed: 'lab' });
      await using desk = openChangeDesk('lab', config);
      const [address = ''] = rocketmq.brokers.map((broker) => broker.address);
      const topicNow = async () => (await desk.topics(address, io())).find(({ name }) => name === 'orders');

      await using admin = openRocketmqAdministration('lab', config);
      const orderConfig = () => admin.orderOf(rocketmq.namesrv[0] ?? '', 'orders', io());

      const creating = [...named, '--queues', '4', '--ordered', 'on'];
      const planned = await lab.run('ops rocketmq create-topic', ...creating);
      expect(planned, planned.stderr).toMatchObject({ exitCode: 0, document: { status: 'planned' } });
      expect(await topicNow()).toBeUndefined();
      await lab.killWhen(/set-order/, 'ops rocketmq create-topic', ...creating, '--execute');
      const resumed = await lab.run('ops rocketmq create-topic', ...named, '--resume');
      expect(resumed, resumed.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect(await topicNow()).toMatchObject({ readQueues: 4, writeQueues: 4, permission: 6 });
      expect(await orderConfig()).toBe('broker-a:4');

      await using traffic = await driverOf(config).traffic('lab', config, io());
      await using producer = await traffic.producer({ acks: 'all' });
      await producer.send({ topic: 'orders', partition: 0, values: [Buffer.from('one'), Buffer.from('two')] }, io());
      const deleting = [...named, '--watch', '1s'];
      const lost = await lab.run('ops rocketmq delete-topic', ...deleting);
      expect(lost.document?.findings.map(({ message }) => message).join('\n'), lost.stderr).toMatch(
        /messages lost, at most: 2/,
      );
      // Each RocketMQ change waits seconds for its lease.
      if (!fullMatrix) return;

      await lab.killWhen(
        /await-routes/,
        'ops rocketmq alter-topic',
        ...named,
        '--permission',
        'read-only',
        '--execute',
      );
      expect(await topicNow()).toMatchObject({ permission: 4 });
      const back = await lab.run('ops rocketmq alter-topic', ...named, '--abort');
      expect(back, back.stderr).toMatchObject({ exitCode: 0, document: { status: 'rolled-back' } });
      expect(await topicNow()).toMatchObject({ permission: 6 });
      expect(await orderConfig()).toBe('broker-a:4');

      const deleted = await lab.run('ops rocketmq delete-topic', ...deleting, '--execute', '--confirm-name', 'orders');
      expect(deleted, deleted.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect(await topicNow()).toBeUndefined();
    },
    180_000,
  );
}

if (fullMatrix) {
  requires('java', 'maven').test(
    'while a broker is down, a change needs the names of the other brokers',
    async () => {
      await using rocketmq = await startRocketmq({ mode: 'two-masters' });
      const { config, configPath } = rocketmq;
      await using lab = await administeredLab({ configPath, config, confirmed: 'lab' });
      const killed = undertakerOf(pidOf(rocketmq, 'broker-2'));
      await killed.end('SIGKILL');
      const creating = [...named, '--queues', '2', '--execute'];
      await expect
        .poll(async () => (await lab.run('ops rocketmq create-topic', ...creating)).stderr, { timeout: 60_000 })
        .toContain('broker broker-b is in the configuration, but no name server lists it');
      const onOther = await lab.run('ops rocketmq create-topic', ...creating, '--broker', 'broker-a');
      expect(onOther, onOther.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      const setting = ['--set', 'fileReservedTime=47', '--accept-readers', '--execute'];
      const onAll = await lab.run('ops rocketmq alter-config', '--all-brokers', ...setting);
      expect(onAll.exitCode).not.toBe(0);
      expect(onAll.stderr).toContain('no name server lists it, so it would not be changed');
      const onNamed = await lab.run('ops rocketmq alter-config', '--broker', 'broker-a', ...setting);
      expect(onNamed, onNamed.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      killed.revive();
    },
    300_000,
  );
}
