// Defines what all hosts of a site share: folders of programs, data and settings, and ports.

import type { BrokerKind } from '../../core/cluster.ts';
import type { ClusterPlan, Shape } from '../../core/documents/cluster-plan.ts';
import type { OwnSettings } from './settings-file.ts';

/** What of a plan becomes files; a cluster that is written down without a plan has this much, too. */
export interface RenderedCluster extends Pick<
  ClusterPlan,
  'name' | 'broker' | 'mode' | 'replicas' | 'brokers' | 'nameServers' | 'controllers'
> {
  domains: readonly Pick<ClusterPlan['domains'][number], 'retentionSeconds' | 'loss' | 'partitions'>[];
  shape: Pick<Shape, 'cores' | 'memoryBytes'>;
  /** Of its brokers, in the place of rendered ones. */
  settings?: OwnSettings;
  /** Kafka before 4.0, in place of controllers. */
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
  /** Absent: whoever starts the service. */
  user?: string | undefined;
  supervisor: 'systemd' | 'supervisord';
  /** Name of a service, which is unique on its host. @param usual such as kafka-broker */
  service(host: string, usual: string): string;
  /** Whether the unit formats new directories of Kafka; otherwise `instances install` does, once. */
  formats: boolean;
  /** Name or address that others reach a host by. */
  address(host: string): string;
  port(host: string, of: PortOf): number;
}

/** Each with the port that everybody uses. */
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

/** Where others reach a host. */
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
