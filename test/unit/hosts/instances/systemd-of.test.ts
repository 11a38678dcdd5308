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

test('a login or container is not the service of an instance', () => {
  expect(systemdOf('0::/user.slice/user-0.slice/user@0.service/app.slice/x.scope\n')).toBeUndefined();
  expect(systemdOf('0::/system.slice/docker.service\n')).toBeUndefined();
  expect(systemdOf('0::/\n')).toBeUndefined();
});

test('a cron job is not the service of an instance', () => {
  expect(systemdOf('0::/system.slice/cron.service\n')).toBeUndefined();
  expect(systemdOf('0::/system.slice/crond.service\n')).toBeUndefined();
});

interface RunningProcess {
  pid: number;
  parent: number;
  unit: string;
  command: readonly string[];
  cwd?: string;
  /** Real user; 0 by default. */
  user?: number;
  /** Process ids, from that on the host to that in the innermost namespace. */
  ids?: string;
  /** Text of /proc/PID/mountinfo; by default with the root of its host, as PrivateTmp leaves it. */
  mounts?: string;
}

const hostMounts = '24 29 0:22 / /proc rw - proc proc rw\n29 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n';
const privateMounts = '412 388 8:1 / / rw,relatime shared:210 master:1 - ext4 /dev/sda1 rw\n';

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

const loginUser = 1000;
/** A setuid program has another effective user than its real one. */
const statusText = (user: number, ids = '700') => `Name:\tpython3\nUid:\t${user}\t0\t0\t0\nNSpid:\t${ids}\n`;

