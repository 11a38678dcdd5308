import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLocalFiles } from '../../../../hosts/files/local.ts';
import { findInstances, systemdOf } from '../../../../hosts/instances/find-instances.ts';
import type { HostCommands } from '../../../../hosts/instances/host-commands.ts';
import type { InstanceHost } from '../../../../hosts/instances/instance-host.ts';

test('the unit of a process is the service in its control group', () => {
  expect(systemdOf('0::/system.slice/kafka.service\n')).toEqual({ kind: 'systemd', unit: 'kafka.service' });
  expect(systemdOf('12:pids:/system.slice/x\n1:name=systemd:/system.slice/rocketmq-broker.service\n')).toEqual({
    kind: 'systemd',
    unit: 'rocketmq-broker.service',
  });
});

test('a login or a container is no service of an instance', () => {
  expect(systemdOf('0::/user.slice/user-0.slice/user@0.service/app.slice/x.scope\n')).toBeUndefined();
  expect(systemdOf('0::/system.slice/docker.service\n')).toBeUndefined();
  expect(systemdOf('0::/\n')).toBeUndefined();
});

test('a job of cron is no service of an instance', () => {
  expect(systemdOf('0::/system.slice/cron.service\n')).toBeUndefined();
  expect(systemdOf('0::/system.slice/crond.service\n')).toBeUndefined();
});

interface RunningProcess {
  pid: number;
  parent: number;
  unit: string;
  command: readonly string[];
  cwd?: string;
}

const broker = (pid: number, unit: string, parent = 1): RunningProcess => ({
  pid,
  parent,
  unit,
  command: [
    '/usr/bin/java',
    '-cp',
    '/opt/kafka/libs/kafka_2.13-3.9.1.jar',
    'kafka.Kafka',
    `/etc/kafka/${pid}.properties`,
  ],
});
const script = (pid: number, unit: string): RunningProcess => ({
  pid,
  parent: 1,
  unit,
  command: ['/bin/sh', '/opt/start.sh'],
});

async function foundAmong(processes: readonly RunningProcess[], run: HostCommands['run']) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-started-by-'));
  for (const { pid, parent, unit, command, cwd } of processes) {
    const own = join(folder.path, String(pid));
    mkdirSync(own);
    writeFileSync(join(own, 'cmdline'), command.map((word) => `${word}\0`).join(''));
    const name = command[0] === '/bin/sh' ? 'start.sh' : 'java';
    const figures = '4194304 135610 0 4 0 24333 1452 0 0 20 0 94 0 179454 212754489344 1000';
    writeFileSync(join(own, 'stat'), `${pid} (${name}) S ${parent} ${pid} ${pid} 0 -1 ${figures}\n`);
    writeFileSync(join(own, 'cgroup'), `0::/system.slice/${unit}\n`);
    if (cwd !== undefined) symlinkSync(cwd, join(own, 'cwd'));
  }
  const host = {
    name: 'mq-1',
    files: openLocalFiles(),
    procfs: folder.path,
    commands: { host: 'mq-1', run },
  } as unknown as InstanceHost;
  return await findInstances(host, { signal: new AbortController().signal });
}

const unitText = (unit: string, mainPid: number) =>
  `Id=${unit}\nNames=${unit}\nLoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nMainPID=${mainPid}\nNRestarts=0\n`;

/** @param mainPids by unit, as systemctl shows them: 0 where the unit has none. @returns what started each instance, by its pid */
async function startedBy(processes: readonly RunningProcess[], mainPids: Readonly<Record<string, number>>) {
  const found = await foundAmong(processes, async (_, words) => {
    const units = words.slice(words.indexOf('--') + 1);
    const blocks = units.map((unit) => unitText(unit, mainPids[unit] ?? 0));
    return { exitCode: 0, stdout: blocks.join('\n'), stderr: '' };
  });
  return Object.fromEntries(found.map(({ pid, startedBy: by }) => [pid, by.kind === 'systemd' ? by.unit : by.kind]));
}

test('a unit started an instance if its JVM, or the script around it, is its main process', async () => {
  const [kafka, other] = ['kafka.service', 'mq.service'];
  const processes = [broker(801, kafka), script(900, other), broker(901, other, 900)];
  expect(await startedBy(processes, { [kafka]: 801, [other]: 900 })).toEqual({ 801: kafka, 901: other });
});

test('what rc.local or cloud-init left behind, or shares a unit, is started by no unit that could be stopped', async () => {
  const [local, cloud] = ['rc-local.service', 'cloud-final.service'];
  expect(await startedBy([broker(801, local), broker(802, local), broker(803, cloud)], { [cloud]: 0 })).toEqual({
    801: 'none',
    802: 'none',
    803: 'none',
  });
  const unit = 'cluster.service';
  const shared = [script(900, unit), broker(901, unit, 900), broker(902, unit, 900)];
  expect(await startedBy(shared, { [unit]: 900 })).toEqual({ 901: 'none', 902: 'none' });
});

const supervisor = 'supervisor.service';
const supervised: readonly RunningProcess[] = [
  {
    pid: 700,
    parent: 1,
    unit: supervisor,
    command: ['/usr/bin/python3', '/usr/bin/supervisord', '-c', 'conf/supervisord.conf'],
    cwd: '/srv/site',
  },
  broker(701, supervisor, 700),
];

test('a relative configuration file of supervisord is one of the folder where it was started', async () => {
  const config = '/srv/site/conf/supervisord.conf';
  const found = await foundAmong(supervised, async (_, words) =>
    words.includes(config)
      ? { exitCode: 0, stdout: 'broker-1                         RUNNING   pid 701, uptime 0:00:12\n', stderr: '' }
      : { exitCode: 2, stdout: '', stderr: 'Error: No config file found at default paths\n' },
  );
  expect(found.map(({ startedBy: by }) => by)).toEqual([
    { kind: 'supervisord', program: 'broker-1', config, sudo: false },
  ]);
});

test.each([supervisor, 'mq.service'])('a supervisord in %s that gives no answer is named', async (unit) => {
  const processes = supervised.map((each) => ({ ...each, unit }));
  const found = await foundAmong(processes, async (program) =>
    program === 'systemctl'
      ? { exitCode: 0, stdout: unitText(unit, 700), stderr: '' }
      : { exitCode: 4, stdout: 'unix:///srv/site/run/supervisor.sock no such file\n', stderr: '' },
  );
  expect(found.map(({ startedBy: by }) => by)).toEqual([
    {
      kind: 'none',
      reason:
        'supervisord (process 700) runs it but gave no answer: host mq-1: supervisorctl with /srv/site/conf/supervisord.conf failed: unix:///srv/site/run/supervisor.sock no such file',
    },
  ]);
});
