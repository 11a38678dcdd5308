import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openLocalFiles } from '../../../../hosts/files/local.ts';
import { rootsOf } from '../../../../hosts/linux/roots.ts';
import { readSettings, cardsOfAddresses } from '../../../../hosts/settings/read-settings.ts';
import { parseSysctlFile } from '../../../../hosts/settings/sysctls.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function machine(files: Record<string, string>, network: { procfs?: string } = {}) {
  const root = await mkdtemp(join(tmpdir(), 'plimsoll-settings-'));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await using probe = openLocalFiles();
  const roots = rootsOf({ procfs: join(root, 'proc'), sysfs: join(root, 'sys'), rootfs: root, network });
  return await readSettings(probe, roots, { signal: new AbortController().signal });
}

test('returns kernel settings by their sysctl names', async () => {
  const { sysctls } = await machine({
    'proc/sys/vm/swappiness': '60\n',
    'proc/sys/net/ipv4/tcp_rmem': '4096\t131072\t6291456\n',
  });
  expect(sysctls).toEqual({ 'vm.swappiness': '60', 'net.ipv4.tcp_rmem': '4096 131072 6291456' });
});

test('a setting that this kernel lacks is neither returned nor listed as unread', async () => {
  const { sysctls, unread } = await machine({ 'proc/sys/vm/swappiness': '1\n' });
  expect(Object.keys(sysctls)).not.toContain('vm.extra_free_kbytes');
  expect(unread).toEqual({});
});

test('settings of another network namespace than that of /proc/sys are unread', async () => {
  const { sysctls, unread } = await machine({ 'proc/sys/net/core/somaxconn': '128\n' }, { procfs: '/proc/1/net' });
  expect(sysctls).toEqual({});
  expect(unread['net.core.somaxconn']).toContain('network namespace');
});

test('returns schedulers, rotational disks and the members of an array', async () => {
  const { disks } = await machine({
    'sys/block/sda/queue/scheduler': 'none [mq-deadline] bfq\n',
    'sys/block/sda/queue/rotational': '1\n',
    'sys/block/md0/md/level': 'raid5\n',
    'sys/block/md0/slaves/sda': '',
    'sys/block/loop0/queue/scheduler': '[none]\n',
  });
  expect(disks).toEqual([
    { device: 'md0', raidLevel: 'raid5', members: ['sda'] },
    { device: 'sda', scheduler: 'mq-deadline', isRotational: true, members: [] },
  ]);
});

test('of files with the same name the first folder applies, and sysctl.conf is read last', async () => {
  const { persisted } = await machine({
    'etc/sysctl.d/50-broker.conf': '# swap\nvm.swappiness = 1\n-vm/dirty_ratio=50\n',
    'usr/lib/sysctl.d/50-broker.conf': 'vm.swappiness = 30\n',
    'etc/sysctl.conf': 'vm.drop_caches=1',
  });
  expect(persisted?.map(({ key, value }) => `${key}=${value}`)).toEqual([
    'vm.swappiness=1',
    'vm.dirty_ratio=50',
    'vm.drop_caches=1',
  ]);
});

test('a key with slashes may have dots in its parts', () => {
  expect(parseSysctlFile('net/ipv4/conf/eth0.100/rp_filter = 1')).toEqual([
    { key: 'net.ipv4.conf.eth0.100.rp_filter', value: '1' },
  ]);
  expect(parseSysctlFile('net.ipv4.conf.eth0/100.rp_filter = 1\n; vm.swappiness = 2\n')).toEqual([
    { key: 'net.ipv4.conf.eth0/100.rp_filter', value: '1' },
  ]);
});

test('an address belongs to the card whose network contains it, the narrowest first', () => {
  const fibTrie = ['10.1.2.3', '10.1.9.9', '127.0.0.1', '192.0.2.7']
    .map((address) => `           |-- ${address}\n              /32 host LOCAL\n`)
    .join('');
  const routes = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask',
    'eth9\t00000000\t0101010A\t0003\t0\t0\t0\t00000000',
    'eth0\t0000010A\t00000000\t0001\t0\t0\t0\t0000FFFF',
    'eth1\t0002010A\t00000000\t0001\t0\t0\t0\t00FFFFFF',
    '',
  ].join('\n');
  const ifInet6 = 'fe80000000000000020000fffe000001 02 40 20 80     eth1\n';
  expect(cardsOfAddresses({ fibTrie, routes, ifInet6 })).toEqual({
    '10.1.2.3': 'eth1',
    '10.1.9.9': 'eth0',
    '127.0.0.1': 'lo',
    'fe80::200:ff:fe00:1': 'eth1',
  });
});
