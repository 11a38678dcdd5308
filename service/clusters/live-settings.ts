// Reads current values of the settings that a verdict depends on, and detects changes.

import { fingerprintOf, type Fingerprint } from '../../analyzer/evidence/fingerprint.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { HostInventory } from '../../core/documents/evidence/host-reading.ts';

/** @param places host of each broker, from the config */
export function liveSettings(
  { cluster }: ClusterSnapshot,
  places: Readonly<Record<string, { host: string }>>,
  hosts: ReadonlyMap<string, HostInventory>,
): Fingerprint {
  const { name, kind, version, brokers } = cluster;
  return fingerprintOf({
    id: name,
    cluster: name,
    broker: kind,
    workload: {},
    ...(version !== undefined && { brokerVersion: version }),
    environment: {
      hosts: [...hosts.values()],
      brokers: brokers.map(({ id, address }) => {
        const host = places[id]?.host;
        return { id, address, ...(host !== undefined && { host }) };
      }),
    },
  });
}

/** Ignores a setting known on one side only: a load test knows its clients, a service does not. */
export function driftedSettings(
  before: Fingerprint,
  now: Fingerprint,
): { setting: string; before: string; now: string }[] {
  return Object.entries(now).flatMap(([setting, value]) => {
    const earlier = before[setting];
    return earlier === undefined || earlier === value ? [] : [{ setting, before: earlier, now: value }];
  });
}
