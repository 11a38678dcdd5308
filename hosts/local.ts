// Opens the local machine as a host: kernel files on Linux, Node and systeminformation elsewhere.

import { cpus, loadavg, platform, uptime } from 'node:os';
import { join } from 'node:path/posix';
import { mem, blockDevices, cpu, networkInterfaces, osInfo } from 'systeminformation';
import { systemClock, untilAborted } from '../core/clock.ts';
import type { LocalHost } from './config.ts';
import { openLocalFiles } from './files/local.ts';
import { watchBursts } from './linux/burst-watch.ts';
import { statedSpeed, watchLinux, type WatchOptions } from './linux/probe.ts';
import { rootsOf } from './linux/roots.ts';
import type { HostProbe } from './probe.ts';
import type { CpuTimes, HostReading, StatedSpeed, HostInventory } from '../core/documents/evidence/host-reading.ts';
import { ignoreFault } from '../core/errors.ts';
import { isDisk } from './proc/diskstats.ts';

export function openLocalHost(
  host: string,
  config: LocalHost,
  {
    platform = process.platform,
    clock = systemClock,
    stateDirectory,
  }: WatchOptions & { platform?: NodeJS.Platform } = {},
): HostProbe {
  if (platform !== 'linux') {
    return openPortableHost(host, { devices: config.network.devices, speed: statedSpeed(config.network) });
  }
  const linux = watchLinux(host, config, openLocalFiles(), { clock, stateDirectory });
  const { procfs, net } = rootsOf(config);
  const bursts = watchBursts({ stat: join(procfs, 'stat'), dev: join(net, 'dev') });
  return {
    ...linux,
    async describe(io) {
      const inventory = await linux.describe(io);
      // Only x86 names its model in /proc/cpuinfo. Node names the others, as far as it knows them.
      const cpuModel = inventory.cpuModel ?? cpus()[0]?.model;
      return { ...inventory, ...(cpuModel !== undefined && cpuModel !== 'unknown' && { cpuModel }) };
    },
    async sample(wanted, io) {
      const reading = await linux.sample(wanted, io);
      return {
        ...reading,
        // This process can read the clock directly; files are only accurate to one second.
        ...(reading.time && { time: { ...reading.time, epochSeconds: clock.now().getTime() / 1000 } }),
        ...(wanted.has('bursts') && { bursts: bursts.take() }),
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([bursts[Symbol.asyncDispose](), linux[Symbol.asyncDispose]()]);
    },
  };
}

/** @param network card settings from config, because speeds cannot be read */
function openPortableHost(
  host: string,
  network: { devices?: readonly string[] | undefined; speed?: StatedSpeed | undefined },
): HostProbe {
  return {
    async describe(io) {
      const [machine, interfaces] = await Promise.all([readMachine(io), readInterfaces(io)]);
      // systeminformation also reports speeds of virtual cards, so only speeds from config count.
      const devices = network.devices ?? interfaces;
      return {
        host,
        ...machine,
        ...(devices && {
          networkDevices: devices.map((device) => ({ device, ...(network.speed && { speed: network.speed }) })),
        }),
      };
    },

    async sample(wanted, { signal }): Promise<HostReading> {
      const memory = wanted.has('memoryBytes')
        ? await untilAborted(mem(), signal).catch(ignoreFault('memory is then absent from the reading'))
        : undefined;
      signal.throwIfAborted();
      const [one = 0, five = 0, fifteen = 0] = loadavg();
      return {
        ...(wanted.has('uptimeSeconds') && { uptimeSeconds: uptime() }),
        ...(wanted.has('cpus') && { cpus: cpus().map(({ times }) => toCpuTimes(times)) }),
        // Windows has no load average, and Node returns zeros.
        ...(wanted.has('load') && platform() !== 'win32' && { load: { one, five, fifteen } }),
        ...(memory && {
          memoryBytes: { MemTotal: memory.total, MemFree: memory.free, MemAvailable: memory.available },
        }),
      };
    },

    async [Symbol.asyncDispose]() {},
  };
}

/** These kernels do not account for iowait, softirq and steal, so the zeros are exact. */
function toCpuTimes(ms: { user: number; nice: number; sys: number; idle: number; irq: number }): CpuTimes {
  return {
    user: ms.user / 1000,
    nice: ms.nice / 1000,
    system: ms.sys / 1000,
    idle: ms.idle / 1000,
    iowait: 0,
    irq: ms.irq / 1000,
    softirq: 0,
    steal: 0,
  };
}

/** Facts that do not change while the process runs; unknown ones are absent. */
type Machine = Pick<HostInventory, 'cpuModel' | 'cores' | 'os' | 'kernel' | 'memoryBytes' | 'disks'>;

/** A hung program (smartctl on a failing disk) only costs its section, not the inventory. */
const sectionTimeoutMs = 10_000;

let reading: Promise<Machine> | undefined;
let interfaces: Promise<string[] | undefined> | undefined;

/**
 * Reads hardware facts of a machine without /proc once through systeminformation, which is slow, and starts programs
 * that block this process. Not for Linux: without AF_NETLINK it throws an error there that cannot be caught.
 */
function readMachine({ signal }: { signal: AbortSignal }): Promise<Machine> {
  reading ??= readSections();
  return untilAborted(reading, signal);
}

/** @returns names without the loopback; undefined if they cannot be read */
function readInterfaces({ signal }: { signal: AbortSignal }): Promise<string[] | undefined> {
  interfaces ??= section(networkInterfaces()).then((all) =>
    all?.flatMap(({ iface, internal }) => (internal ? [] : [iface])),
  );
  return untilAborted(interfaces, signal);
}

async function readSections(): Promise<Machine> {
  const [processor, system, memory, disks] = await Promise.all([
    section(cpu()),
    section(osInfo()),
    section(mem()),
    section(readDisks()),
  ]);
  return {
    ...(processor && { cpuModel: `${processor.manufacturer} ${processor.brand}`.trim() }),
    ...(processor && processor.cores > 0 && { cores: processor.cores }),
    ...(system && { os: `${system.distro} ${system.release}`.trim(), kernel: system.kernel }),
    ...(memory && memory.total > 0 && { memoryBytes: memory.total }),
    ...(disks && { disks }),
  };
}

async function readDisks(): Promise<NonNullable<Machine['disks']>> {
  const devices = await blockDevices();
  return devices
    .filter(({ name, type }) => type === 'disk' && isDisk(name))
    .map(({ name, size }) => ({ device: name, ...(size > 0 && { sizeBytes: size }) }));
}

function section<T>(work: Promise<T>): Promise<T | undefined> {
  return untilAborted(work, AbortSignal.timeout(sectionTimeoutMs)).catch(
    ignoreFault('an unread part of the inventory is absent'),
  );
}
