// Compares the results of `get`, `send` and changes with mqadmin.

import { expect, vi } from 'vitest';
import { ignoreFault } from '../../../core/errors.ts';
import { openRocketmq } from '../../../lab/seed/rocketmq-cluster.ts';
import { administeredLab } from '../../support/administration.ts';
import { asking } from '../../support/asking.ts';
import { startJavaPeer } from '../../support/java-peer.ts';
import { rocketmqRelease } from '../../../lab/rocketmq/release.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000), progress: () => undefined });
const wait = { timeout: 60_000, interval: 1_000 };
const namesIn = (printed: string) => printed.split('\n').map((line) => line.trim());

interface Stored {
  facts: Record<string, string>;
  properties: { name: string; valueBase64: string }[];
  partition: number;
  offset: number;
  valueBase64: string;
}

if (fullMatrix) {
  for (const version of ['5.3.3', '4.9.7']) {
    requires('java', 'maven').test(
      `RocketMQ ${version}: messages, settings, routes, permissions and groups are the same as with mqadmin`,
      async () => {
        await using rocketmq = await startRocketmq({ version });
        const { config, configPath, mqadmin } = rocketmq;
        await using lab = await administeredLab({ configPath, config, confirmed: 'lab' });
        const { ask, askJson } = asking('--config', configPath);
        const [nameServer = ''] = rocketmq.namesrv;
        const address = rocketmq.brokers[0]?.address ?? '';
        const done = async (command: string, ...words: string[]) => {
          const answer = await lab.run(command, ...words, '--execute');
          expect(answer, answer.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
        };

        const creating = ['--topic', 'orders', '--queues', '2', '--ordered', 'on'];
        await done('ops rocketmq create-topic', ...creating);
        expect(await mqadmin(['updateOrderConf', '-m', 'get', '-t', 'orders'])).toContain('broker-a:2');
        const { servers } = (await askJson('get', 'routes', 'orders')) as { servers: object[] };
        expect(JSON.stringify(servers)).toContain('broker-a');
        expect(await mqadmin(['topicList'])).toMatch(/^orders$/m);

        const sent = await lab.plain(
          'send',
          '--topic',
          'orders',
          '--key',
          '4711',
          '--value',
          'one',
          '--execute',
          '--confirm',
          'lab',
        );
        expect(sent.exitCode, sent.stderr).toBe(0);
        const stored = (await askJson('get', 'message', '--topic', 'orders', '--key', '4711')) as {
          messages: Stored[];
        };
        const [message] = stored.messages;
        expect(message).toMatchObject({ offset: 0, valueBase64: Buffer.from('one').toString('base64') });
        const byKey = await mqadmin(['queryMsgByKey', '-t', 'orders', '-k', '4711']);
        const [, id = 'none'] = new RegExp(`^(\\S+)\\s+${message?.partition}\\s+0\\s*$`, 'm').exec(byKey) ?? [byKey];
        const unique = message?.properties.find(({ name }) => name === 'UNIQ_KEY')?.valueBase64 ?? '';
        expect([message?.facts['id'], Buffer.from(unique, 'base64').toString()]).toContain(id);
        const shown = await ask('get', 'message', id, '--topic', 'orders');
        expect(shown.stdout, shown.stderr).toContain('one');
        const told = await mqadmin([
          'queryMsgByUniqueKey',
          '-t',
          'orders',
          '-i',
          Buffer.from(unique, 'base64').toString(),
        ]);
        expect(told).toMatch(new RegExp(`^Queue ID:\\s+${message?.partition}$`, 'm'));
        expect(told).toMatch(/^Queue Offset:\s+0$/m);
        const place = ['-t', 'orders', '-b', 'broker-a', '-i', String(message?.partition), '-o', '0'];
        expect(await mqadmin(['queryMsgByOffset', ...place])).toMatch(/Queue Offset:\s+0/);
        const all = await mqadmin(['printMsg', '-t', 'orders', '-d', 'true']);
        expect(all).toMatch(/BODY: one/);
        const found = (await askJson('get', 'messages', '--topic', 'orders', '--offset', '0')) as {
          messages: Stored[];
        };
        expect(found.messages).toHaveLength(all.match(/BODY: /g)?.length ?? 0);

        for (const [permission, number] of [
          ['read-only', 4],
          ['read-write', 6],
        ] as const) {
          await done('ops rocketmq alter-topic', '--topic', 'orders', '--permission', permission);
          expect(await mqadmin(['topicRoute', '-t', 'orders'])).toMatch(new RegExp(`"perm":\\s*${number}`));
        }
        for (const number of [4, 6]) {
          await done('ops rocketmq alter-config', '--broker', 'broker-a', '--set', `brokerPermission=${number}`);
          const printed = await mqadmin(['getBrokerConfig', '-b', address]);
          expect(printed).toMatch(new RegExp(`^\\s*brokerPermission\\s+=\\s+${number}\\s*$`, 'm'));
        }

        for (const [process, words] of [
          ['broker-a:0', ['getBrokerConfig', '-b', address]],
          [nameServer, ['getNamesrvConfig', '-n', nameServer]],
        ] as const) {
          const { processes } = (await askJson('get', 'config', process)) as {
            processes: { values: Record<string, string> }[];
          };
          const printed = Array.from(
            (await mqadmin([...words])).matchAll(/^\s*(\S+)\s+=\s?(.*)$/gm),
            ([, name = '', value = '']) => [name, value.trim()],
          );
          expect(printed.length).toBeGreaterThan(10);
          const own = processes[0]?.values ?? {};
          const differing = printed.filter(([name = '', value]) => own[name]?.trim() !== value);
          // Secrets are masked.
          expect(differing.filter(([name = '']) => !/secret|password/i.test(name))).toEqual([]);
        }

        await done('ops rocketmq create-group', '--group', 'billing', '--set', 'retryMaxTimes=5');
        expect(await mqadmin(['getConsumerConfig', '-g', 'billing'])).toMatch(/retryMaxTimes\s*=\s*5/);
        {
          await using cluster = await openRocketmq('lab', config, io());
          await cluster.commit('billing', 'orders', new Map([[message?.partition ?? 0, 1n]]), io());
          for (const group of ['billing', 'billing-v2']) await cluster.ensureTopic(`%RETRY%${group}`, 1, io());
        }
        await done('ops rocketmq create-group', '--group', 'billing-v2');
        const copied = await lab.run('ops offsets copy', '--group', 'billing-v2', '--from', 'billing', '--execute');
        expect(copied.exitCode, copied.stderr).toBe(0);
        const offsetsOf = async (group: string) =>
          namesIn(await mqadmin(['consumerProgress', '-g', group]))
            .filter((line) => line.startsWith('orders '))
            .map((line) => line.split(/\s+/).slice(0, 5).join(' '))
            .toSorted();
        expect(await offsetsOf('billing')).toContain(`orders broker-a ${message?.partition} 1 1`);
        expect(await offsetsOf('billing-v2')).toEqual(await offsetsOf('billing'));

        await done('ops rocketmq delete-group', '--group', 'billing', '--confirm-name', 'billing');
        expect(await mqadmin(['getConsumerConfig', '-g', 'billing'])).not.toMatch(/retryMaxTimes\s*=\s*5/);
        await done(
          'ops rocketmq delete-topic',
          '--topic',
          'orders',
          '--watch',
          '1s',
          '--accept-readers',
          '--confirm-name',
          'orders',
        );
        expect(await mqadmin(['topicList'])).not.toMatch(/^orders$/m);
      },
      300_000,
    );

    requires('java', 'maven').test(
      `RocketMQ ${version}: connected clients, lag and offsets are the same as with mqadmin`,
      async () => {
        await using rocketmq = await startRocketmq({ version });
        const { config, configPath, namesrv, mqadmin } = rocketmq;
        await using lab = await administeredLab({ configPath, config, confirmed: 'lab' });
        const { askJson } = asking('--config', configPath);
        const address = rocketmq.brokers[0]?.address ?? '';
        const created = await lab.run('ops rocketmq create-topic', '--topic', 'orders', '--queues', '2', '--execute');
        expect(created.exitCode, created.stderr).toBe(0);
        const release = rocketmqRelease(version);
        await using consumer = await startJavaPeer('RocketmqPeer', release, namesrv.join(';'));
        await using producer = await startJavaPeer('RocketmqPeer', release, namesrv.join(';'));
        await consumer.ask('consume', 'billing', 'orders');
        await producer.ask('send', 'orders', 20, 0);
        await vi.waitFor(async () => expect(await consumer.ask('received', 'billing')).toHaveLength(20), wait);
        // The client commits every 5 s.
        await vi.waitFor(async () => expect((await group()).group.lag).toBe(0), wait);
        await consumer.ask('leave', 'billing');
        await producer.ask('send', 'orders', 7, 0);
        await consumer.ask('consume', 'behind', 'orders');
        const sending = producer.ask('send', 'orders', 500_000, 0).catch(ignoreFault('its process is stopped below'));
        const clients = /^(?:\d+\s+)?(\S+@\S+)\s+([\d.]+:\d+)\s+JAVA\s+(V\S+)/gm;
        const printedClients = async (...words: string[]) =>
          Array.from((await mqadmin(words)).matchAll(clients), ([, id, at, version]) => `${id} ${at} ${version}`);
        interface Client {
          clientId: string;
          address?: string;
          version?: string;
          assigned?: { topic: string; brokerName: string; partition: number }[];
        }
        const line = (each: Client) => `${each.clientId} ${each.address} ${each.version}`;

        await vi.waitFor(async () => {
          const printed = await printedClients('producerConnection', '-g', 'peer-producers', '-t', 'orders');
          expect(printed).toHaveLength(1);
          const { producers } = (await askJson('get', 'producers')) as { producers: (Client & { group: string })[] };
          const own = producers.filter((each) => each.group === 'peer-producers');
          expect(own.map(line)).toEqual(printed);
        }, wait);
        const connected = await printedClients('consumerConnection', '-g', 'behind');
        expect(connected).toHaveLength(1);
        const { members } = (await askJson('get', 'group', 'behind')) as { members: Client[] };
        expect(members.map(line)).toEqual(connected);
        const [member] = members;
        const running = await mqadmin(['consumerStatus', '-g', 'behind', '-i', member?.clientId ?? '']);
        const queues = Array.from(
          running.matchAll(/^orders +(\S+) +(\d+) +\d+ *$/gm),
          ([, at, queue]) => `${at}:${queue}`,
        );
        const assigned = (member?.assigned ?? []).filter(({ topic }) => topic === 'orders');
        expect(assigned.map((each) => `${each.brokerName}:${each.partition}`).toSorted()).toEqual(queues.toSorted());
        expect(queues).toHaveLength(2);
        await producer[Symbol.asyncDispose]();
        await sending;

        const { partitions } = await group();
        const rows = (await mqadmin(['brokerConsumeStats', '-b', address]))
          .split('\n')
          .map((each) => each.split(/\s+/));
        const stated = rows.filter(([topic, name]) => topic === 'orders' && name === 'billing');
        expect(stated).toHaveLength(2);
        const read = partitions.filter(({ topic }) => topic === 'orders');
        expect(read.map(({ queue, end, committed, lag }) => `${queue} ${end} ${committed} ${lag}`).toSorted()).toEqual(
          stated
            .map(([, , broker, queue, end, committed, lag]) => `${broker}:${queue} ${end} ${committed} ${lag}`)
            .toSorted(),
        );

        const stats = (await mqadmin(['statsAll', '-t', 'orders'])).split('\n').map((each) => each.trim().split(/\s+/));
        const [, , behind] = stats.find(([topic, name]) => topic === 'orders' && name === 'billing') ?? [];
        const { groups } = (await askJson('get', 'groups')) as { groups: { name: string; lag?: number }[] };
        expect(groups.find(({ name }) => name === 'billing')?.lag).toBe(Number(behind));

        expect(await mqadmin(['topicClusterList', '-t', 'orders'])).toMatch(/^lab$/m);
        expect(JSON.stringify(await askJson('get', 'routes', 'orders'))).toContain('"broker-a"');
        const place = ['-t', 'orders', '-b', 'broker-a', '-i', '0', '-o', '3'];
        const at = await mqadmin(['queryMsgByOffset', ...place]);
        const [, id = 'none'] = /OffsetID:\s+(\S+)/.exec(at) ?? [at];
        const ofTopic = version === '4.9.7' ? [] : ['-t', 'orders'];
        expect(await mqadmin(['queryMsgById', '-i', id, ...ofTopic])).toMatch(/Queue Offset:\s+3$/m);
        const found = (await askJson('get', 'message', id)) as { messages: Stored[] };
        expect(found.messages).toMatchObject([{ topic: 'orders', partition: 0, offset: 3 }]);

        async function group(): Promise<GroupAnswer> {
          return (await askJson('get', 'group', 'billing')) as GroupAnswer;
        }
      },
      300_000,
    );
  }
}

interface GroupAnswer {
  group: { lag?: number };
  partitions: { topic: string; queue: string; committed?: number; end: number; lag?: number }[];
}
