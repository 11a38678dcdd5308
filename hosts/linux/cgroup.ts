// Reads limits, usage and throttling of the control groups (version 1 or 2) that hold a process.

import { join } from 'node:path/posix';
import type { ProcessGroup } from '../../core/documents/evidence/process-reading.ts';
import { parsePressure } from '../proc/stat.ts';
import type { TextOf } from './roots.ts';
import { defined } from '../../core/defined.ts';

/** Paths of a process in the cgroup hierarchies, by controller. */
type CgroupPaths =
  { version: 2; folders: readonly string[] } | { version: 1; memory: readonly string[]; cpu: readonly string[] };

/** Kubernetes nests five levels; deeper limits are not used in practice. */
const deepest = 16;
/** Usage of groups further out is not read. */
const deepestUsage = 5;

/*
 *   0::/kubepods.slice/kubepods-pod7f.slice/cri-containerd-93.scope      version 2
 *   9:memory:/docker/93ab…                                               version 1, one hierarchy each
 *   4:cpu,cpuacct:/docker/93ab…
 *
 * @param text text of /proc/PID/cgroup
 * @returns folders from its own group outwards; undefined if the groups are outside the visible hierarchy
 */
export function parseCgroupPaths(text: string, sysfs: string): CgroupPaths | undefined {
  const paths = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined || path.split('/').includes('..')) continue;
    for (const controller of controllers.split(',')) paths.set(controller, path);
  }
  const root = join(sysfs, 'fs/cgroup');
  const [memory, cpu, unified] = [paths.get('memory'), paths.get('cpu'), paths.get('')];
  if (memory !== undefined || cpu !== undefined) {
    return {
      version: 1,
      memory: memory === undefined ? [] : outwards(join(root, 'memory'), memory),
      cpu: cpu === undefined ? [] : outwards(join(root, 'cpu'), cpu),
    };
  }
  return unified === undefined ? undefined : { version: 2, folders: outwards(root, unified) };
}

function outwards(root: string, path: string): string[] {
  const names = path.split('/').filter((name) => name !== '');
  const depths = Array.from({ length: names.length + 1 }, (_, index) => names.length - index);
  return depths.slice(0, deepest).map((depth) => join(root, ...names.slice(0, depth)));
}

/** Usage is read next to the effective limit, which any of the groups may have. */
type GroupFiles = Record<'limits' | 'usage' | 'own', readonly string[]>;

/** @returns the files that parseCgroup reads */
export function cgroupFiles(places: CgroupPaths): string[] {
  const files = (folders: readonly string[], { limits, usage, own }: GroupFiles) => [
    ...folders.flatMap((folder) => limits.map((file) => join(folder, file))),
    ...folders.slice(0, deepestUsage).flatMap((folder) => usage.map((file) => join(folder, file))),
    ...folders.slice(0, 1).flatMap((folder) => own.map((file) => join(folder, file))),
  ];
  return places.version === 2
    ? files(places.folders, {
        limits: ['memory.max', 'cpu.max'],
        usage: ['memory.current', 'memory.events', 'cpu.stat'],
        own: ['memory.pressure'],
      })
    : [
        ...files(places.memory, {
          limits: ['memory.limit_in_bytes'],
          usage: ['memory.usage_in_bytes', 'memory.failcnt'],
          own: ['memory.oom_control'],
        }),
        ...files(places.cpu, {
          limits: ['cpu.cfs_quota_us', 'cpu.cfs_period_us'],
          usage: ['cpu.stat', 'cpuacct.usage'],
          own: [],
        }),
      ];
}

/** Values of missing files are absent: a root group has no limits, an old kernel no pressure. */
export function parseCgroup(places: CgroupPaths, textOf: TextOf): ProcessGroup {
  return places.version === 2 ? version2(places.folders, textOf) : version1(places, textOf);
}

