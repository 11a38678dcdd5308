import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readingSections } from '../../../core/documents/evidence/host-reading.ts';
import { LocalHost } from '../../../hosts/config.ts';
import { openLocalFiles } from '../../../hosts/files/local.ts';
import { watchLinux } from '../../../hosts/linux/probe.ts';
import { openLocalHost } from '../../../hosts/local.ts';
import { netclass } from '../../../exporter/collectors/hosts/netclass.ts';
import { recordedRoots } from '../../support/golden-metrics-page.ts';

const io = { signal: new AbortController().signal };
const everything = new Set(readingSections);
const open = (over: object = {}) =>
  openLocalHost('broker-1', LocalHost.parse({ probe: 'local', ...recordedRoots, ...over }), { platform: 'linux' });

let scratch: string;
beforeAll(async () => void (scratch = await mkdtemp(join(tmpdir(), 'plimsoll-hosts-'))));
afterAll(() => rm(scratch, { recursive: true }));

test('reads every section of a recorded machine', async () => {
  const reading = await open().sample(everything, io);
  const missing = readingSections.filter((section) => reading[section] === undefined);
  // Nothing keeps here what was read of logs, and a recorded machine has no network namespace.
  expect(missing).toEqual(['queues', 'gcLogs']);
  expect(reading.disks?.map(({ device }) => device)).toEqual(['sda', 'nvme0n1', 'dm-0']);
  expect(reading.networkDevices?.find(({ device }) => device === 'eth0')?.transmitBytes).toBe(104_713_845_331);
});

test('reads only the requested sections', async () => {
  const reading = await open().sample(new Set(['load', 'vmstat'] as const), io);
  expect(Object.keys(reading).sort()).toEqual(['load', 'vmstat']);
});

test('a section that this host lacks is absent, and the others are read', async () => {
  const procfs = join(scratch, 'without-pressure');
  await cp(recordedRoots.procfs, procfs, { recursive: true });
  await rm(join(procfs, 'pressure'), { recursive: true });
  await writeFile(join(procfs, 'loadavg'), 'no load\n');
  const reading = await open({ procfs }).sample(everything, io);
  expect(reading).not.toHaveProperty('pressure');
  expect(reading).not.toHaveProperty('load');
  expect(reading.cpus).toHaveLength(2);
});

test('if nothing can be read, the error names the host, the root and the reason', async () => {
  const missing = open({ procfs: join(scratch, 'nowhere') }).sample(everything, io);
  await expect(missing).rejects.toMatchObject({
    code: 'host-unreadable',
    message: expect.stringMatching(/host broker-1 under .*nowhere: .*nowhere.*: ENOENT/s),
  });
});

test.runIf(process.platform === 'linux')('a pipe without a writer does not block a reading', async () => {
  const pipe = join(scratch, 'server.properties');
  await promisify(execFile)('mkfifo', [pipe]);
  const files = openLocalFiles();
  const paths = [pipe, '/proc/self/status'];
  const { texts } = await files.readAll(paths, io);
  expect(texts.get(pipe)).toBe('');
  expect(texts.get('/proc/self/status')).toContain('Uid:');
  const regular = await files.readAll(paths, io, { regularOnly: true });
  // /proc/kmsg is such a file, too.
  expect(regular.texts).toEqual(new Map([['/proc/self/status', '']]));
  expect(regular.failures).toEqual(new Map([[pipe, 'it is not a regular file']]));
  await expect(files.open(pipe, io)).rejects.toThrow(`cannot open ${pipe}: it is not a regular file`);
});

interface Card {
  driver: string;
  /** Absent if the card is down: reading its speed fails. */
  megabits?: number;
  master?: string;
}

/** The recorded machine with other /sys/class/net and another line of /proc/cpuinfo. */
async function machine(name: string, features: string, cards: Readonly<Record<string, Card>>) {
  const [procfs, sysfs] = [join(scratch, name, 'proc'), join(scratch, name, 'sys')];
  await cp(recordedRoots.procfs, procfs, { recursive: true });
  await writeFile(join(procfs, 'cpuinfo'), `processor\t: 0\n${features}\n`);
  for (const [device, { driver, megabits, master }] of Object.entries(cards)) {
    const folder = join(sysfs, 'class/net', device);
    await mkdir(join(folder, 'device'), { recursive: true });
    if (megabits !== undefined) await writeFile(join(folder, 'speed'), `${megabits}\n`);
    await writeFile(join(folder, 'operstate'), megabits === undefined ? 'down\n' : 'up\n');
    await symlink(`../../../../bus/drivers/${driver}`, join(folder, 'device/driver'));
    if (master !== undefined) await symlink(`../${master}`, join(folder, 'master'));
  }
  return (await open({ procfs, sysfs }).describe(io)).networkDevices;
}

