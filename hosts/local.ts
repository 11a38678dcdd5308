// What does this machine say of itself, through /proc and /sys?

import { join } from 'node:path';
import { AppError } from '../core/errors.ts';
import type { HostInventory, HostReading, StatedSpeed } from '../core/host-reading.ts';
import type { LocalHost } from './config.ts';
import { createCpuGuard } from './cpu-guard.ts';
import { readMachine } from './inventory.ts';
import { readNetworkCards } from './network-cards.ts';
import { speedOf, trafficCards, type NetworkCard } from './nic-speed.ts';
import { openPortableHost } from './portable.ts';
import type { HostProbe } from './probe.ts';
import { parseDiskstats } from './proc/diskstats.ts';
import { parseLoadavg } from './proc/loadavg.ts';
import { parseMeminfo } from './proc/meminfo.ts';
import { parseNetDev } from './proc/net-dev.ts';
import { parsePressure } from './proc/pressure.ts';
import { parseStat } from './proc/stat.ts';
import { parseVmDirty } from './proc/vm-dirty.ts';
import { readText } from './read-text.ts';

type Io = { signal: AbortSignal };

export function openLocalHost(host: string, config: LocalHost, platform = process.platform): HostProbe {
  const stated = statedSpeed(config.network);
  if (platform !== 'linux') return openPortableHost(host, { devices: config.network.devices, speed: stated });
  const guard = createCpuGuard();
  return {
    describe: (io) => describe(host, config, stated, io),
    async sample(io) {
      const reading = await sample(host, config, io);
      return reading.cpus === undefined ? reading : { ...reading, cpus: guard(reading.cpus) };
    },
    async [Symbol.asyncDispose]() {},
  };
}

function statedSpeed({ speed, speedSource }: LocalHost['network']): StatedSpeed | undefined {
  if (speed === undefined) return undefined;
  return { bitsPerSecond: speed, source: speedSource === undefined ? 'config' : `config: ${speedSource}` };
}

async function sample(host: string, { procfs, network }: LocalHost, io: Io): Promise<HostReading> {
  const read = sectionReader(io);
  const [cpus, load, memoryBytes, disks, networkDevices, cpu, ioPressure, memory] = await Promise.all([
    read(join(procfs, 'stat'), (text) => present(parseStat(text))),
    read(join(procfs, 'loadavg'), parseLoadavg),
    read(join(procfs, 'meminfo'), parseMeminfo),
    read(join(procfs, 'diskstats'), parseDiskstats),
    read(join(network.procfs ?? join(procfs, 'net'), 'dev'), (text) => present(parseNetDev(text))),
    read(join(procfs, 'pressure/cpu'), parsePressure),
    read(join(procfs, 'pressure/io'), parsePressure),
    read(join(procfs, 'pressure/memory'), parsePressure),
  ]);
  const reading: HostReading = {
    ...(cpus && { cpus }),
    ...(load && { load }),
    ...(memoryBytes && { memoryBytes }),
    ...((cpu ?? ioPressure ?? memory) && {
      pressure: { ...(cpu && { cpu }), ...(ioPressure && { io: ioPressure }), ...(memory && { memory }) },
    }),
    ...(disks && { disks }),
    ...(networkDevices && { networkDevices }),
  };
  if (Object.keys(reading).length > 0) return reading;
  throw new AppError('host-unreadable', `cannot read anything of host ${host} under ${procfs}: ${read.firstFailure()}`);
}

async function describe(
  host: string,
  { procfs, sysfs, network }: LocalHost,
  stated: StatedSpeed | undefined,
  io: Io,
): Promise<HostInventory> {
  const read = sectionReader(io);
  const vm = join(procfs, 'sys/vm');
  const [machine, cores, memory, expireCentisecs, bytes, ratio, cards] = await Promise.all([
    readMachine(io),
    read(join(procfs, 'stat'), (text) => parseStat(text).length),
    read(join(procfs, 'meminfo'), parseMeminfo),
    read(join(vm, 'dirty_expire_centisecs'), (text) => text),
    read(join(vm, 'dirty_bytes'), (text) => text),
    read(join(vm, 'dirty_ratio'), (text) => text),
    readCards(sysfs, procfs, network.procfs, io),
  ]);
  const writeback =
    expireCentisecs === undefined
      ? undefined
      : parseVmDirty({ expireCentisecs, bytes, ratio }, memory?.['MemAvailable']);
  // What the kernel says under the given roots goes before what this process sees: a container sees less.
  return {
    host,
    ...machine,
    ...(cores && { cores }),
    ...(memory?.['MemTotal'] && { memoryBytes: memory['MemTotal'] }),
    networkDevices: chooseCards(cards, network.devices).map((card) => {
      const speed = speedOf(card, stated);
      return {
        device: card.device,
        ...(speed && { speed }),
        ...(card.driver !== undefined && { driver: card.driver }),
      };
    }),
    links: cards.map(({ device, isUp, reportedBitsPerSecond }) => ({
      device,
      ...(isUp !== undefined && { isUp }),
      ...(reportedBitsPerSecond !== undefined && { reportedBitsPerSecond }),
    })),
    ...(writeback && { writeback }),
  };
}

/** In a network namespace of its own, sysfs may show the cards of another one: only names are known there. */
async function readCards(sysfs: string, procfs: string, namespace: string | undefined, io: Io): Promise<NetworkCard[]> {
  if (namespace === undefined) {
    const cards = await readNetworkCards(sysfs, io).catch(() => undefined);
    if (cards !== undefined) return cards;
  }
  const read = sectionReader(io);
  const devices = await read(join(namespace ?? join(procfs, 'net'), 'dev'), parseNetDev);
  return (devices ?? []).map(({ device }) => ({ device, isPhysical: false, isVirtualFunction: false }));
}

function chooseCards(cards: readonly NetworkCard[], wanted: readonly string[] | undefined): NetworkCard[] {
  if (wanted === undefined) return trafficCards(cards);
  const named = new Map(cards.map((card) => [card.device, card]));
  return wanted.map((device) => named.get(device) ?? { device, isPhysical: false, isVirtualFunction: false });
}

function present<T>(entries: T[]): T[] | undefined {
  return entries.length > 0 ? entries : undefined;
}

/** A section that cannot be read is absent; the first reason is kept for the case that none can. */
function sectionReader(io: Io) {
  let first: string | undefined;
  async function read<T>(path: string, parse: (text: string) => T): Promise<T | undefined> {
    try {
      return parse(await readText(path, io));
    } catch (cause) {
      io.signal.throwIfAborted();
      first ??= (cause as Error).message;
      return undefined;
    }
  }
  return Object.assign(read, { firstFailure: () => first ?? 'the files are empty' });
}
