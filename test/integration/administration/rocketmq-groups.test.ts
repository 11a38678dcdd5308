// Changes settings and groups of a real RocketMQ, and compares the result with mqadmin.

import { expect } from 'vitest';
import { openChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import {
  encodeGetAllConsumerOffset,
  parseGetAllConsumerOffset,
  encodeUpdateConsumerOffset,
} from '../../../brokers/rocketmq/protocol/offset-requests.ts';
import { createRemotingClient } from '../../../brokers/rocketmq/protocol/remoting-client.ts';
import { administeredLab } from '../../support/administration.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000) });

if (fullMatrix) {
  for (const version of ['5.3.3', '4.9.7']) {
    requires('java', 'maven').test(
      `RocketMQ ${version}: mqadmin shows the requested settings, groups and topics`,
      async () => {
        await using rocketmq = await startRocketmq({ version });
        const { config, configPath, mqadmin } = rocketmq;
        await using lab = await administeredLab({ configPath, config, confirmed: 'lab' });
        await using desk = openChangeDesk('lab', config);
        const address = rocketmq.brokers[0]?.address ?? '';
        await using client = createRemotingClient({ name: 'lab', config });
        const groupsWithCommits = async () =>
          parseGetAllConsumerOffset(await client.ask(address, encodeGetAllConsumerOffset(), io())).map(
            ({ group }) => group,
          );

        const setting = ['--all-brokers', '--set', 'fileReservedTime=47', '--accept-readers', '--execute'];
        const changed = await lab.run('ops rocketmq alter-config', ...setting);
        expect(changed, changed.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
        expect(await mqadmin(['getBrokerConfig', '-b', address])).toMatch(/fileReservedTime\s+=\s+47/);
        const unknown = await lab.run('ops rocketmq alter-config', '--all-brokers', '--set', 'fileReservedTimes=47');
        expect(unknown).toMatchObject({
          exitCode: 2,
          stderr: expect.stringContaining('did you mean fileReservedTime?'),
        });
        const wrong = await lab.run('ops rocketmq alter-config', '--all-brokers', '--set', 'fileReservedTime=two');
        expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('a whole number') });

        const made = await lab.run(
          'ops rocketmq create-topic',
          '--topic',
          'orders',
          '--queues',
          '2',
          '--ordered',
          'on',
          '--execute',
        );
        expect(made, made.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
        expect(await mqadmin(['topicRoute', '-t', 'orders'])).toMatch(/"readQueueNums":\s*2/);
        const sent = await lab.plain(
          'send',
          '--topic',
          'orders',
          '--key',
          '4711',
          '--tag',
          'paid',
          '--value',
          'one',
          '--execute',
          '--confirm',
          'lab',
        );
        expect(sent.stdout, sent.stderr).toMatch(/sent 3 B to orders, partition broker-a:\d, offset 0/);
        const found = await lab.plain('get message', '--topic', 'orders', '--key', '4711');
        expect(found.stdout, found.stderr).toMatch(/property TAGS +paid/);

        const created = await lab.run(
          'ops rocketmq create-group',
          '--group',
          'billing',
          '--set',
          'retryMaxTimes=5',
          '--execute',
        );
        expect(created, created.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
        const altering = ['--group', 'billing', '--set', 'consumeEnable=false', '--execute'];
        const altered = await lab.run('ops rocketmq alter-group', ...altering);
        expect(altered.document?.steps[0]?.evidence[0], altered.stderr).toContain('consumeEnable: true → false');
        const group = (await desk.groups(address, io())).find(({ name }) => name === 'billing');
        expect(JSON.parse(group?.definition ?? '{}')).toMatchObject({ retryMaxTimes: 5, consumeEnable: false });
        const commit = { consumerGroup: 'billing', topic: 'orders', queueId: 0, offset: 0n };
        const request = encodeUpdateConsumerOffset(commit);
        request.parse(await client.ask(address, request, io()));
        expect(await groupsWithCommits()).toContain('billing');
        const deleting = ['--group', 'billing', '--execute', '--confirm-name', 'billing'];
        const deleted = await lab.run('ops rocketmq delete-group', ...deleting);
        expect(deleted, deleted.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
        expect((await desk.groups(address, io())).map(({ name }) => name)).not.toContain('billing');
        expect(await groupsWithCommits()).not.toContain('billing');

        for (const what of ['expired-commit-log', 'expired-consume-queues', 'unused-topics']) {
          const cleaned = await lab.run('ops rocketmq clean', '--what', what, '--execute');
          expect(cleaned, cleaned.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
        }
        const acls = await lab.plain('get acls');
        expect(`${acls.stdout}${acls.stderr}`).toMatch(version === '4.9.7' ? /does not list/ : /no rules|error:/);
      },
      300_000,
    );
  }
}