const x86 = (flag: string) => `flags\t\t: fpu sse2 ${flag}`;

test('the virtual function of an Azure machine counts with its master card, and its port speed is no limit', async () => {
  const cards = {
    eth0: { driver: 'hv_netvsc', megabits: 50_000 },
    enP1s1: { driver: 'mlx5_core', megabits: 50_000, master: 'eth0' },
  };
  expect(await machine('azure', x86('hypervisor'), cards)).toEqual([{ device: 'eth0', driver: 'hv_netvsc' }]);
});

test.each(['mlx5_core', 'mlx4_core', 'bnxt_en', 'e1000e'])(
  'the port speed of a card with %s is the capacity of a server, but not of a virtual machine',
  async (driver) => {
    const cards = { ens3: { driver, megabits: 100_000 } };
    expect(await machine(`guest-${driver}`, x86('hypervisor'), cards)).toEqual([{ device: 'ens3', driver }]);
    // Other processors do not show whether they are those of a guest.
    const arm = 'Features\t: fp asimd evtstrm aes crc32 atomics cpuid';
    expect(await machine(`arm-${driver}`, arm, cards)).toEqual([{ device: 'ens3', driver }]);
    expect(await machine(`server-${driver}`, x86('vmx'), cards)).toEqual([
      { device: 'ens3', driver, speed: { bitsPerSecond: 1e11, source: 'sysfs' } },
    ]);
  },
);

test('ports of a server without a cable are not listed as cards', async () => {
  const cards = { eno1: { driver: 'i40e', megabits: 25_000 }, eno2: { driver: 'i40e' }, eno3: { driver: 'i40e' } };
  expect(await machine('unplugged', x86('vmx'), cards)).toEqual([
    { device: 'eno1', driver: 'i40e', speed: { bitsPerSecond: 25e9, source: 'sysfs' } },
  ]);
});

/** @param sectors sizes of the disks of the recorded machine. @param members devices below dm-0 */
async function disksOf(name: string, sectors: Readonly<Record<string, number>>, members: readonly string[]) {
  const sysfs = join(scratch, name, 'sys');
  for (const [device, size] of Object.entries(sectors)) {
    await mkdir(join(sysfs, 'block', device, 'slaves'), { recursive: true });
    await writeFile(join(sysfs, 'block', device, 'size'), `${size}\n`);
  }
  for (const member of members) await symlink(`../../${member}`, join(sysfs, 'block/dm-0/slaves', member));
  await using probe = watchLinux(
    'broker-1',
    LocalHost.parse({ probe: 'local', ...recordedRoots, sysfs }),
    openLocalFiles(),
    {},
  );
  return (await probe.describe(io)).disks;
}

test('disk sizes come from sysfs in sectors of 512 bytes, and a disk without a medium has none', async () => {
  const sectors = { sda: 0, nvme0n1: 3_907_029_168, 'dm-0': 41_943_040 };
  expect(await disksOf('disks', sectors, ['nvme0n1p3'])).toEqual([
    { device: 'nvme0n1', sizeBytes: 2_000_398_934_016 },
    { device: 'dm-0', sizeBytes: 21_474_836_480 },
  ]);
});

test('the members of a volume are the disks that provide its space, not those below a larger thin volume', async () => {
  const sectors = { sda: 1_953_525_168, nvme0n1: 3_907_029_168, 'dm-0': 5_860_540_416 };
  const membersOf = async (name: string, change: object) =>
    (await disksOf(name, { ...sectors, ...change }, ['sda', 'nvme0n1']))?.flatMap(({ device, isMember }) =>
      isMember ? [device] : [],
    );
  expect(await membersOf('linear', {})).toEqual(['sda', 'nvme0n1']);
  expect(await membersOf('thin', { 'dm-0': 9_000_000_000 })).toEqual([]);
});

test('the speed of a physical card is read from sysfs, and that of a virtual card is unknown', async () => {
  const { networkDevices } = await open().describe(io);
  expect(networkDevices).toEqual([
    { device: 'eth0', driver: 'ixgbe', speed: { bitsPerSecond: 1e10, source: 'sysfs' } },
    { device: 'eth1', driver: 'virtio_net' },
  ]);
});

test('a fictitious speed is still listed among the links', async () => {
  const { links } = await open().sample(everything, io);
  const veth = links?.find(({ device }) => device === 'veth7ab2');
  expect(veth).toMatchObject({ words: { operstate: 'up' }, reportedBitsPerSecond: 1e10 });
});

test('a configured speed has its source, for the named cards', async () => {
  const network = { devices: ['veth7ab2'], speed: '50mbit', speedSource: 'tbf set by the lab' };
  const { networkDevices } = await open({ network }).describe(io);
  expect(networkDevices).toEqual([
    { device: 'veth7ab2', speed: { bitsPerSecond: 5e7, source: 'config: tbf set by the lab' } },
  ]);
});

