// Joins each broker to its host and process, and keeps the last join while either is down.

import { Gauge, Registry } from 'prom-client';
import type { ClusterInspector } from '../brokers/driver.ts';
import { joinBrokers, type AddressedHost, type ConfiguredHosts } from '../core/broker-hosts.ts';
import type { Clock } from '../core/clock.ts';
import type { HostProbe } from '../hosts/probe.ts';
import { labelled } from './collector.ts';
import { keepBrokers, keepPorts, type KnownBroker } from './last-known.ts';
import { declaredIn, familiesOf } from './prom-client-families.ts';

export const brokerHostMetrics = {
  plimsoll_broker_host_info: labelled('broker', 'host', 'process').gauge(
    'Joins a broker to the host it runs on, and to its process there where that is watched and listens on the port of the broker.',
    '1',
  ),
};

export type BrokerHosts = ReturnType<typeof createBrokerHosts>;

/**
 * @param stated configured joins, by cluster
 * @param owns whether this exporter shows a cluster: after another takes over, the joins known here are outdated
 */
export function createBrokerHosts(
  stated: Readonly<Record<string, ConfiguredHosts>>,
  clock: Pick<Clock, 'monotonic'>,
  owns: (cluster: string) => boolean = () => true,
) {
  const brokers = new Map<string, readonly KnownBroker[]>();
  const hosts = new Map<string, AddressedHost>();
  const registry = new Registry();
  const gauge = new Gauge(declaredIn(brokerHostMetrics, registry, ['cluster'])('plimsoll_broker_host_info'));
  const render = familiesOf(registry);
  let joined = Object.entries(stated).flatMap(([cluster, of]) =>
    Object.entries(of).map(([broker, { host, process }]) => ({ cluster, broker, host, process })),
  );

  return {
    /** Forwards requests, and records the brokers that the cluster reports. */
    hearCluster(cluster: string, inspector: ClusterInspector): ClusterInspector {
      return {
        ...inspector,
        async snapshot(...question) {
          const snapshot = await inspector.snapshot(...question);
          const known = brokers.get(cluster) ?? [];
          brokers.set(cluster, keepBrokers(known, snapshot.cluster.brokers, clock.monotonic()));
          return snapshot;
        },
      };
    },

    /** Forwards requests, and records the addresses and processes that a host reports. @param names of the host in the config */
    hearHost(host: string, probe: HostProbe, names: { addresses: readonly string[]; isHere: boolean }): HostProbe {
      const { addresses, isHere } = names;
      const known: AddressedHost = { host, addresses: new Set([host, ...addresses]), isHere, processes: [] };
      hosts.set(host, known);
      return {
        async describe(io) {
          const inventory = await probe.describe(io);
          const all = [host, ...addresses, ...(inventory.addresses ?? [])];
          known.addresses = new Set(all.map((address) => address.toLowerCase()));
          return inventory;
        },
        async sample(wanted, io) {
          const reading = await probe.sample(wanted, io);
          if (reading.processes !== undefined) known.processes = keepPorts(known.processes, reading.processes);
          return reading;
        },
        [Symbol.asyncDispose]: () => probe[Symbol.asyncDispose](),
      };
    },

    async families() {
      gauge.reset();
      const shown = [...brokers].filter(([cluster]) => owns(cluster));
      const now = shown.flatMap(([cluster, of]) =>
        joinBrokers(of, [...hosts.values()], stated[cluster] ?? {}).map((each) => ({
          cluster,
          ...each,
          process: each.process,
        })),
      );
      for (const { process, ...labels_ } of now)
        gauge.set({ ...labels_, ...(process !== undefined && { process }) }, 1);
      const isRead = ({ cluster }: { cluster: string }) => brokers.has(cluster);
      joined = [...joined.filter((each) => !isRead(each)), ...now];
      return render();
    },

    /** From the last page; before the first page, from the config. */
    brokersOn: (host: string): readonly { cluster: string; broker: string }[] =>
      joined.filter((each) => each.host === host),
  };
}
