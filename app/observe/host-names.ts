// Lists the names and addresses of a host in the config, and uses them to find the host of each broker.

import type { ClusterConfig } from '../../brokers/config.ts';
import {
  joinBrokers,
  type AddressedBroker,
  type AddressedHost,
  type ConfiguredHosts,
} from '../../core/broker-hosts.ts';
import { byKind } from '../../core/broker-kind/registry.ts';
import type { HostInventory, HostReading } from '../../core/documents/evidence/host-reading.ts';
import { HostConfig, type HostsConfig } from '../../hosts/config.ts';

/** A host without an entry is this machine. */
export const hostIn = ({ hosts }: { hosts: HostsConfig }, name: string): HostConfig =>
  hosts[name] ?? HostConfig.parse({ probe: 'local' });

/** Includes the address that the host is reached at. */
export function namesOf(host: HostConfig | undefined): { addresses: string[]; isHere: boolean } {
  if (host === undefined) return { addresses: [], isHere: false };
  const reached =
    host.probe === 'ssh' ? [host.address.host] : host.probe === 'node-exporter' ? [new URL(host.url).hostname] : [];
  return { addresses: [...host.addresses, ...reached], isHere: host.probe === 'local' };
}

/** @param seen reading of the host, whose addresses and processes also identify its brokers */
export function addressedHost(
  host: string,
  config: HostConfig | undefined,
  seen: { inventory?: HostInventory | undefined; reading?: HostReading | undefined } = {},
): AddressedHost {
  const { addresses, isHere } = namesOf(config);
  const processes = (seen.reading?.processes ?? []).flatMap((each) =>
    each.state === 'running' ? [{ name: each.name, ports: each.process.ports }] : [],
  );
  return { host, isHere, addresses: new Set([host, ...addresses, ...(seen.inventory?.addresses ?? [])]), processes };
}

/**
 * @param brokers with the addresses that the cluster reports
 * @param stated `brokers` of the cluster in the config, which takes precedence
 * @returns also brokers whose address belongs to exactly one configured host
 */
export function hostsOfBrokers(
  brokers: readonly AddressedBroker[],
  stated: ConfiguredHosts,
  hosts: HostsConfig,
): ConfiguredHosts {
  const addressed = Object.entries(hosts).map(([host, config]) => addressedHost(host, config));
  const found = joinBrokers(
    brokers.filter(({ id }) => stated[id] === undefined),
    addressed,
    {},
  );
  return { ...Object.fromEntries(found.map(({ broker, host }) => [broker, { host }])), ...stated };
}

/** @returns the hosts of the proxies in the path of load: as configured, else the only host with the address of the proxy */
export function hostsOfProxies(cluster: ClusterConfig, hosts: HostsConfig): readonly string[] {
  return byKind<ClusterConfig, readonly string[]>(cluster, {
    kafka: () => [],
    rocketmq({ proxy }) {
      if (proxy === undefined) return [];
      const found = hostsOfBrokers([{ id: 'proxy', address: proxy.address }], {}, hosts)['proxy'];
      return proxy.hosts ?? (found === undefined ? [] : [found.host]);
    },
  });
}
