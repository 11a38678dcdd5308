// Opens the local machine as a host: kernel files on Linux, Node and systeminformation elsewhere.

import { cpus } from 'node:os';
import { join } from 'node:path/posix';
import { systemClock } from '../core/clock.ts';
import type { LocalHost } from './config.ts';
import { openLocalFiles } from './files/local.ts';
import { watchBursts } from './linux/burst-watch.ts';
import { statedSpeed, watchLinux, type WatchOptions } from './linux/probe.ts';
import { rootsOf } from './linux/roots.ts';
import { openPortableHost } from './portable.ts';
import type { HostProbe } from './probe.ts';

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
