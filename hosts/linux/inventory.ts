// Reads hardware and operating system facts of a Linux host from its files; these facts rarely change.

import { basename, join } from 'node:path/posix';
import { defined } from '../../core/defined.ts';
import { present } from '../present.ts';
import type {
  HostInventory,
  HostReading,
  Link,
  ReadingSection,
  StatedSpeed,
} from '../../core/documents/evidence/host-reading.ts';
import type { HostFiles, Io } from '../host-files.ts';
import { withSpeedsBelow } from '../link-capacity.ts';
import { chooseCards, type NetworkCard, servesVirtualFunctions, speedOf } from '../nic-speed.ts';
import { parseDiskNumbers, parseDiskSize } from '../proc/diskstats.ts';
import { parseFibTrie, parseIfInet6 } from '../proc/local-addresses.ts';
import { parseUdevDisk } from '../proc/udev.ts';
import { parseVmDirty } from '../proc/memory.ts';
import type { LinuxRoots } from './roots.ts';
import { folderOfLinks } from './links.ts';

interface InventoryRequest {
  host: string;
  roots: LinuxRoots;
  /** Cards with cluster traffic, if configured. */
  devices: readonly string[] | undefined;
  stated: StatedSpeed | undefined;
  sample(wanted: ReadonlySet<ReadingSection>, io: Io): Promise<HostReading>;
}

const wanted: ReadonlySet<ReadingSection> = new Set(['cpus', 'memoryBytes', 'links', 'bonds', 'networkDevices']);

export async function readInventory(files: HostFiles, request: InventoryRequest, io: Io): Promise<HostInventory> {
  const { host, roots, devices, stated } = request;
  const { procfs, rootfs, net } = roots;
  const [reading, { texts }] = await Promise.all([request.sample(wanted, io), files.readAll(filesOf(roots), io)]);
  const textOf = (path: string) => texts.get(path);
  const vm = (name: string) => textOf(join(procfs, 'sys/vm', name));
  const available = reading.memoryBytes?.['MemAvailable'];
  const expireCentisecs = vm('dirty_expire_centisecs');
  const writeback =
    expireCentisecs === undefined
      ? undefined
      : parseVmDirty({ expireCentisecs, bytes: vm('dirty_bytes'), ratio: vm('dirty_ratio') }, available);
  const names = reading.networkDevices?.map(({ device }) => device) ?? [];
  const cpuinfo = textOf(join(procfs, 'cpuinfo')) ?? '';
  // Only x86 shows whether it is a guest; other processors have no such line.
  const mayBeGuest = !/^flags\s*:/m.test(cpuinfo) || /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo);
  const cards = await readCards(files, { roots, links: reading.links, names, mayBeGuest }, io);
  const chosen = chooseCards(cards, devices).map((card) => {
    const speed = speedOf(card, stated);
    return defined({ device: card.device, speed, driver: card.driver });
  });
  const knownSpeeds = cards.flatMap((card) => {
    const speed = speedOf(card, undefined);
    return speed === undefined ? [] : [{ device: card.device, speed }];
  });
  const [, cpuModel] = /^model name\s*: (.+)$/m.exec(cpuinfo) ?? [];
  const release = textOf(join(rootfs, 'etc/os-release')) ?? textOf(join(rootfs, 'usr/lib/os-release')) ?? '';
  const [, , os] = /^PRETTY_NAME=(["']?)([^"'\n].*?)\1\s*$/m.exec(release) ?? [];
  const kernel = textOf(join(procfs, 'sys/kernel/osrelease'))?.trim();
  const memoryBytes = reading.memoryBytes?.['MemTotal'] || undefined;
  const addresses = [
    ...parseFibTrie(textOf(join(net, 'fib_trie')) ?? ''),
    ...parseIfInet6(textOf(join(net, 'if_inet6')) ?? '').map(({ address }) => address),
  ];
  return {
    host,
    ...defined({ cores: reading.cpus?.length, cpuModel, memoryBytes, os, kernel, addresses: present(addresses) }),
    networkDevices: withSpeedsBelow(chosen, knownSpeeds, reading),
    knownSpeeds,
    ...(await readDisks(files, { roots, text: textOf(join(procfs, 'diskstats')) ?? '' }, io)),
    ...(writeback && { writeback }),
  };
}

function filesOf({ procfs, rootfs, net }: LinuxRoots): string[] {
  return [
    join(net, 'fib_trie'),
    join(net, 'if_inet6'),
    join(procfs, 'diskstats'),
    join(procfs, 'cpuinfo'),
    join(procfs, 'sys/kernel/osrelease'),
    join(procfs, 'sys/vm/dirty_expire_centisecs'),
    join(procfs, 'sys/vm/dirty_bytes'),
    join(procfs, 'sys/vm/dirty_ratio'),
    // os-release(5): the second one counts if the first is missing.
    join(rootfs, 'etc/os-release'),
    join(rootfs, 'usr/lib/os-release'),
  ];
}

async function readDisks(
  files: HostFiles,
  { roots, text }: { roots: LinuxRoots; text: string },
  io: Io,
): Promise<Pick<HostInventory, 'diskIdentities' | 'disks'>> {
  const disks = [...parseDiskNumbers(text)];
  const udevOf = ([major, minor]: readonly [string, string]) => join(roots.rootfs, `run/udev/data/b${major}:${minor}`);
  // A slash in a device name, such as cciss/c0d0, becomes `!` in sysfs.
  const inSysfs = (device: string, file: string) => join(roots.sysfs, 'block', device.replaceAll('/', '!'), file);
  const paths = disks.flatMap(([device, numbers]) => [udevOf(numbers), inSysfs(device, 'size')]);
  const folders = disks.map(([device]) => inSysfs(device, 'slaves'));
  const [{ texts }, slaves] = await Promise.all([files.readAll(paths, io), files.listAll(folders, io)]);
  const sizes = new Map(
    disks.flatMap(([device]): [string, number][] => {
      const sizeBytes = parseDiskSize(texts.get(inSysfs(device, 'size')) ?? '');
      return sizeBytes === undefined ? [] : [[device, sizeBytes]];
    }),
  );
  const members = new Set(
    [...sizes].flatMap(([device, size]) => {
      const below = (slaves.get(inSysfs(device, 'slaves')) ?? []).map((name) => name.replaceAll('!', '/'));
      // A thin volume may be larger than the disks below it, which then remain the limit.
      return size <= below.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0) ? below : [];
    }),
  );
  return {
    diskIdentities: disks.map(([device, numbers]) => parseUdevDisk(device, numbers, texts.get(udevOf(numbers)))),
    ...(sizes.size > 0 && {
      disks: [...sizes].map(([device, sizeBytes]) => ({
        device,
        sizeBytes,
        ...(members.has(device) && { isMember: true as const }),
      })),
    }),
  };
}

