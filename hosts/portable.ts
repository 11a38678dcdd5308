// Reads a host without /proc; disks and cards are only available as totals there and stay absent.

import { cpus, loadavg, platform, uptime } from 'node:os';
import { mem } from 'systeminformation';
import { untilAborted } from '../core/clock.ts';
import type { CpuTimes, HostReading, StatedSpeed } from '../core/documents/evidence/host-reading.ts';
import { ignoreFault } from '../core/errors.ts';
import { readInterfaces, readMachine } from './inventory.ts';
import type { HostProbe } from './probe.ts';

/** @param network card settings from config, because speeds cannot be read */
export function openPortableHost(
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