test('a bond has the speed of its members, and a VLAN that of the card below it', async () => {
  const { networkDevices } = await open({ network: { devices: ['bond0', 'bond0.100'] } }).describe(io);
  expect(networkDevices).toEqual([
    { device: 'bond0', speed: { bitsPerSecond: 1e10, source: 'members of the bond' } },
    { device: 'bond0.100', speed: { bitsPerSecond: 1e10, source: 'card of the VLAN' } },
  ]);
});

test('in a separate network namespace, nothing is read from sysfs, which shows another namespace', async () => {
  const inventory = await open({ network: { procfs: join(recordedRoots.procfs, 'net') } }).describe(io);
  expect(inventory.networkDevices).toEqual([{ device: 'eth0' }, { device: 'eth1' }, { device: 'veth7ab2' }]);
});

test('in a separate network namespace, no cards of sysfs are listed, which is not an error', async () => {
  const probe = open({ network: { procfs: join(recordedRoots.procfs, 'net') } });
  const reading = await probe.sample(new Set(['cpus', 'links']), io);
  expect(reading.links).toEqual([]);
  expect(netclass.collect({ reading, inventory: { host: 'broker-1' } })).toEqual({ kind: 'ok', measurements: [] });
});

test('cores, memory and write-back are read from the given roots', async () => {
  const inventory = await open().describe(io);
  expect(inventory).toMatchObject({ host: 'broker-1', cores: 2, memoryBytes: 25_276_514_304 });
  expect(inventory.writeback?.expireSeconds).toBe(30);
});

test('the operating system is named in /usr/lib/os-release if a container has no other', async () => {
  const rootfs = join(scratch, 'container');
  await mkdir(join(rootfs, 'usr/lib'), { recursive: true });
  await writeFile(join(rootfs, 'usr/lib/os-release'), "ID=wolfi\nPRETTY_NAME='Wolfi'\n");
  expect((await open({ rootfs }).describe(io)).os).toBe('Wolfi');
});

test.each([
  [`"Jim's Linux 3"`, "Jim's Linux 3"],
  ['Alpine', 'Alpine'],
  ['""', undefined],
])('the name %s of an operating system is read whole', async (written, name) => {
  const rootfs = await mkdtemp(join(scratch, 'named-'));
  await mkdir(join(rootfs, 'etc'));
  await writeFile(join(rootfs, 'etc/os-release'), `ID=linux\nPRETTY_NAME=${written}\nVERSION_ID=3\n`);
  expect((await open({ rootfs }).describe(io)).os).toBe(name);
});

test('an abort ends the reading with its reason', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(open().sample(everything, { signal })).rejects.toThrow('enough');
});

test.runIf(process.platform === 'linux')('reads this machine through its /proc', async () => {
  const probe = openLocalHost('here', LocalHost.parse({ probe: 'local' }));
  const reading = await probe.sample(everything, io);
  expect(reading.cpus?.length).toBeGreaterThan(0);
  expect(reading.memoryBytes?.['MemTotal']).toBeGreaterThan(0);
});

test.runIf(process.platform === 'linux')(
  'describes this machine without starting programs, which take seconds under load',
  async () => {
    // In a separate process, because the functions are replaced for every module.
    const urlOf = (path: string) => JSON.stringify(new URL(`../../../hosts/${path}`, import.meta.url).href);
    const program = `
    import programs from 'node:child_process';
    import { LocalHost } from ${urlOf('config.ts')};
    for (const name of ['exec', 'execFile', 'execSync', 'spawn', 'spawnSync']) {
      programs[name] = () => { console.log('started'); throw new Error('no program'); };
    }
    const { openLocalHost } = await import(${urlOf('local.ts')});
    const probe = openLocalHost('here', LocalHost.parse({ probe: 'local' }));
    const { host, cores, cpuModel, os } = await probe.describe({ signal: AbortSignal.timeout(15_000) });
    await probe[Symbol.asyncDispose]();
    console.log(host, cores > 0, cpuModel !== undefined, os !== undefined);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    expect(stdout).toBe('here true true true\n');
  },
);

test('a non-Linux host has the figures of Node and systeminformation, and no cards or disks', async () => {
  const probe = openLocalHost('mac', LocalHost.parse({ probe: 'local' }), { platform: 'darwin' });
  const reading = await probe.sample(everything, io);
  expect(Object.keys(reading).sort()).toEqual(['cpus', 'load', 'memoryBytes', 'uptimeSeconds']);
  expect((await probe.describe(io)).networkDevices?.every(({ speed }) => speed === undefined)).toBe(true);
});