async function foundAmong(processes: readonly RunningProcess[], run: HostCommands['run']) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-started-by-'));
  mkdirSync(join(folder.path, 'self'));
  writeFileSync(join(folder.path, 'self/status'), statusText(loginUser));
  mkdirSync(join(folder.path, '1'));
  writeFileSync(join(folder.path, '1/mountinfo'), hostMounts);
  for (const { pid, parent, unit, command, cwd, user = 0, ids, mounts = privateMounts } of processes) {
    const own = join(folder.path, String(pid));
    mkdirSync(own);
    writeFileSync(join(own, 'cmdline'), command.map((word) => `${word}\0`).join(''));
    const name = command[0] === '/bin/sh' ? 'start.sh' : 'java';
    const figures = '4194304 135610 0 4 0 24333 1452 0 0 20 0 94 0 179454 212754489344 1000';
    writeFileSync(join(own, 'stat'), `${pid} (${name}) S ${parent} ${pid} ${pid} 0 -1 ${figures}\n`);
    writeFileSync(join(own, 'status'), statusText(user, ids));
    writeFileSync(join(own, 'mountinfo'), mounts);
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

test('a unit started an instance if its main process is the JVM or the script around it', async () => {
  const [kafka, other] = ['kafka.service', 'mq.service'];
  const processes = [broker(801, kafka), script(900, other), broker(901, other, 900)];
  expect(await startedBy(processes, { [kafka]: 801, [other]: 900 })).toEqual({ 801: kafka, 901: other });
});

test('a JVM started by rc.local or cloud-init, or one that shares a unit, has no unit that could stop it', async () => {
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
const supervisedWith = (named: string): readonly RunningProcess[] => [
  {
    pid: 700,
    parent: 1,
    unit: supervisor,
    command: ['/usr/bin/python3', '/usr/bin/supervisord', '-c', named],
    cwd: '/srv/site',
  },
  broker(701, supervisor, 700),
];
const supervised = supervisedWith('conf/supervisord.conf');

const config = '/srv/site/conf/supervisord.conf';
/** The output of `stat -c '%u %a %F'` for /, /srv, /srv/site, /srv/site/conf and the file. */
const ownFiles = ['0 755 directory', '0 755 directory', '1000 755 directory', '0 755 directory', '0 644 regular file'];
const change = (index: number, line: string) => ownFiles.with(index, line);

/** The output of stat(1), which continues after a path that it cannot see, whose line is '' here. */
function statOf(owned: readonly string[], words: readonly string[]) {
  const paths = words.slice(words.indexOf('--') + 1);
  const seen = owned.flatMap((line, index) => (line === '' ? [] : [`${line} ${paths[index]}\n`]));
  return { exitCode: seen.length === paths.length ? 0 : 1, stdout: seen.join(''), stderr: '' };
}

/**
 * supervisorctl finds the program only with that configuration, and cannot read it in the home of root without sudo.
 *
 * @returns what started the broker, and all arguments that were run
 */
async function startedWith(processes: readonly RunningProcess[], owned: readonly string[], file = config) {
  const ran: string[] = [];
  const found = await foundAmong(processes, async (program, words, _, { sudo = false } = {}) => {
    if (program === 'stat') return statOf(owned, words);
    ran.push(...words);
    return words.includes(file) && (sudo || !file.startsWith('/root/'))
      ? { exitCode: 0, stdout: 'broker-1                         RUNNING   pid 701, uptime 0:00:12\n', stderr: '' }
      : { exitCode: 2, stdout: '', stderr: 'Error: No config file found at default paths\n' };
  });
  return { startedBy: found.map(({ startedBy: by }) => by), ran };
}

test.each([0, loginUser])(
  'a relative configuration file of a supervisord of user %s is resolved in its working directory',
  async (user) => {
    const processes = supervised.map((each) => ({ ...each, user }));
    expect((await startedWith(processes, ownFiles)).startedBy).toEqual([
      { kind: 'supervisord', program: 'broker-1', config, sudo: false },
    ]);
    const inSticky = await startedWith(processes, change(1, '0 1777 directory').with(4, '1000 600 regular file'));
    expect(inSticky.startedBy).toMatchObject([{ kind: 'supervisord', config }]);
  },
);

const common = '0 755 directory';

test.each(['700', '550'])(
  'uses a configuration file in the home of root with mode %s, which a login user cannot see',
  async (mode) => {
    const file = '/root/site/supervisord.conf';
    const seen = [common, `0 ${mode} directory`];
    expect((await startedWith(supervisedWith(file), seen, file)).startedBy).toEqual([
      { kind: 'supervisord', program: 'broker-1', config: file, sudo: true },
    ]);
  },
);

test('in a private home of the login user, the group may access a configuration file', async () => {
  const file = '/home/monitor/venv/supervisord.conf';
  const lines = [common, common, '1000 700 directory', '1000 775 directory', '1000 664 regular file'];
  const processes = supervisedWith(file).map((each) => ({ ...each, user: loginUser }));
  expect((await startedWith(processes, lines, file)).startedBy).toMatchObject([{ kind: 'supervisord', config: file }]);
});

test.each<[string, string, readonly string[]]>([
  ['below a private folder of services', '/var/lib/private/web/x.conf', [common, common, common, '0 700 directory']],
  ['named through /proc', '/proc/700/fd/3', [common, '0 555 directory', '0 555 directory', '0 500 directory']],
  ['that is missing in a home that others may enter', '/root/x.conf', [common, '0 755 directory']],
  ['whose folder was a link for a moment', '/tmp/x/root/x.conf', [common, '0 1777 directory', '', '0 700 directory']],
])('supervisorctl runs no code of an invisible configuration file %s', async (_, file, seen) => {
  const { startedBy: by, ran } = await startedWith(supervisedWith(file), seen, file);
  expect(ran).toEqual(['status', 'status']);
  expect(by).toMatchObject([{ kind: 'none' }]);
});

test.each<[string, Partial<RunningProcess>]>([
  ['a container', { ids: '700\t1' }],
  ['a container with the ids of its host', { mounts: '625 507 0:48 / / rw,relatime - overlay overlay rw\n' }],
  ['such a container after chroot(2)', { mounts: '' }],
])('does not use a configuration file of %s, because another file may have its path on the host', async (_, own) => {
  const processes = supervised.map((each) => ({ ...each, ...own }));
  const { startedBy: by, ran } = await startedWith(processes, ownFiles);
  expect(ran).toEqual(['status', 'status']);
  expect(by).toMatchObject([{ kind: 'none', reason: expect.stringContaining('because it may be in a container') }]);
});

test.each<[string, number, readonly string[]]>([
  ['named by a process of another user, perhaps a setuid one', 1001, ownFiles],
  ['that another user owns', 0, change(4, '1001 644 regular file')],
  ['that its group may write', 0, change(4, '0 664 regular file')],
  ['that everyone may write', 0, change(4, '0 646 regular file')],
  ['of /proc', 0, change(4, '0 400 regular empty file')],
  ['that is a link', 0, change(4, '0 777 symbolic link')],
  ['in a folder of another user', 0, change(2, '1001 755 directory')],
  ['in a folder that everyone may write', 0, change(3, '0 777 directory')],
])('supervisorctl runs no code of a configuration file %s', async (_, user, owned) => {
  const processes = supervised.map((each) => ({ ...each, user }));
  const { startedBy: by, ran } = await startedWith(processes, owned);
  expect(ran).toEqual(['status', 'status']);
  const reason = expect.stringContaining('add `supervisord` with `program` and `config` to the instance');
  expect(by).toMatchObject([{ kind: 'none', reason }]);
});

test.each([supervisor, 'mq.service'])('names a supervisord in %s that does not answer', async (unit) => {
  const processes = supervised.map((each) => ({ ...each, unit }));
  const found = await foundAmong(processes, async (program, words) => {
    if (program === 'stat') return statOf(ownFiles, words);
    return program === 'systemctl'
      ? { exitCode: 0, stdout: unitText(unit, 700), stderr: '' }
      : { exitCode: 4, stdout: 'unix:///srv/site/run/supervisor.sock no such file\n', stderr: '' };
  });
  expect(found.map(({ startedBy: by }) => by)).toEqual([
    {
      kind: 'none',
      reason:
        'supervisord (process 700) runs it but gave no answer: host mq-1: supervisorctl with /srv/site/conf/supervisord.conf failed: unix:///srv/site/run/supervisor.sock no such file',
    },
  ]);
});
