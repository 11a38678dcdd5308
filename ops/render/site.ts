// Defines what all hosts of a site share: folders of programs, data and settings, and ports.

export interface Site {
  java: string;
  /** Folder of the broker's release: jars in lib (RocketMQ) or libs (Kafka). */
  kafkaHome: string;
  rocketmqHome: string;
  /** Folder of the rendered files on a host. */
  etc(host: string): string;
  data(host: string): string;
  logs(host: string): string;
  user: string;
  /** Name or address that others reach a host by. */
  address(host: string): string;
  port(host: string, of: PortOf): number;
}

/** Each with the port that everybody uses. */
export const usualPorts = {
  'kafka-client': 9092,
  'kafka-controller': 9093,
  'rocketmq-broker': 10_911,
  'rocketmq-dledger': 40_911,
  'rocketmq-name-server': 9876,
  'rocketmq-controller': 9878,
} as const;
export type PortOf = keyof typeof usualPorts;

export const usualSite: Site = {
  java: '/usr/bin/java',
  kafkaHome: '/opt/kafka',
  rocketmqHome: '/opt/rocketmq',
  etc: () => '/etc/message-broker',
  data: () => '/data/message-broker',
  logs: () => '/var/log/message-broker',
  user: 'broker',
  address: (host) => host,
  port: (_, of) => usualPorts[of],
};
