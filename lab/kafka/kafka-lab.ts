// Starts a Kafka lab: ZooKeeper or formatted folders first, then brokers, until all know each other.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parse } from 'yaml';
import { clusterIdLine } from '../../brokers/cluster-id.ts';
import {
  type Jvm,
  type JvmSetting,
  nodeFolder,
  prepareJvm,
  runJvmTool,
  startJvm,
  waitUntilReady,
} from '../broker-jvm.ts';
import { generatorHost, type Crew, type LabIo, type PlannedLab } from '../planned-lab.ts';
import { namespaceOf } from '../shaped-network.ts';
import { fetchJmxAgent, javaAgentOption, type JmxAgent, jmxRules, jmxRulesFile, jmxUrl } from './jmx-agent.ts';
import {
  accessLines,
  type KafkaAccess,
  listenerProperties,
  makeAccess,
  scramUser,
  type ScramUser,
} from './listener.ts';
import { type KafkaLabRequest, type KafkaNode, type KafkaPlan, planKafkaNodes } from './plan.ts';
import type { KafkaRelease } from './release.ts';
import { renderServerProperties, renderZooKeeperProperties, type ZooKeeperNode } from './server-properties.ts';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import type { Cluster } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/clock.ts';
import { answerInside, askInside, untilNothingLacks, type AskIo } from '../ask-inside.ts';

const settingsFile = 'node.properties';

/** Created at the start of a lab: credentials, and the agent of its JVMs. */
interface Outfit {
  access?: KafkaAccess;
  agent?: JmxAgent;
  /** Id that brokers report once they are up. */
  clusterId?: string;
}

export async function planKafkaLab(request: KafkaLabRequest, release: KafkaRelease): Promise<PlannedLab> {
  const plan = await planKafkaNodes(request, release);
  const { state, network, nodes, zooKeeper } = plan;
  const { jmx } = request;
  const outfit: Outfit = {};
  return {
    state,
    ...(network && { network }),
    async bringUp(crew, io) {
      Object.assign(outfit, await fitOut(plan, request, crew, io));
      const clusterId = await bringUp({ plan, release, request, outfit }, crew, io);
      if (clusterId !== undefined) outfit.clusterId = clusterId;
    },
    clusterLines: () => [
      'broker: kafka',
      `bootstrap: [${state.brokers.map(({ address }) => `"${address}"`).join(', ')}]`,
      ...(outfit.clusterId === undefined ? [] : [clusterIdLine(outfit.clusterId)]),
      ...(zooKeeper ? [`zookeeper: ["${zooKeeper.host}:${zooKeeper.port}"]`] : []),
      ...(outfit.access ? accessLines(outfit.access) : []),
      ...(jmx ? ['jmx:', ...nodes.map(({ id, host, jmxPort }) => `  "${id}": ${jmxUrl(jmx, host, jmxPort)}`)] : []),
    ],
  };
}

async function fitOut(
  { nodes }: KafkaPlan,
  { listener, jmx, cache }: KafkaLabRequest,
  { setting }: Crew,
  io: LabIo,
): Promise<Outfit> {
  const hosts = nodes.map(({ host }) => host);
  return {
    ...(listener && { access: await makeAccess(listener, setting.directory, hosts, io) }),
    ...(jmx && { agent: await fetchJmxAgent(jmx, cache, io) }),
  };
}

interface KafkaLab {
  plan: KafkaPlan;
  release: KafkaRelease;
  request: KafkaLabRequest;
  outfit: Outfit;
}

async function bringUp(lab: KafkaLab, { setting, record }: Crew, io: LabIo): Promise<string | undefined> {
  const { plan, release, outfit } = lab;
  const { nodes, network, zooKeeper } = plan;
  const brokers = nodes.map((node) => brokerJvm(lab, node, setting));
  for (const broker of brokers) prepareJvm(setting, broker);

  io.progress(`starting ${nodes.length === 1 ? 'one broker' : `${nodes.length} brokers`}, Kafka ${release.version}`);
  const user = scramUser(outfit.access);
  if (zooKeeper) {
    const jvm = zooKeeperJvm(plan, release, zooKeeper, setting);
    prepareJvm(setting, jvm);
    const process = record(startJvm(setting, jvm));
    if (user !== undefined) {
      await waitUntilReady(process, jvm.readyLine, io);
      await addScramUser(setting, jvm, { zooKeeper, user, signal: io.signal });
    }
  } else {
    const clusterId = newClusterId();
    await Promise.all(brokers.map((broker) => formatStorage(setting, broker, { clusterId, user, signal: io.signal })));
  }
  io.signal.throwIfAborted();
  const started = brokers.map((broker) => ({ process: record(startJvm(setting, broker)), broker }));
  await Promise.all(started.map(({ process, broker }) => waitUntilReady(process, broker.readyLine, io)));
  const addresses = plan.state.brokers.map(({ address }) => address);
  const access = outfit.access ? (parse(accessLines(outfit.access).join('\n')) as Record<string, unknown>) : {};
  return await waitUntilJoined({ addresses, access }, io, namespaceOf(network, generatorHost));
}

