// Defines the common properties of a site's hosts: folders of programs, data and settings, and ports.

import type { BrokerKind } from '../../core/cluster.ts';
import type { ClusterPlan, Shape } from '../../core/documents/cluster-plan.ts';
import type { OwnSettings } from './settings-file.ts';

/** Rendered parts of a plan; a cluster of site.yaml, without a plan, has these too. */
export interface RenderedCluster extends Pick<
  ClusterPlan,
  'name' | 'broker' | 'mode' | 'replicas' | 'brokers' | 'nameServers' | 'controllers'
> {
  domains: readonly Pick<ClusterPlan['domains'][number], 'retentionSeconds' | 'loss' | 'partitions'>[];
  shape: Pick<Shape, 'cores' | 'memoryBytes'>;
  /** Broker settings that replace rendered ones. */
  settings?: OwnSettings;
  /** Kafka before 4.0: replace controllers. */
  zookeepers?: readonly { host: string }[];
}

export interface Site {
  java: string;
  /** Folder of the broker's release on a host: jars in lib (RocketMQ) or libs (Kafka). */
  home(host: string, broker: BrokerKind): string;
  /** Folder of the rendered files on a host. */
  etc(host: string): string;
  data(host: string): string;
  logs(host: string): string;
  /** User of the service; absent: the user who starts it. */
  user?: string | undefined;
  supervisor: 'systemd' | 'supervisord';
  /** Name of a service, unique on its host. @param usual such as kafka-broker */
  service(host: string, usual: string): string;
  /** Whether the service formats new Kafka directories; otherwise `instances install` does, once. */
  formats: boolean;
  /** Name or address by which others reach a host. */
  address(host: string): string;
  port(host: string, of: PortOf): number;
}

export const usualPorts = {
  'kafka-client': 9092,
  'kafka-controller': 9093,
  'zookeeper-client': 2181,
  'zookeeper-quorum': 2888,
  'zookeeper-election': 3888,
  'rocketmq-broker': 10_911,
  'rocketmq-dledger': 40_911,
  'rocketmq-name-server': 9876,
  'rocketmq-controller': 9878,
} as const;
export type PortOf = keyof typeof usualPorts;

/** @returns the address and port by which others reach a host */
export const addressOf = (site: Site, host: string, of: PortOf): string =>
  `${site.address(host)}:${site.port(host, of)}`;

export const addressesOf = (site: Site, hosts: readonly { host: string }[], of: PortOf): string[] =>
  hosts.map(({ host }) => addressOf(site, host, of));

export const usualSite: Site = {
  java: '/usr/bin/java',
  home: (_, broker) => `/opt/${broker}`,
  etc: () => '/etc/message-broker',
  data: () => '/data/message-broker',
  logs: () => '/var/log/message-broker',
  user: 'broker',
  supervisor: 'systemd',
  service: (_, usual) => usual,
  formats: true,
  address: (host) => host,
  port: (_, of) => usualPorts[of],
};
