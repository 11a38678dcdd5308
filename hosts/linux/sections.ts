// Lists the sections of a reading and the files of each; probe.ts adds sections that need more than files.

import { join, basename } from 'node:path/posix';
import type { HostReading, MemorySettings, HostTime, Bond, Nvme } from '../../core/documents/evidence/host-reading.ts';
import type { Pressure } from '../../core/documents/evidence/pressure.ts';
import { parseDiskstats } from '../proc/diskstats.ts';
import { parseLoadavg, parseKernelActivity, parseStat, parseUptime, parsePressure } from '../proc/stat.ts';
import { parseHugePages, parseMeminfo, parseVmstat } from '../proc/memory.ts';
import { parseNetDev, parseNetstat, parseSnmp6, parseSockstat, parseSoftnet } from '../proc/network.ts';
import { links, folderOfLinks } from './links.ts';
import type { LinuxRoots, LinuxSection, TextOf, Listing } from './roots.ts';
import { present, presentRecord } from '../present.ts';
import { defined } from '../../core/defined.ts';
import { parseTimeZone } from '../proc/time-zone.ts';
import { parseBonding } from '../proc/bonding.ts';

const nvmeIn = ({ sysfs }: LinuxRoots) => join(sysfs, 'class/nvme');
const nvmeFiles = ['firmware_rev', 'model', 'serial', 'state'] as const;

/** Lists NVMe controllers; a machine without NVMe has no /sys/class/nvme. */
const nvme: LinuxSection<Nvme[]> = {
  folders: (roots) => [nvmeIn(roots)],
  files: (roots, listing) =>
    namesIn(nvmeIn(roots), listing).flatMap((device) => nvmeFiles.map((word) => join(nvmeIn(roots), device, word))),
  parse: (textOf, roots, listing) =>
    namesIn(nvmeIn(roots), listing).map((device) => {
      const valueOf = (word: (typeof nvmeFiles)[number]) => textOf(join(nvmeIn(roots), device, word))?.trim() ?? '';
      return {
        device,
        firmwareRevision: valueOf('firmware_rev'),
        model: valueOf('model'),
        serial: valueOf('serial'),
        state: valueOf('state'),
      };
    }),
};

const bondsIn = ({ net }: LinuxRoots) => join(net, 'bonding');

/** Reads bonded network cards and their members; without the bonding driver there are none. */
const bonds: LinuxSection<Bond[]> = {
  folders: (roots) => [bondsIn(roots)],
  files: (roots, listing) =>
    namesIn(bondsIn(roots), listing).flatMap((device) => [
      join(bondsIn(roots), device),
      ...(roots.isNetOfSysfs ? [aggregatorOf(roots, device)] : []),
    ]),
  parse: (textOf, roots, listing) =>
    namesIn(bondsIn(roots), listing).flatMap(
      (device) =>
        parseBonding(device, textOf(join(bondsIn(roots), device)) ?? '', textOf(aggregatorOf(roots, device))) ?? [],
    ),
};

const aggregatorOf = (roots: LinuxRoots, device: string) => join(folderOfLinks(roots), device, 'bonding/ad_aggregator');

const namesIn = (folder: string, listing: Listing) => (listing.get(folder) ?? []).toSorted();

const uptimeIn = ({ procfs }: LinuxRoots) => join(procfs, 'uptime');
const zoneIn = ({ rootfs }: LinuxRoots) => join(rootfs, 'etc/localtime');
const clocksIn = ({ sysfs }: LinuxRoots) => join(sysfs, 'devices/system/clocksource');

/** No file contains the time; boot time in whole seconds plus uptime gives it, up to a second early. */
const time: LinuxSection<HostTime> = {
  folders: (roots) => [clocksIn(roots)],
  files: (roots, listing) => [
    statOf(roots),
    uptimeIn(roots),
    zoneIn(roots),
    ...clockFolders(roots, listing).flatMap((folder) => [currentIn(folder), availableIn(folder)]),
  ],
  parse(textOf, roots, listing) {
    const booted = parseKernelActivity(textOf(statOf(roots)) ?? '')?.bootTimeSeconds;
    const up = parseUptime(textOf(uptimeIn(roots)) ?? '');
    if (booted === undefined || up === undefined) return undefined;
    const epochSeconds = booted + up;
    const zone = parseTimeZone(textOf(zoneIn(roots)) ?? '', epochSeconds);
    const clockSources = clockFolders(roots, listing).flatMap((folder) => {
      const current = textOf(currentIn(folder))?.trim();
      const available = textOf(availableIn(folder))?.trim().split(/\s+/) ?? [];
      return current === undefined ? [] : [{ device: basename(folder).slice(prefix.length), current, available }];
    });
    return { epochSeconds, ...(zone && { zone }), clockSources };
  },
};