function brokerJvm({ plan, release, request, outfit }: KafkaLab, node: KafkaNode, { directory }: JvmSetting): Jvm {
  const { nodes, zooKeeper, network } = plan;
  const { access, agent } = outfit;
  const folder = nodeFolder(directory, node.name);
  const namespace = namespaceOf(network, node.name);
  const cluster = { brokers: nodes, ...(zooKeeper && { zooKeeper }) };
  const secured = access ? listenerProperties(access, `${node.host}:${node.clientPort}`) : {};
  return {
    name: node.name,
    role: 'broker',
    files: {
      [settingsFile]: renderServerProperties(release, node, cluster, secured, request.properties ?? {}),
      [loggingFile]: loggingProperties[release.logging],
      ...(agent?.name === 'prometheus' && { [jmxRulesFile]: jmxRules }),
    },
    javaOptions: [loggingOption(release, folder)],
    serverOptions: [...(agent ? [javaAgentOption(agent, node.host, node.jmxPort)] : []), ...(request.jvmOptions ?? [])],
    mainClass: 'kafka.Kafka',
    args: [join(folder, settingsFile)],
    // KRaft brokers log it after registering and being unfenced, ZooKeeper brokers after registering.
    readyLine: /Kafka Server started|\[KafkaServer id=\d+\] started/,
    ...(namespace !== undefined && { namespace }),
  };
}

function zooKeeperJvm(
  { network }: KafkaPlan,
  release: KafkaRelease,
  zooKeeper: ZooKeeperNode,
  { directory }: JvmSetting,
): Jvm {
  const name = 'zookeeper';
  const folder = nodeFolder(directory, name);
  const namespace = namespaceOf(network, 'broker-1');
  return {
    name,
    role: 'zookeeper',
    files: {
      [settingsFile]: renderZooKeeperProperties(zooKeeper),
      [loggingFile]: loggingProperties[release.logging],
    },
    javaOptions: [loggingOption(release, folder)],
    mainClass: 'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    args: [join(folder, settingsFile)],
    readyLine: /binding to port/,
    ...(namespace !== undefined && { namespace }),
  };
}

/** Formats storage, because KRaft brokers only start on a formatted folder. */
function formatStorage(
  setting: JvmSetting,
  jvm: Jvm,
  { clusterId, user, signal }: { clusterId: string; user: ScramUser | undefined; signal: AbortSignal },
): Promise<void> {
  const users = user ? ['--add-scram', `${user.mechanism}=[name=${user.name},password=${user.password}]`] : [];
  return runJvmTool(setting, jvm, {
    attempt: 'format its storage',
    args: ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', ...jvm.args, ...users],
    signal,
  });
}

/** Adds the user to ZooKeeper, which stores users before KRaft. */
function addScramUser(
  setting: JvmSetting,
  jvm: Jvm,
  { zooKeeper, user, signal }: { zooKeeper: ZooKeeperNode; user: ScramUser; signal: AbortSignal },
): Promise<void> {
  const { name, mechanism, password } = user;
  const at = ['--zookeeper', `${zooKeeper.host}:${zooKeeper.port}`, '--entity-type', 'users', '--entity-name', name];
  return runJvmTool(setting, jvm, {
    attempt: 'take a user',
    args: ['kafka.admin.ConfigCommand', ...at, '--alter', '--add-config', `${mechanism}=[password=${password}]`],
    signal,
  });
}

/** 16 random bytes in base64url, like Kafka's Uuid; never begins with a hyphen like an option. */
function newClusterId(): string {
  const random = randomBytes(16);
  random[0] = (random[0] ?? 0) & 0x7f;
  return random.toString('base64url');
}

/** Configures the logging of Kafka brokers in the lab: standard output, from INFO. */
export const loggingFile = 'logging.properties';

export const loggingOption = ({ logging }: KafkaRelease, folder: string) =>
  logging === 'log4j2'
    ? `-Dlog4j2.configurationFile=${join(folder, loggingFile)}`
    : `-Dlog4j.configuration=file:${join(folder, loggingFile)}`;

export const loggingProperties = {
  log4j2: `rootLogger.level=info
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=[%d] %p %m (%c)%n
`,
  log4j1: `log4j.rootLogger=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=[%d] %p %m (%c)%n
`,
} as const;

/** Three nodes on two busy cores knew each other within 2 s of the last start. */
const patience = seconds(60);
const pause = seconds(0.1);

interface Expected {
  /** Client addresses. */
  addresses: readonly string[];
  /** `tls` and `sasl` of the matching config; secrets are references. */
  access: Readonly<Record<string, unknown>>;
}

/**
 * @param namespace namespace in which the addresses are reachable; absent: the current one
 * @returns the id of the cluster.
 * @throws AppError lab-failed
 */
export async function waitUntilJoined(expected: Expected, io: AskIo, namespace?: string): Promise<string | undefined> {
  if (namespace === undefined) return askAll(expected, io);
  return (await askInside(namespace, import.meta.url, expected, io)).trim() || undefined;
}

async function askAll({ addresses, access }: Expected, io: AskIo): Promise<string | undefined> {
  let clusterId: string | undefined;
  await untilNothingLacks(addresses, { patience, pause }, io, async (address) => {
    const cluster = await clusterAt(address, access, io.signal);
    const known = cluster?.brokers.length ?? 0;
    clusterId = cluster?.clusterId;
    if (known === addresses.length) return undefined;
    return `broker ${address} knows ${known} of ${addresses.length} brokers after ${patience} s`;
  });
  return clusterId;
}

/** @returns undefined while the broker does not respond */
async function clusterAt(
  address: string,
  access: Expected['access'],
  signal: AbortSignal,
): Promise<Cluster | undefined> {
  const cluster = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [address], ...access });
  try {
    await using inspector = await kafkaDriver.inspect('lab', cluster, { signal });
    return await inspector.describe({ signal });
  } catch (error) {
    // The first handshake of a JVM takes seconds if other programs use the cores.
    if (error instanceof AppError && error.code === 'broker-unreachable') return undefined;
    throw error;
  }
}

if (import.meta.main) await answerInside(async (asked, io) => (await askAll(asked as Expected, io)) ?? '');
