// Converts site.yaml to clusters to render, and places their hosts on machines with addresses, ports and folders.

import { byKind, type ByKind } from '../../core/broker-kind/registry.ts';
import { bytes } from '../../core/units.ts';
import type { PlannedBroker } from '../../core/documents/cluster-plan.ts';
import type { ClusterLayout, SiteFile } from '../../core/documents/site.ts';
import { usualPorts, type PortOf, type RenderedCluster, type Site } from './site.ts';

export interface PlacedSite extends Site {
  /** Name under `hosts` of plimsoll.yaml. */
  machine(host: string): string;
  programs(host: string): string;
}

/** Port distance of two instances of a kind on one machine, as in the samples of RocketMQ: 10911 and 11011. */
const portStep = 100;
const usualMemory = bytes(4 * 2 ** 30);

const hostsOf = ({ brokers, nameServers = [], controllers = [], zookeepers = [] }: RenderedCluster) =>
  [...brokers, ...nameServers, ...controllers, ...zookeepers].map(({ host }) => host);

/** Clusters of site.yaml: each host is named by its cluster and number. */
export function layoutClusters({ clusters, memory }: SiteFile) {
  return Object.entries(clusters).map(([name, layout]) => {
    const machines = new Map<string, string>();
    const place = (host: string, machine: string) => {
      machines.set(host, machine);
      return { host };
    };
    const numbered = (kind: string, own: readonly string[] = []) =>
      own.map((machine, index) => place(`${name}-${kind}-${index + 1}`, machine));
    const { broker, cores, loss, retention, controllers, settings } = layout;
    const cluster: RenderedCluster = {
      name,
      broker,
      ...byKind<ClusterLayout, OfKind>(layout, {
        kafka({ brokers, replicas, zookeepers }) {
          return {
            mode: 'kraft',
            replicas: Math.min(replicas, brokers.length),
            brokers: kafkaBrokers(name, brokers, place),
            ...(zookeepers !== undefined && { zookeepers: numbered('zookeeper', zookeepers) }),
          };
        },
        rocketmq(own) {
          const sizes = Object.values(own.groups).map((members) => members.length);
          return {
            mode: own.mode,
            replicas: Math.max(1, ...sizes),
            brokers: rocketmqBrokers(name, own, place),
            nameServers: numbered('namesrv', own.nameServers),
          };
        },
      }),
      domains: [{ retentionSeconds: retention, loss, partitions: 12 }],
      shape: { cores, memoryBytes: layout.memory ?? memory ?? usualMemory },
      ...(settings !== undefined && { settings }),
      ...(controllers !== undefined && { controllers: numbered('controller', controllers) }),
    };
    return { cluster, machines };
  });
}

type OfKind = Pick<RenderedCluster, 'mode' | 'replicas' | 'brokers' | 'nameServers' | 'zookeepers'>;
type Place = (host: string, machine: string) => { host: string };

/** Ids of controllers start at 1, those of brokers at 101, as in a plan. */
function kafkaBrokers(name: string, brokers: readonly string[], place: Place): PlannedBroker[] {
  return brokers.map((machine, index) => ({
    ...place(`${name}-broker-${index + 1}`, machine),
    role: 'broker',
    brokerId: 101 + index,
    zone: machine,
  }));
}

function rocketmqBrokers(name: string, { groups, mode }: Extract<ClusterLayout, { broker: 'rocketmq' }>, place: Place) {
  const isElected = mode === 'dledger' || mode === 'controller';
  return Object.entries(groups).flatMap(([group, own]) =>
    own.map((machine, index): PlannedBroker => ({
      ...place(`${name}-${group}-${index}`, machine),
      role: isElected ? 'member' : index === 0 ? 'master' : 'slave',
      brokerId: index,
      group,
    })),
  );
}

/** @param fixed machine by host, for clusters of site.yaml */
export function placedSite(
  site: SiteFile,
  clusters: readonly RenderedCluster[],
  fixed: ReadonlyMap<string, string> = new Map(),
): PlacedSite {
  const { machines, folders, java, user, supervisor } = site;
  const machine = (host: string) => fixed.get(host) ?? machines[host]?.host ?? host;
  const beside = Map.groupBy(clusters.flatMap(portsOf), ({ host, of }) => `${machine(host)} ${of}`);
  return {
    java: `${java}/bin/java`,
    home: (host) => `${folders.programs}/${host}/current`,
    programs: (host) => `${folders.programs}/${host}`,
    etc: (host) => `${folders.settings}/${host}`,
    data: (host) => `${folders.data}/${host}`,
    logs: (host) => `${folders.logs}/${host}`,
    user,
    supervisor: supervisor.kind,
    service: (host) => host,
    formats: false,
    machine,
    address: (host) => machines[host]?.address ?? machines[machine(host)]?.address ?? machine(host),
    port(host, of) {
      const place = beside.get(`${machine(host)} ${of}`)?.findIndex((each) => each.host === host) ?? 0;
      return usualPorts[of] + portStep * Math.max(0, place);
    },
  };
}

function portsOf(cluster: RenderedCluster): { host: string; of: PortOf }[] {
  const { broker, brokers, nameServers = [], controllers = [], zookeepers = [] } = cluster;
  const all = (hosts: readonly { host: string }[], of: PortOf) => hosts.map(({ host }) => ({ host, of }));
  const ports: ByKind<() => { host: string; of: PortOf }[]> = {
    kafka: () => [
      ...all(brokers, 'kafka-client'),
      ...all(controllers, 'kafka-controller'),
      ...all(zookeepers, 'zookeeper-client'),
      ...all(zookeepers, 'zookeeper-quorum'),
      ...all(zookeepers, 'zookeeper-election'),
    ],
    rocketmq: () => [
      ...all(brokers, 'rocketmq-broker'),
      ...all(brokers, 'rocketmq-dledger'),
      ...all(nameServers, 'rocketmq-name-server'),
      ...all(controllers, 'rocketmq-controller'),
    ],
  };
  return ports[broker]();
}

/** Divides the memory of a planned shape among the hosts on one machine. */
export function sharedMemory(
  clusters: readonly RenderedCluster[],
  { machine }: Pick<PlacedSite, 'machine'>,
  { memory }: Pick<SiteFile, 'memory'>,
): RenderedCluster[] {
  const count = Map.groupBy(clusters.flatMap(hostsOf), machine);
  return clusters.map((cluster) => {
    const most = Math.max(1, ...hostsOf(cluster).map((host) => count.get(machine(host))?.length ?? 1));
    return {
      ...cluster,
      shape: { ...cluster.shape, memoryBytes: memory ?? cluster.shape.memoryBytes / most },
    };
  });
}
