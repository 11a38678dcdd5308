// Sums the GC pauses of each cluster's JVMs from host readings.

import type { HostReading } from '../../core/documents/evidence/host-reading.ts';

export interface GcStops {
  note(host: string, reading: Pick<HostReading, 'gcLogs'>): void;
  /** Seconds since each log was first followed, by host and process; absent while none is followed. */
  of(cluster: string): ReadonlyMap<string, number> | undefined;
}

/** @param hostsOf names of hosts in config, by cluster */
export function createGcStops(hostsOf: ReadonlyMap<string, ReadonlySet<string>>): GcStops {
  const told = new Map<string, ReadonlyMap<string, number>>();
  return {
    note(host, { gcLogs }) {
      if (gcLogs === undefined) return;
      const stops = gcLogs.flatMap(({ name, totals }) => {
        const gc = totals?.stopped.find(({ reason }) => reason === 'gc');
        return totals === undefined ? [] : [[`${host}/${name}`, gc?.seconds ?? 0] as const];
      });
      told.set(host, new Map(stops));
    },
    of(cluster) {
      const all = [...(hostsOf.get(cluster) ?? [])].flatMap((host) => [...(told.get(host) ?? [])]);
      return all.length === 0 ? undefined : new Map(all);
    },
  };
}
