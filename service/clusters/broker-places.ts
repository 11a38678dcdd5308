// Finds the host of each broker: the configured host, otherwise the one with the address that the cluster last reported.

import { hostsOfBrokers } from '../../app/observe/host-names.ts';
import type { AddressedBroker, ConfiguredHosts } from '../../core/broker-hosts.ts';
import type { HostsConfig } from '../../hosts/config.ts';

/** @returns the current hosts of a cluster; computed again only when broker addresses change */
export function createBrokerPlaces(
  clusters: Readonly<Record<string, { brokers: ConfiguredHosts }>>,
  hosts: HostsConfig,
  brokersOf: (cluster: string) => readonly AddressedBroker[],
): (cluster: string) => ConfiguredHosts {
  const known = new Map<string, { brokers: readonly AddressedBroker[]; key: string; places: ConfiguredHosts }>();
  return (cluster) => {
    const stated = clusters[cluster]?.brokers ?? {};
    const brokers = brokersOf(cluster);
    const before = known.get(cluster);
    if (before?.brokers === brokers) return before.places;
    const key = brokers.map(({ id, address }) => `${id} ${address}`).join();
    const places = before?.key === key ? before.places : hostsOfBrokers(brokers, stated, hosts);
    known.set(cluster, { brokers, key, places });
    return places;
  };
}
