// Starts a RocketMQ lab: name servers, brokers and proxy, until all brokers are registered.

import { join } from 'node:path';
import { type Jvm, type JvmSetting, nodeFolder, prepareJvm, startJvm, waitUntilReady } from '../broker-jvm.ts';
import { clusterIdLine, clusterIdOf } from '../../brokers/cluster-id.ts';
import { openedPackages } from '../../brokers/rocketmq/java-options.ts';
import { generatorHost, sharedHost, type Crew, type LabIo, type PlannedLab } from '../planned-lab.ts';
import type { LabState } from '../lab-state.ts';
import { namespaceOf } from '../shaped-network.ts';
import { planRocketmqNodes, type RocketmqLabRequest, type RocketmqPlan } from './plan.ts';
import type { RocketmqRelease } from './release.ts';
import {
  addressesOf,
  clusterName,
  type NameServerNode,
  renderBroker,
  renderNameServer,
  renderProxy,
  type RocketmqNode,
} from './settings.ts';
import {
  brokerAccess,
  makeRocketmqAccess,
  proxyAccess,
  type RocketmqAccess,
  rocketmqAccessLines,
  rocketmqProxyLines,
  tlsOptions,
} from './access.ts';
import { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import type { RemotingClient } from '../../brokers/rocketmq/protocol/frame.ts';
import { encodeGetClusterInfo, parseGetClusterInfo } from '../../brokers/rocketmq/protocol/name-server-requests.ts';
import { createRemotingClient } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import { rocketmq } from '../../core/broker-kind/rocketmq.ts';
import { seconds } from '../../core/clock.ts';
import { answerInside, askInside, untilNothingLacks, type AskIo } from '../ask-inside.ts';

export async function planRocketmqLab(request: RocketmqLabRequest, release: RocketmqRelease): Promise<PlannedLab> {
  const plan = await planRocketmqNodes(request, release);
  const { state, network, mode, nameServers, brokers } = plan;
  const quoted = (addresses: readonly string[]) => `[${addresses.map((address) => `"${address}"`).join(', ')}]`;
  let access: RocketmqAccess = {};
  return {
    state,
    ...(network && { network }),
    async bringUp(crew, io) {
      const { acl = false, tls = false, properties = {}, jvmOptions = [] } = request;
      const hosts = [...nameServers, ...brokers, ...(plan.proxy ? [plan.proxy] : [])].map(({ host }) => host);
      access = await makeRocketmqAccess({ acl, tls }, crew.setting.directory, hosts, io);
      await bringUp({ plan, access, properties, jvmOptions }, crew, io);
    },
    clusterLines: () => [
      'broker: rocketmq',
      `namesrv: ${quoted(addressesOf(nameServers))}`,
      ...labClusterId(state.brokers, request.properties),
      ...(mode === 'controller'
        ? [`controllers: ${quoted(nameServers.map(({ host, controllerPort }) => `${host}:${controllerPort}`))}`]
        : []),
      ...rocketmqAccessLines(access),
      ...(plan.proxy
        ? rocketmqProxyLines(`${plan.proxy.host}:${plan.proxy.grpcPort}`, network ? 'proxy' : sharedHost, access)
        : []),
    ],
  };
}

function labClusterId(brokers: LabState['brokers'], properties: RocketmqLabRequest['properties']): string[] {
  const name = properties?.['brokerClusterName'] ?? clusterName;
  const id = clusterIdOf({ name: 'lab', kind: 'rocketmq', clusterId: name, brokers });
  return id === undefined ? [] : [clusterIdLine(id)];
}

interface RocketmqLab {
  plan: RocketmqPlan;
  access: RocketmqAccess;
  properties: Readonly<Record<string, string>>;
  jvmOptions: readonly string[];
}

async function bringUp(lab: RocketmqLab, { setting, record }: Crew, io: LabIo): Promise<void> {
  const { state, release, brokers, nameServers, network } = lab.plan;
  const waves = [
    nameServers.map((node) => nameServerJvm(lab, node, setting)),
    brokers.map((node) => brokerJvm(lab, node, setting)),
  ];
  const proxies = proxyJvms(lab, setting);
  const jvms = [...waves.flat(), ...proxies];
  for (const jvm of jvms) prepareJvm(setting, jvm);
  io.progress(`starting ${jvms.map(({ name }) => name).join(', ')}, RocketMQ ${release.version}`);
  const start = async (wave: readonly Jvm[]) => {
    io.signal.throwIfAborted();
    const started = wave.map((jvm) => ({ process: record(startJvm(setting, jvm)), jvm }));
    await Promise.all(started.map(({ process, jvm }) => waitUntilReady(process, jvm.readyLine, io)));
  };
  for (const wave of waves) await start(wave);
  const ca = lab.access.certificates?.ca;
  const namespace = namespaceOf(network, generatorHost);
  const ids = await waitUntilRegistered(
    { nameServers: addressesOf(nameServers), brokers: addressesOf(brokers), ...(ca !== undefined && { ca }) },
    io,
    namespace,
  );
  state.brokers = state.brokers.map((broker) => ({ ...broker, id: ids.get(broker.address) ?? broker.id }));
  // A proxy creates a topic at its start, and exits if no broker is registered yet.
  await start(proxies);
}

function nameServerJvm(lab: RocketmqLab, node: NameServerNode, setting: JvmSetting): Jvm {
  return rocketmqJvm(lab, setting, {
    name: node.name,
    role: 'name-server',
    files: { 'node.conf': renderNameServer(lab.plan, node) },
    mainClass: 'org.apache.rocketmq.namesrv.NamesrvStartup',
    args: ['-c', 'node.conf'],
    readyLine: /The Name Server boot success/,
  });
}

function brokerJvm(lab: RocketmqLab, node: RocketmqNode, setting: JvmSetting): Jvm {
  const { plan, access, properties, jvmOptions } = lab;
  const checked = brokerAccess(access, plan.release);
  return rocketmqJvm(lab, setting, {
    name: node.name,
    role: 'broker',
    files: { 'node.conf': renderBroker(plan, node, checked.properties, properties), ...checked.files },
    mainClass: 'org.apache.rocketmq.broker.BrokerStartup',
    serverOptions: jvmOptions,
    args: ['-c', 'node.conf'],
    readyLine: /The broker\[.*\] boot success/,
  });
}

function proxyJvms(lab: RocketmqLab, setting: JvmSetting): Jvm[] {
  const { proxy, nameServers } = lab.plan;
  if (proxy === undefined) return [];
  return [
    rocketmqJvm(lab, setting, {
      name: 'proxy',
      role: 'proxy',
      files: { 'proxy.json': renderProxy(proxy, nameServers, proxyAccess(lab.access)) },
      mainClass: 'org.apache.rocketmq.proxy.ProxyStartup',
      args: ['-pc', 'proxy.json'],
      readyLine: /rocketmq-proxy startup successfully/,
    }),
  ];
}

/** 4.9 finds its log settings in its home by these names. */
const loggingFiles = ['logback_namesrv.xml', 'logback_broker.xml'];

function rocketmqJvm(
  { plan, access }: RocketmqLab,
  { directory }: JvmSetting,
  jvm: Omit<Jvm, 'javaOptions' | 'namespace'>,
): Jvm {
  const folder = nodeFolder(directory, jvm.name);
  const namespace = namespaceOf(plan.network, jvm.name);
  return {
    ...jvm,
    files: { ...jvm.files, ...Object.fromEntries(loggingFiles.map((file) => [join('conf', file), loggingXml])) },
    javaOptions: [
      '-XX:MaxDirectMemorySize=256m',
      ...openedPackages,
      // Otherwise it writes to the user's home.
      `-Duser.home=${folder}`,
      `-Drocketmq.home.dir=${folder}`,
      ...tlsOptions(access),
      `-Drmq.logback.configurationFile=${join(folder, 'conf', 'logback_broker.xml')}`,
    ],
    ...(namespace !== undefined && { namespace }),
  };
}

const quiet = ['RocketmqWaterMark', 'RocketmqProtection', 'RocketmqStats', 'RocketmqCommercial', 'RocketmqTraffic'];

/**
 * Logback configuration; 4.9 finds it by name in its home, 5.x (with logback inside, renamed) by the path in a
 * property.
 */
export const loggingXml = `<configuration>
  <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>[%d] %p %m \\(%logger\\)%n</pattern></encoder>
  </appender>
${quiet.map((name) => `  <logger name="${name}" level="off"/>\n`).join('')}  <root level="info"><appender-ref ref="console"/></root>
</configuration>
`;

/** An election of three members took 11 s on two dedicated cores. */
const patience = seconds(180);
const pause = seconds(0.2);

/** Ids such as `broker-a:0`, by address. */
type RegisteredIds = ReadonlyMap<string, string>;

interface Expected {
  nameServers: readonly string[];
  brokers: readonly string[];
  /** File of the authority, if name servers use TLS. */
  ca?: string;
}

/**
 * @param namespace namespace in which the name servers are reachable; absent: the current one
 * @returns the id of each broker by its address.
 * @throws AppError lab-failed
 */
export async function waitUntilRegistered(expected: Expected, io: AskIo, namespace?: string): Promise<RegisteredIds> {
  if (namespace === undefined) return askAll(expected, io);
  return new Map(JSON.parse(await askInside(namespace, import.meta.url, expected, io)) as [string, string][]);
}

async function askAll({ nameServers, brokers, ca }: Expected, io: AskIo): Promise<RegisteredIds> {
  const { clock, signal } = io;
  const config = RocketmqClusterConfig.parse({
    broker: 'rocketmq',
    namesrv: nameServers,
    ...(ca !== undefined && { tls: { ca } }),
  });
  await using client = createRemotingClient({ name: 'lab', config, clock });
  let registered: RegisteredIds = new Map();
  await untilNothingLacks(nameServers, { patience, pause }, io, async (nameServer) => {
    registered = await idsKnownTo(client, nameServer, signal);
    if (isWhole(registered, brokers)) return undefined;
    const known = [...registered].map(([address, id]) => `${id} at ${address}`).join(', ') || 'none';
    return `after ${patience} s name server ${nameServer} knows these of ${brokers.length} brokers: ${known}`;
  });
  return registered;
}

/** True if all brokers are registered, and every broker name has its master. */
function isWhole(registered: RegisteredIds, brokers: readonly string[]): boolean {
  const ids = brokers.map((address) => registered.get(address));
  const names = ids.map((id) => id && rocketmq.brokerId.group(id));
  return !ids.includes(undefined) && names.every((name) => ids.includes(`${name}:0`));
}

async function idsKnownTo(client: RemotingClient, nameServer: string, signal: AbortSignal): Promise<RegisteredIds> {
  const answer = await client.ask(nameServer, encodeGetClusterInfo(), { signal });
  return new Map(
    parseGetClusterInfo(answer).flatMap(({ brokerName, addresses }) =>
      [...addresses].map(([id, address]) => [address, `${brokerName}:${id}`] as const),
    ),
  );
}

if (import.meta.main) {
  await answerInside(async (asked, io) => JSON.stringify([...(await askAll(asked as Expected, io))]));
}
