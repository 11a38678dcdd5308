// Samples the hosts of the brokers, each host once for all its brokers.

import type { Io } from '../../brokers/driver.ts';
import type { Clock } from '../../core/clock.ts';
import { faultOf } from '../../core/errors.ts';
import type { HostInventory } from '../../core/documents/evidence/host-reading.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import { speedsOf } from '../../hosts/link-capacity.ts';
import type { HostProbe } from '../../hosts/probe.ts';
import { openHost } from '../../hosts/registry.ts';
import type { MachineSample } from './machine-load.ts';
import { readWithin } from './machine-reading.ts';

export interface Machines extends AsyncDisposable {
  /** @returns samples by broker id, and why hosts are missing */
  sample(io: Io): Promise<{ samples: ReadonlyMap<string, MachineSample>; notices: string[] }>;
}

/** Less than the default interval of `plimsoll top`. */
const patienceSeconds = 4;
const wanted = new Set(['cpus', 'disks', 'networkDevices'] as const);

/** @param brokers host of each broker */
export function openMachines(
  brokers: Readonly<Record<string, { host: string }>>,
  hosts: HostsConfig,
  clock: Clock,
): Machines {
  const probes = new AsyncDisposableStack();
  const opened = [...Map.groupBy(Object.entries(brokers), ([, { host }]) => host)].flatMap(([host, own]) => {
    const config = hosts[host];
    if (config === undefined) return [];
    return [{ host, ids: own.map(([id]) => id), probe: probes.use(openHost(host, config)) }];
  });
  return {
    async sample(io) {
      const notices: string[] = [];
      const sampled = await Promise.all(
        opened.map(async ({ host, ids, probe }) => {
          const sample = await readWithin(host, patienceSeconds, io, (within) => sampleOf(probe, clock, within));
          if ('trouble' in sample) {
            notices.push(`machine ${host}: ${sample.trouble}`);
            return [];
          }
          return ids.map((id) => [id, sample] as const);
        }),
      );
      return { samples: new Map(sampled.flat()), notices };
    },
    [Symbol.asyncDispose]: () => probes.disposeAsync(),
  };
}

async function sampleOf(probe: HostProbe, clock: Clock, io: Io): Promise<MachineSample> {
  const inventory = await probe.describe(io).catch((cause: unknown): Partial<HostInventory> => {
    // A host whose inventory cannot be read still has counters.
    faultOf(cause, io);
    return {};
  });
  const reading = await probe.sample(wanted, io);
  return { atSeconds: clock.monotonic(), reading, speeds: speedsOf(inventory) };
}