interface CardSource {
  roots: LinuxRoots;
  links: readonly Link[] | undefined;
  names: readonly string[];
  mayBeGuest: boolean;
}

/**
 * In a separate network namespace, sysfs may show the cards of another one, so only names are known there.
 *
 * @param mayBeGuest true if this may be a virtual machine, in which a virtual function looks like a full card
 */
async function readCards(
  files: HostFiles,
  { roots, links, names, mayBeGuest }: CardSource,
  io: Io,
): Promise<NetworkCard[]> {
  if (links === undefined || links.length === 0)
    return names.map((device) => ({ device, isPhysical: false, isVirtualFunction: false }));
  const folderOf = (device: string) => join(folderOfLinks(roots), device, 'device');
  const masterOf = (device: string) => join(folderOfLinks(roots), device, 'master');
  const devices = links.map(({ device }) => device);
  const behind = await files.listAll(devices.map(folderOf), io);
  const linkPaths = devices.flatMap((device) => [join(folderOf(device), 'driver'), masterOf(device)]);
  const targets = await files.readLinks(linkPaths, io);
  const targetOf = (path: string) => {
    const target = targets.get(path);
    return target === undefined ? undefined : basename(target);
  };
  return links.map(({ device, words, reportedBitsPerSecond }) => {
    const entries = behind.get(folderOf(device));
    const driver = targetOf(join(folderOf(device), 'driver'));
    const master = targetOf(masterOf(device));
    return {
      device,
      isPhysical: entries !== undefined,
      isVirtualFunction: entries?.includes('physfn') === true || (mayBeGuest && servesVirtualFunctions(driver)),
      isDown: words['operstate'] === 'down',
      ...defined({ driver, master, reportedBitsPerSecond }),
    };
  });
}