function version2(folders: readonly string[], textOf: TextOf): ProcessGroup {
  const own = (file: string) => textOf(join(folders[0] ?? '', file));
  const memory = tightest(folders, (folder) => parseNumber(textOf(join(folder, 'memory.max'))));
  const cpu = tightest(folders, (folder) => parseCpuMax(textOf(join(folder, 'cpu.max'))));
  const stat = parseKeyed(textOf(join(cpu.folder, 'cpu.stat')));
  return {
    version: 2,
    ...defined({
      memoryLimitBytes: memory.limit,
      memoryUsageBytes: parseNumber(textOf(join(memory.folder, 'memory.current'))),
      memoryLimitHits: parseKeyed(textOf(join(memory.folder, 'memory.events'))).get('max'),
      oomKills: parseKeyed(own('memory.events')).get('oom_kill'),
      memoryPressure: parsePressure(own('memory.pressure') ?? ''),
      cpuLimitCores: cpu.limit,
      cpuUsageSeconds: scaled(stat.get('usage_usec'), 1e6),
      cpuPeriods: stat.get('nr_periods'),
      cpuThrottledPeriods: stat.get('nr_throttled'),
      cpuThrottledSeconds: scaled(stat.get('throttled_usec'), 1e6),
    }),
  };
}

function version1(places: Extract<CgroupPaths, { version: 1 }>, textOf: TextOf): ProcessGroup {
  const memory = tightest(places.memory, (folder) => {
    const limit = parseNumber(textOf(join(folder, 'memory.limit_in_bytes')));
    return limit !== undefined && limit < noLimit ? limit : undefined;
  });
  const cpu = tightest(places.cpu, (folder) => {
    const quota = parseNumber(textOf(join(folder, 'cpu.cfs_quota_us')));
    return scaled(quota, parseNumber(textOf(join(folder, 'cpu.cfs_period_us'))));
  });
  const stat = parseKeyed(textOf(join(cpu.folder, 'cpu.stat')));
  return {
    version: 1,
    ...defined({
      memoryLimitBytes: memory.limit,
      memoryUsageBytes: parseNumber(textOf(join(memory.folder, 'memory.usage_in_bytes'))),
      memoryLimitHits: parseNumber(textOf(join(memory.folder, 'memory.failcnt'))),
      oomKills: parseKeyed(textOf(join(places.memory[0] ?? '', 'memory.oom_control'))).get('oom_kill'),
      cpuLimitCores: cpu.limit,
      cpuUsageSeconds: scaled(parseNumber(textOf(join(cpu.folder, 'cpuacct.usage'))), 1e9),
      cpuPeriods: stat.get('nr_periods'),
      cpuThrottledPeriods: stat.get('nr_throttled'),
      cpuThrottledSeconds: scaled(stat.get('throttled_time'), 1e9),
    }),
  };
}

/** Version 1 reports 2^63 minus one page if there is no limit. */
const noLimit = 2 ** 62;

/** `max` and `-1` mean no limit and return undefined. */
function parseNumber(text: string | undefined): number | undefined {
  return /^\d+\n$/.test(text ?? '') ? Number(text) : undefined;
}

/** Parses `200000 100000`, which is two cores: quota and period in microseconds. */
function parseCpuMax(text: string | undefined): number | undefined {
  const [, quota, period] = /^(\d+) (\d+)\n$/.exec(text ?? '') ?? [];
  return quota === undefined ? undefined : scaled(Number(quota), Number(period));
}

function parseKeyed(text: string | undefined): Map<string, number> {
  return new Map([...(text ?? '').matchAll(/^(\w+) (\d+)\n/gm)].map(([, name = '', value]) => [name, Number(value)]));
}

function scaled(value: number | undefined, unit: number | undefined): number | undefined {
  return value === undefined || unit === undefined || unit === 0 ? undefined : value / unit;
}

/** @returns the lowest limit and the innermost folder that has it; without a limit, the process's own folder */
function tightest(folders: readonly string[], limitOf: (folder: string) => number | undefined) {
  let lowest: { folder: string; limit: number } | undefined;
  for (const folder of folders) {
    const limit = limitOf(folder);
    if (limit !== undefined && limit < (lowest?.limit ?? Infinity)) lowest = { folder, limit };
  }
  return { folder: lowest?.folder ?? folders[0] ?? '', limit: lowest?.limit };
}
