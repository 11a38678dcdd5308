// Reads the settings of a Linux host through its files, on demand.

import { join } from 'node:path/posix';
import type { DiskSettings, HostSettings } from '../../core/documents/evidence/host-settings.ts';
import type { HostFiles, Io } from '../host-files.ts';
import { mountFiles } from '../linux/file-systems.ts';
import type { LinuxRoots } from '../linux/roots.ts';
import { parseMountSettings } from '../proc/mounts.ts';
import { parseSysctlFile, sysctlFiles, sysctlsIn } from './sysctls.ts';
import { defined } from '../../core/defined.ts';
import { parseFibTrie, parseIfInet6 } from '../proc/local-addresses.ts';
import { wholeLines } from '../proc/whole-lines.ts';

/** man 8 sysctl: of two files with one name, that in the first folder counts, and /etc/sysctl.conf is read last. */
const folders = ['etc/sysctl.d', 'run/sysctl.d', 'usr/lib/sysctl.d'];

const hugePages = ['enabled', 'defrag'] as const;

export async function readSettings(files: HostFiles, roots: LinuxRoots, io: Io): Promise<HostSettings> {
  const { rootfs, sysfs, net } = roots;
  const persistedFiles = await listPersisted(files, rootfs, io);
  const hugePageFile = (name: string) => join(sysfs, 'kernel/mm/transparent_hugepage', name);
  const network = { fibTrie: join(net, 'fib_trie'), routes: join(net, 'route'), ifInet6: join(net, 'if_inet6') };
  const paths = [
    ...sysctlFiles(roots),
    ...hugePages.map(hugePageFile),
    ...Object.values(network),
    ...mountFiles(roots),
    ...persistedFiles,
  ];
  const [read, disks] = await Promise.all([files.readAll(paths, io), readDiskSettings(files, roots, io)]);
  const { texts } = read;
  const [mounts = ''] = mountFiles(roots).flatMap((path) => texts.get(path) ?? []);
  return {
    ...sysctlsIn(read, roots),
    hugePages: Object.fromEntries(
      hugePages.flatMap((name) => {
        // The active mode is in brackets: `always [madvise] never`.
        const [, mode] = /\[([\w+]+)\]/.exec(texts.get(hugePageFile(name)) ?? '') ?? [];
        return mode === undefined ? [] : [[name, mode] as const];
      }),
    ),
    disks,
    mounts: parseMountSettings(mounts),
    persisted: persistedFiles.flatMap((file) =>
      parseSysctlFile(texts.get(file) ?? '').map((setting) => ({ file, ...setting })),
    ),
    cards: cardsOfAddresses({
      fibTrie: texts.get(network.fibTrie),
      routes: texts.get(network.routes),
      ifInet6: texts.get(network.ifInet6),
    }),
  };
}

async function listPersisted(files: HostFiles, rootfs: string, io: Io): Promise<string[]> {
  const places = folders.map((folder) => join(rootfs, folder));
  const listing = await files.listAll(places, io);
  const byName = new Map<string, string>();
  for (const folder of places) {
    for (const name of listing.get(folder) ?? []) {
      if (name.endsWith('.conf') && !byName.has(name)) byName.set(name, join(folder, name));
    }
  }
  const inOrder = [...byName].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, path]) => path);
  return [...inOrder, join(rootfs, 'etc/sysctl.conf')];
}

/** Device names that are not disks: a container host may have hundreds of loop devices. */
const noDisk = /^(?:loop|ram|zram|fd|sr|nbd)\d/;
const mostDisks = 256;

/** Needs two round trips. */
async function readDiskSettings(files: HostFiles, { sysfs }: LinuxRoots, io: Io): Promise<DiskSettings[]> {
  const root = join(sysfs, 'block');
  const names = ((await files.listAll([root], io)).get(root) ?? [])
    .filter((name) => !noDisk.test(name))
    .toSorted()
    .slice(0, mostDisks);
  const at = (device: string, file: string) => join(root, device, file);
  const paths = names.flatMap((device) =>
    ['queue/scheduler', 'queue/rotational', 'dm/name', 'md/level'].map((file) => at(device, file)),
  );
  const folders = names.map((device) => at(device, 'slaves'));
  const [{ texts }, members] = await Promise.all([files.readAll(paths, io), files.listAll(folders, io)]);
  return names.map((device) => {
    const wordOf = (file: string) => texts.get(at(device, file))?.trim();
    // The active scheduler is in brackets: `[none] mq-deadline`; a device without a scheduler has `none`.
    const scheduler = wordOf('queue/scheduler');
    const [, chosen = scheduler] = /\[([\w-]+)\]/.exec(scheduler ?? '') ?? [];
    const rotational = wordOf('queue/rotational');
    return defined({
      device,
      scheduler: chosen,
      isRotational: { '0': false, '1': true }[rotational ?? ''],
      mapperName: wordOf('dm/name'),
      raidLevel: wordOf('md/level'),
      members: members.get(at(device, 'slaves')) ?? [],
    });
  });
}

/*
 * /proc/net/route   Iface Destination Gateway Flags RefCnt Use Metric Mask …     addresses in hexadecimal, in the byte
 *                   eth0  0002A8C0    00000000 0001 …             00FFFFFF       order of the machine: little endian
 * Connected networks have no gateway. 127.0.0.0/8 is not listed; it belongs to the loopback.
 */
export function cardsOfAddresses(text: {
  fibTrie: string | undefined;
  routes: string | undefined;
  ifInet6: string | undefined;
}): Record<string, string> {
  const connected = wholeLines(text.routes ?? '').flatMap((line) => {
    const [device, destination, gateway, , , , , mask] = line.trim().split(/\s+/);
    if (device === undefined || gateway !== '00000000' || !isHex(destination) || !isHex(mask)) return [];
    if (mask === '00000000') return [];
    return [{ device, network: bigEndian(destination), mask: bigEndian(mask) }];
  });
  const cards: Record<string, string> = {};
  for (const address of parseFibTrie(text.fibTrie ?? '')) {
    const number = numberOf(address);
    const [best] = connected
      .filter(({ network, mask }) => (number & mask) >>> 0 === network)
      .sort((one, other) => other.mask - one.mask);
    const device = address.startsWith('127.') ? 'lo' : best?.device;
    if (device !== undefined) cards[address] = device;
  }
  for (const { address, device } of parseIfInet6(text.ifInet6 ?? '')) cards[address] = device;
  return cards;
}

const isHex = (word: string | undefined): word is string => /^[0-9A-F]{8}$/i.test(word ?? '');

const bigEndian = (hex: string) => Buffer.from(hex, 'hex').readUInt32LE();

const numberOf = (address: string) => Buffer.from(address.split('.').map(Number)).readUInt32BE();
