// Lists the sections of a reading and the files of each; probe.ts adds sections that need more than files.

import { join } from 'node:path/posix';
import type { HostReading, MemorySettings } from '../../core/documents/evidence/host-reading.ts';
import type { Pressure } from '../../core/documents/evidence/pressure.ts';
import { parseDiskstats } from '../proc/diskstats.ts';
import { parseLoadavg } from '../proc/loadavg.ts';
import { parseHugePages, parseMeminfo } from '../proc/meminfo.ts';
import { parseNetDev } from '../proc/net-dev.ts';
import { parseNetstat, parseSnmp6 } from '../proc/netstat.ts';
import { parsePressure } from '../proc/pressure.ts';
import { parseSockstat } from '../proc/sockstat.ts';
import { parseSoftnet } from '../proc/softnet.ts';
import { parseKernelActivity, parseStat } from '../proc/stat.ts';
import { parseUptime } from '../proc/uptime.ts';
import { parseVmstat } from '../proc/vmstat.ts';
import { bonds } from './bonds.ts';
import { links } from './links.ts';
import { nvme } from './nvme.ts';
import type { LinuxRoots, LinuxSection, TextOf } from './roots.ts';
import { time } from './time.ts';
import { present, presentRecord } from '../present.ts';
import { defined } from '../../core/defined.ts';

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
