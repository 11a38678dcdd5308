// Watches a Linux host: regular readings, and an inventory that is refreshed once per minute.

import { systemClock, type Clock } from '../../core/clock.ts';
import type {
  HostInventory,
  HostReading,
  ReadingSection,
  StatedSpeed,
} from '../../core/documents/evidence/host-reading.ts';
import type { LocalHost } from '../config.ts';
import { createPauseCounts } from '../gc-tail/pause-counts.ts';
import { createGcLogTail } from '../gc-tail/tail.ts';
import type { HostFiles } from '../host-files.ts';
import type { HostProbe } from '../probe.ts';
import { createProcessWatch } from '../processes/process-watch.ts';
import { readInventory } from './inventory.ts';
import { createLatePart, type Part } from './late-part.ts';
import { createLinuxSampler } from './linux-host.ts';
import { readSettings } from '../settings/read-settings.ts';
import { rootsOf } from './roots.ts';

export interface WatchOptions {
  clock?: Clock;
  /** Folder for state that must survive a restart; if absent, no GC logs are followed. */
  stateDirectory?: string | undefined;
}

const inventoryAgeSeconds = 60;

/** Disposing the probe also closes the files. */
export function watchLinux(
  host: string,
  config: Omit<LocalHost, 'probe' | 'addresses'>,
  files: HostFiles,
  { clock = systemClock, stateDirectory }: WatchOptions,
): HostProbe {
  const roots = rootsOf(config);
  const request = { host, roots, devices: config.network.devices, stated: statedSpeed(config.network) };
  // The counter guard has state: reading the inventory must not count as a reading.
  const readings = createLinuxSampler(host, files, roots);
  const facts = createLinuxSampler(host, files, roots);
  const watchProcesses = () => createProcessWatch(files, { ...config, wanted: config.processes, clock });
  const processes = watchProcesses();
  const gcLogs =
    stateDirectory === undefined
      ? undefined
      : createGcLogTail(host, files, { roots, wanted: config.gcLogs, stateDirectory, clock });
  const jvms = createLatePart(async (io) => {
    const watched = await processes.sample(io);
    // The start options of a process name its log.
    const logs = await gcLogs?.sample(watched, io);
    return { processes: watched, ...(logs && { gcLogs: logs }) };
  }, clock);
  let known: { inventory: HostInventory; at: number } | undefined;

  return {
    async describe(io) {
      if (known === undefined || clock.monotonic() - known.at >= inventoryAgeSeconds) {
        known = { inventory: await readInventory(files, { ...request, sample: facts }, io), at: clock.monotonic() };
      }
      return known.inventory;
    },
    async sample(wanted, io) {
      const isRequested = wanted.has('processes') || (gcLogs !== undefined && wanted.has('gcLogs'));
      if (isRequested) jvms.begin();
      const reading = await readings(wanted, io);
      return isRequested ? { ...reading, ...tellJvms(await jvms.take(io), wanted) } : reading;
    },
    settings: (io) => readSettings(files, roots, io),
    countPauses: () =>
      createPauseCounts(host, files, { roots, wanted: config.gcLogs, processes: watchProcesses(), clock }),
    async [Symbol.asyncDispose]() {
      await jvms[Symbol.asyncDispose]();
      await gcLogs?.[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    },
  };
}

function tellJvms(part: Part<Pick<HostReading, 'processes' | 'gcLogs'>>, wanted: ReadonlySet<ReadingSection>) {
  if (part.kind === 'absent') return { unread: { processes: part.reason } };
  const { processes, gcLogs } = part.value;
  return {
    ...(processes && wanted.has('processes') && { processes }),
    ...(gcLogs && wanted.has('gcLogs') && { gcLogs }),
  };
}

export function statedSpeed({ speed, speedSource }: LocalHost['network']): StatedSpeed | undefined {
  if (speed === undefined) return undefined;
  return { bitsPerSecond: speed, source: speedSource === undefined ? 'config' : `config: ${speedSource}` };
}
