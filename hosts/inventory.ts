// Reads hardware facts of a machine without /proc once through systeminformation, which is slow, and starts programs
// that block this process. Not for Linux: without AF_NETLINK it throws an error there that cannot be caught.

import { blockDevices, cpu, mem, networkInterfaces, osInfo } from 'systeminformation';
import { untilAborted } from '../core/clock.ts';
import type { HostInventory } from '../core/documents/evidence/host-reading.ts';
import { ignoreFault } from '../core/errors.ts';
import { isDisk } from './proc/diskstats.ts';

/** Facts that do not change while the process runs; unknown ones are absent. */
type Machine = Pick<HostInventory, 'cpuModel' | 'cores' | 'os' | 'kernel' | 'memoryBytes' | 'disks'>;

/** A hung program (smartctl on a failing disk) only costs its section, not the inventory. */
const sectionTimeoutMs = 10_000;

let reading: Promise<Machine> | undefined;
let interfaces: Promise<string[] | undefined> | undefined;

export function readMachine({ signal }: { signal: AbortSignal }): Promise<Machine> {
  reading ??= readSections();
  return untilAborted(reading, signal);
}

/** @returns names without the loopback; undefined if they cannot be read */
export function readInterfaces({ signal }: { signal: AbortSignal }): Promise<string[] | undefined> {
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