const prefix = 'clocksource';
const currentIn = (folder: string) => join(folder, 'current_clocksource');
const availableIn = (folder: string) => join(folder, 'available_clocksource');

function clockFolders(roots: LinuxRoots, listing: Listing): string[] {
  const names = listing.get(clocksIn(roots)) ?? [];
  return names.filter((name) => /^clocksource\d+$/.test(name)).map((name) => join(clocksIn(roots), name));
}

const statOf = ({ procfs }: LinuxRoots) => join(procfs, 'stat');
const meminfoOf = ({ procfs }: LinuxRoots) => join(procfs, 'meminfo');

export const sections = {
  uptimeSeconds: oneFile(({ procfs }) => join(procfs, 'uptime'), parseUptime),
  cpus: oneFile(statOf, (text) => present(parseStat(text))),
  kernel: oneFile(statOf, parseKernelActivity),
  load: oneFile(({ procfs }) => join(procfs, 'loadavg'), parseLoadavg),
  memoryBytes: oneFile(meminfoOf, parseMeminfo),
  hugePages: oneFile(meminfoOf, parseHugePages),
  memorySettings: { files: settingFiles, parse: parseMemorySettings },
  pressure: { files: pressureFiles, parse: parsePressures },
  disks: oneFile(({ procfs }) => join(procfs, 'diskstats'), parseDiskstats),
  networkDevices: oneFile(
    ({ net }) => join(net, 'dev'),
    (text) => present(parseNetDev(text)),
  ),
  links,
  bonds,
  softnet: oneFile(({ net }) => join(net, 'softnet_stat'), parseSoftnet),
  netstat: {
    files: ({ net }) => [join(net, 'netstat'), join(net, 'snmp'), join(net, 'snmp6')],
    parse: (textOf, { net }) =>
      presentRecord({
        ...parseNetstat(textOf(join(net, 'netstat')) ?? ''),
        ...parseNetstat(textOf(join(net, 'snmp')) ?? ''),
        ...parseSnmp6(textOf(join(net, 'snmp6')) ?? ''),
      }),
  },
  sockstat: {
    files: ({ net }) => [join(net, 'sockstat'), join(net, 'sockstat6')],
    parse: (textOf, { net }) =>
      presentRecord({
        ...parseSockstat(textOf(join(net, 'sockstat')) ?? ''),
        ...parseSockstat(textOf(join(net, 'sockstat6')) ?? ''),
      }),
  },
  vmstat: oneFile(({ procfs }) => join(procfs, 'vmstat'), parseVmstat),
  time,
  nvme,
} satisfies { [Name in keyof HostReading]?: LinuxSection<NonNullable<HostReading[Name]>> };

function oneFile<Value>(
  pathIn: (roots: LinuxRoots) => string,
  parse: (text: string) => Value | undefined,
): LinuxSection<Value> {
  return {
    files: (roots) => [pathIn(roots)],
    parse(textOf, roots) {
      const text = textOf(pathIn(roots));
      return text === undefined ? undefined : parse(text);
    },
  };
}

function settingFiles({ procfs, sysfs }: LinuxRoots): string[] {
  const vm = join(procfs, 'sys/vm');
  return [join(sysfs, 'kernel/mm/transparent_hugepage/enabled'), join(vm, 'swappiness'), join(vm, 'max_map_count')];
}

/** The active mode is in brackets: `always [madvise] never`. */
function parseMemorySettings(textOf: TextOf, roots: LinuxRoots): MemorySettings | undefined {
  const [mode = '', ...settings] = settingFiles(roots).map((path) => textOf(path));
  const [, transparentHugePages] = /\[(\w+)\]/.exec(mode) ?? [];
  const [swappiness, maxMapCount] = settings.map((text) => (/^\d+\n$/.test(text ?? '') ? Number(text) : undefined));
  return presentRecord(defined({ transparentHugePages, swappiness, maxMapCount }));
}

function pressureFiles({ procfs }: LinuxRoots): string[] {
  return ['cpu', 'io', 'memory'].map((resource) => join(procfs, 'pressure', resource));
}

function parsePressures(textOf: TextOf, roots: LinuxRoots): HostReading['pressure'] {
  const [cpu, io, memory] = pressureFiles(roots).map((path): Pressure | undefined => parsePressure(textOf(path) ?? ''));
  return presentRecord(defined({ cpu, io, memory }));
}
