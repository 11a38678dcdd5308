// Reads current values of the settings that a verdict depends on, and detects changes.

import { fingerprintOf, type Fingerprint } from '../../analyzer/evidence/fingerprint.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { defined } from '../../core/defined.ts';
import type { HostInventory } from '../../core/documents/evidence/host-reading.ts';
import type { KnownBroker } from './broker-presence.ts';

/**
 * @param lost brokers that do not answer, which the snapshot may not list: an outage changes no setting
 * @param places host of each broker, from the config
 */
export function liveSettings(
  { cluster }: ClusterSnapshot,
  lost: readonly KnownBroker[],
  places: Readonly<Record<string, { host: string }>>,
  hosts: ReadonlyMap<string, HostInventory>,
): Fingerprint {
  const { name, kind, version, brokers } = cluster;
  const isListed = ({ id, address }: KnownBroker) => brokers.some((each) => each.id === id && each.address === address);
  return fingerprintOf({
    id: name,
    cluster: name,
    broker: kind,
    workload: {},
    ...(version !== undefined && { brokerVersion: version }),
    environment: {
      hosts: [...hosts.values()],
      brokers: [...brokers, ...lost.filter((each) => !isListed(each))].map(({ id, address = id }) => {
        const host = places[id]?.host;
        return defined({ id, address, host });
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
