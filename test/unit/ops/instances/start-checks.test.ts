import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../core/clock.ts';
import { DesiredInstance } from '../../../../core/documents/instances.ts';
import { LocalHost } from '../../../../hosts/config.ts';
import { openLocalFiles } from '../../../../hosts/files/local.ts';
import { openInstanceHost, type InstanceHost } from '../../../../hosts/instances/instance-host.ts';
import { checkStart } from '../../../../ops/instances/start-checks.ts';
import { instanceToolsWith } from '../../../support/instance-tools.ts';

const io = { signal: AbortSignal.timeout(30_000) };

const toolsOn = (host: InstanceHost) => instanceToolsWith({ hostOf: () => host });

test.runIf(process.platform === 'linux')('names the program that uses the port of an instance', async () => {
  await using server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await using host = openInstanceHost('mq-1', LocalHost.parse({ probe: 'local' }), { clock: systemClock });
  const service = { role: 'kafka-broker', supervisord: { program: 'kafka' } };
  const target = DesiredInstance.parse({ cluster: 'orders', host: 'mq-1', port, ...service });
  const found = await checkStart({ name: 'orders-1', target }, toolsOn(host), io);
  const taken = found.find(({ code }) => code === 'port-in-use');
  expect(taken?.severity).toBe('critical');
  expect(taken?.message).toMatch(
    new RegExp(`^port ${port} of orders-1 is in use on host mq-1 by .+ \\(process ${process.pid}\\)$`),
  );
});

test('checks the ports of an instance only after its stop if the login may not see its sockets', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-ports-'));
  const at = (path: string) => join(folder.path, path);
  mkdirSync(at('net'));
  const socket =
    '0: 00000000:2384 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 10601 1 0 100 0 0 10 0';
  writeFileSync(at('net/tcp'), `  sl  local_address rem_address   st tx_queue rx_queue\n   ${socket}\n`);
  // Of a process of another user, neither fd nor environ can be read.
  mkdirSync(at('4711'));
  const command = ['/usr/bin/java', '-cp', '/opt/kafka/libs/*', 'kafka.Kafka', '/etc/kafka/server.properties'];
  writeFileSync(at('4711/cmdline'), command.map((word) => `${word}\0`).join(''));
  const figures = '4194304 135610 0 4 0 24333 1452 0 0 20 0 94 0 179454 212754489344 1000';
  writeFileSync(at('4711/stat'), `4711 (java) S 1 4711 4711 0 -1 ${figures}\n`);
  writeFileSync(at('4711/cgroup'), '0::/system.slice/kafka.service\n');
  const unit =
    'Id=kafka.service\nNames=kafka.service\nLoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nMainPID=4711\nNRestarts=0\n';
  const commands = { host: 'mq-1', run: async () => ({ exitCode: 0, stdout: unit, stderr: '' }) };
  const host = { name: 'mq-1', files: openLocalFiles(), procfs: folder.path, commands } as unknown as InstanceHost;
  const service = { role: 'kafka-broker', systemd: { unit: 'kafka.service' } };
  const target = DesiredInstance.parse({ cluster: 'orders', host: 'mq-1', port: 9092, ...service });
  const inUse = async () =>
    (await checkStart({ name: 'orders-1', target }, toolsOn(host), io)).filter(({ code }) => code === 'port-in-use');
  expect(await inUse()).toEqual([]);
  rmSync(at('4711'), { recursive: true });
  expect((await inUse()).map(({ message }) => message)).toEqual([
    'port 9092 of orders-1 is in use on host mq-1 by a process that this login cannot see',
  ]);
});
