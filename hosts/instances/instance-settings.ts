// Finds role, name, ports and directories of a broker process in the settings file that its command line names.

import { join } from 'node:path/posix';
import type { ByKind } from '../../core/broker-kind/registry.ts';
import { kindOfRole, type InstanceRole } from '../../core/documents/instances.ts';
import { defined } from '../../core/defined.ts';
import type { CommandLine } from '../processes/jvm-command.ts';

/** Settings of an instance, with product defaults for missing values. */
export interface InstanceSettings {
  role: InstanceRole;
  /** Kafka node id, or RocketMQ brokerName:brokerId. */
  broker?: string;
  /** Client port. */
  port?: number;
  /** All ports in the settings file. */
  ports: readonly number[];
  directories: readonly string[];
  failureDomain?: string;
  /** RocketMQ brokerClusterName. */
  clusterName?: string;
  /** Name servers that a RocketMQ broker or proxy registers with; absent if not set. */
  nameServers?: readonly string[];
  /** Quorum port of each ZooKeeper server of its ensemble; a server listens there while it is the leader. */
  quorumPorts?: readonly number[];
}

export type Properties = ReadonlyMap<string, string>;

/** Parses java.util.Properties as far as broker settings use it: supports only escapes of separators. */
export function parseProperties(text: string): Properties {
  const entries = logicalLines(text).flatMap((line): [string, string][] => {
    const [, key, value] = /^([^#!\s=:][^=:\s]*)\s*[=:]\s*(.*)$/s.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value.trimEnd().replaceAll('\\\\', '\\')]];
  });
  return new Map(entries);
}

/** Joins lines: one with an odd number of trailing backslashes continues in the next line, unless it is a comment. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let begun = '';
  for (const natural of text.split(/\r\n?|\n/)) {
    const part = natural.trimStart();
    const isContinued = (begun !== '' || !/^[#!]/.test(part)) && endsOpen(part);
    begun += isContinued ? part.slice(0, -1) : part;
    if (isContinued) continue;
    lines.push(begun);
    begun = '';
  }
  return [...lines, begun];
}

function endsOpen(line: string): boolean {
  let end = line.length;
  while (line[end - 1] === '\\') end -= 1;
  return (line.length - end) % 2 === 1;
}

/** Returns the argument that names the settings file: the first for Kafka and ZooKeeper, that of `-c` for RocketMQ. */
export function settingsFileOf({ args, jvm: { mainClass } }: CommandLine): string | undefined {
  const own = args.slice(mainClass === undefined ? args.length : args.lastIndexOf(mainClass) + 1);
  if (mainClass?.startsWith('org.apache.rocketmq.') !== true) return own.find((word) => !word.startsWith('-'));
  const at = own.findIndex((word) => word === '-c' || word === '--configFile' || word === '-pc');
  return at < 0 ? undefined : own[at + 1];
}

/** Uses RocketMQ's order of precedence: `-n`, the settings file, the environment. */
export function nameServersOf({ args }: CommandLine, properties: Properties, environment: string): string[] {
  const at = args.findLastIndex((word) => word === '-n' || word === '--namesrvAddr');
  const given = at < 0 ? undefined : args[at + 1];
  return listOf(given ?? properties.get('namesrvAddr') ?? variableIn(environment, 'NAMESRV_ADDR'), ';');
}

/** Role by main class; the settings file may refine it, for example for a broker. */
const roleByMain: Readonly<Record<string, InstanceRole>> = {
  'kafka.Kafka': 'kafka-broker',
  'org.apache.zookeeper.server.quorum.QuorumPeerMain': 'zookeeper',
  'org.apache.rocketmq.broker.BrokerStartup': 'rocketmq-master',
  'org.apache.rocketmq.namesrv.NamesrvStartup': 'rocketmq-name-server',
  'org.apache.rocketmq.proxy.ProxyStartup': 'rocketmq-proxy',
  'org.apache.rocketmq.controller.ControllerStartup': 'rocketmq-controller',
  'org.apache.rocketmq.container.BrokerContainerStartup': 'rocketmq-container',
};

/**
 * @param home home of the process's user, under which RocketMQ stores data by default
 * @returns undefined for a JVM that is not a cluster instance, such as Kafka Connect
 */
export function instanceSettings(
  mainClass: string | undefined,
  properties: Properties,
  home: string,
): InstanceSettings | undefined {
  const role = mainClass !== undefined && Object.hasOwn(roleByMain, mainClass) ? roleByMain[mainClass] : undefined;
  return role && settingsOfRole(role, properties, home);
}

/** Reads the settings of an instance that is not running, based on its role. */
export function settingsOfRole(role: InstanceRole, properties: Properties, home: string): InstanceSettings {
  return settingsBy[kindOfRole(role)](role, properties, home);
}

const settingsBy: ByKind<(role: InstanceRole, properties: Properties, home: string) => InstanceSettings> = {
  kafka: (role, properties) => (role === 'zookeeper' ? zooKeeperSettings(properties) : kafkaSettings(properties)),

  rocketmq(role, properties, home) {
    if (role === 'rocketmq-name-server') return rocketmqOther(role, properties, 9876);
    if (role === 'rocketmq-container') return rocketmqOther(role, properties, 10_811);
    if (role === 'rocketmq-proxy' || role === 'rocketmq-controller') return rocketmqOther(role, properties);
    return rocketmqBroker(properties, home);
  },
};

function kafkaSettings(properties: Properties): InstanceSettings {
  const roles = new Set(listOf(properties.get('process.roles') ?? 'broker'));
  const role = !roles.has('controller')
    ? 'kafka-broker'
    : roles.has('broker')
      ? 'kafka-broker-controller'
      : 'kafka-controller';
  const controllers = listOf(properties.get('controller.listener.names'));
  // Before KRaft, a broker without `listeners` uses `port`, 9092 by default.
  const listeners = listOf(properties.get('listeners') ?? `PLAINTEXT://:${properties.get('port') ?? '9092'}`).flatMap(
    (listener) => {
      const [, name, port] = /^([^:]+):\/\/.*:(\d+)$/.exec(listener) ?? [];
      return name === undefined ? [] : [{ name, port: Number(port) }];
    },
  );
  const forClients = listeners.find(({ name }) => !controllers.includes(name));
  const broker = properties.get('node.id') ?? properties.get('broker.id');
  const port = (role === 'kafka-controller' ? listeners[0] : forClients)?.port;
  const logs = listOf(properties.get('log.dirs') ?? properties.get('log.dir') ?? '/tmp/kafka-logs');
  return {
    role,
    ...defined({ broker, port }),
    ports: listeners.map((listener) => listener.port),
    directories: [...new Set([...logs, ...listOf(properties.get('metadata.log.dir'))])],
    ...defined({ failureDomain: properties.get('broker.rack') }),
  };
}

/**
 * Returns servers by myid, from lines such as server.1=10.0.0.1:2888:3888 or
 * server.1=10.0.0.1:2888:3888:participant;2181.
 */
export function zooKeeperServers(properties: Properties): Map<string, { quorum: number; election: number }> {
  const servers = [...properties].flatMap(([key, value]) => {
    const [, number] = /^server\.(\d+)$/.exec(key) ?? [];
    const [, quorum, election] = /:(\d+):(\d+)(?::\w+)?(?:;.*)?$/.exec(value.split('|')[0] ?? '') ?? [];
    if (number === undefined || quorum === undefined || election === undefined) return [];
    return [[number, { quorum: Number(quorum), election: Number(election) }] as const];
  });
  return new Map(servers);
}

function zooKeeperSettings(properties: Properties): InstanceSettings {
  const port = portIn(properties, 'clientPort', 2181);
  const quorumPorts = [...zooKeeperServers(properties).values()].map(({ quorum }) => quorum);
  return {
    ...(quorumPorts.length > 0 && { quorumPorts }),
    role: 'zookeeper',
    port,
    ports: [port],
    directories: [...listOf(properties.get('dataDir')), ...listOf(properties.get('dataLogDir'))],
  };
}

function rocketmqBroker(properties: Properties, home: string): InstanceSettings {
  const root = properties.get('storePathRootDir') ?? join(home, 'store');
  // Several paths are separated by `,` (MULTI_PATH_SPLITTER of RocketMQ 5), or `:` in early releases.
  const logs = listOf(properties.get('storePathCommitLog'), /[:,]/);
  const port = portIn(properties, 'listenPort', 10_911);
  const id = properties.get('brokerId') ?? '0';
  const name = properties.get('brokerName');
  const role =
    properties.get('enableDLegerCommitLog') === 'true'
      ? 'rocketmq-dledger'
      : properties.get('enableControllerMode') === 'true'
        ? 'rocketmq-replica'
        : properties.get('brokerRole') === 'SLAVE' || id !== '0'
          ? 'rocketmq-slave'
          : 'rocketmq-master';
  // The election assigns the brokerId of a DLedger member.
  const suffix = role === 'rocketmq-dledger' ? (properties.get('dLegerSelfId') ?? id) : id;
  return {
    role,
    ...(name !== undefined && { broker: `${name}:${suffix}` }),
    port,
    // A broker also listens two ports below (fastListenPort, prioritized clients), and one port above for its slaves.
    ports: [port, portIn(properties, 'fastListenPort', port - 2), portIn(properties, 'haListenPort', port + 1)],
    directories: [root, ...logs.filter((log) => !log.startsWith(`${root}/`))],
    clusterName: properties.get('brokerClusterName') ?? 'DefaultCluster',
  };
}

/** @param usual default port; absent if there is none */
function rocketmqOther(role: InstanceRole, properties: Properties, usual = 0): InstanceSettings {
  const port = portIn(properties, 'listenPort', usual);
  return { role, ...(port > 0 && { port }), ports: port > 0 ? [port] : [], directories: [] };
}

function portIn(properties: Properties, key: string, usual: number): number {
  const port = Number(properties.get(key));
  return Number.isInteger(port) && port > 0 ? port : usual;
}

const listOf = (text = '', separator: string | RegExp = ','): string[] =>
  text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');

const artefacts =
  /\/(?:kafka_[\d.]+|rocketmq-(?:broker|namesrv|proxy|controller|container)|zookeeper)-(\d[^/]*?)\.jar$/;

/** @param jars paths of jar files, including those in class path folders */
export function versionIn(jars: readonly string[], mainClass: string | undefined): string | undefined {
  const isZooKeeper = mainClass?.includes('zookeeper') === true;
  return jars
    .filter((jar) => /\/zookeeper-\d/.test(jar) === isZooKeeper)
    .map((jar) => artefacts.exec(jar)?.[1])
    .find((version) => version !== undefined && !/^\d[\d.]*-(?:sources|test)/.test(version));
}

/** Returns the entries of the class path from -cp, otherwise from the environment variable CLASSPATH. */
export function classPathOf({ args }: CommandLine, environment: string): string[] {
  const at = args.findIndex((word) => word === '-cp' || word === '-classpath' || word === '--class-path');
  return listOf(at < 0 ? variableIn(environment, 'CLASSPATH') : args[at + 1], ':');
}

/** @param environment text of /proc/PID/environ: NAME=VALUE, each terminated by NUL */
export const variableIn = (environment: string, name: string): string | undefined =>
  environment
    .split('\0')
    .find((each) => each.startsWith(`${name}=`))
    ?.slice(name.length + 1);
