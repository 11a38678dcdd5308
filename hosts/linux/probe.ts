// How is a Linux machine watched? Its readings, and what it is made of, which is read again once a minute.

import type { Clock } from '../../core/clock.ts';
import type { HostInventory, StatedSpeed } from '../../core/host-reading.ts';
import type { HostFiles } from '../host-files.ts';
import type { HostProbe } from '../probe.ts';
import type { ProcessesConfig } from '../processes/config.ts';
import { createProcessWatch } from '../processes/process-watch.ts';
import { readInventory } from './inventory.ts';
import { createLinuxSampler } from './linux-host.ts';
import { rootsOf, type Config } from './roots.ts';

export interface LinuxConfig extends Config {
  network: Config['network'] & {
    devices?: readonly string[] | undefined;
    speed?: number | undefined;
    speedSource?: string | undefined;
  };
  processes?: ProcessesConfig;
}

const inventoryAgeSeconds = 60;

/** Closes the files with itself. */
export function watchLinux(host: string, config: LinuxConfig, files: HostFiles, clock: Clock): HostProbe {
  const roots = rootsOf(config);
  const request = { host, roots, devices: config.network.devices, stated: statedSpeed(config.network) };
  // A guard of counters remembers: what is read for the inventory must not pass for a reading.
  const readings = createLinuxSampler(host, files, roots);
  const facts = createLinuxSampler(host, files, roots);
  const processes = createProcessWatch(files, { ...config, wanted: config.processes, clock });
  let known: { inventory: HostInventory; at: number } | undefined;

  return {
    async describe(io) {
      if (known === undefined || clock.monotonic() - known.at >= inventoryAgeSeconds) {
        known = { inventory: await readInventory(files, { ...request, sample: facts }, io), at: clock.monotonic() };
      }
      return known.inventory;
    },
    async sample(wanted, io) {
      const [reading, watched] = await Promise.all([
        readings(wanted, io),
        wanted.has('processes') ? processes.sample(io) : undefined,
      ]);
      return { ...reading, ...(watched && { processes: watched }) };
    },
    [Symbol.asyncDispose]: () => files[Symbol.asyncDispose](),
  };
}

export function statedSpeed({ speed, speedSource }: LinuxConfig['network']): StatedSpeed | undefined {
  if (speed === undefined) return undefined;
  return { bitsPerSecond: speed, source: speedSource === undefined ? 'config' : `config: ${speedSource}` };
}
