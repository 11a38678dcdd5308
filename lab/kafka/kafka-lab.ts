// How does a Kafka lab come up? ZooKeeper or formatted folders first, then the brokers, until each knows all others.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  nodeFolder,
  prepareJvm,
  runJvmTool,
  startJvm,
  waitUntilReady,
  type Jvm,
  type JvmSetting,
} from '../broker-jvm.ts';
import { generatorHost } from '../lab-config.ts';
import type { Crew, LabIo, PlannedLab } from '../planned-lab.ts';
import { namespaceOf } from '../shaped-network.ts';
import { loggingFile, loggingOption, loggingProperties } from './logging.ts';
import { waitUntilJoined } from './membership.ts';
import { planKafkaNodes, type KafkaLabRequest, type KafkaPlan } from './plan.ts';
import type { KafkaRelease } from './release.ts';
import {
  renderServerProperties,
  renderZooKeeperProperties,
  type BrokerNode,
  type ZooKeeperNode,
} from './server-properties.ts';

const settingsFile = 'node.properties';

export async function planKafkaLab(request: KafkaLabRequest, release: KafkaRelease): Promise<PlannedLab> {
  const plan = await planKafkaNodes(request, release);
  const { state, network } = plan;
  return {
    state,
    ...(network && { network }),
    bringUp: (crew, io) => bringUp(plan, release, request, crew, io),
    clusterLines: () => [
      'broker: kafka',
      `bootstrap: [${state.brokers.map(({ address }) => `"${address}"`).join(', ')}]`,
    ],
  };
}

async function bringUp(
  plan: KafkaPlan,
  release: KafkaRelease,
  { properties }: KafkaLabRequest,
  { setting, record }: Crew,
  io: LabIo,
): Promise<void> {
  const { state, nodes, network, zooKeeper } = plan;
  const brokers = nodes.map((node) => brokerJvm(plan, release, node, setting, properties));
  for (const broker of brokers) prepareJvm(setting, broker);

  io.progress(`starting ${nodes.length === 1 ? 'one broker' : `${nodes.length} brokers`}, Kafka ${release.version}`);
  if (zooKeeper) {
    const jvm = zooKeeperJvm(plan, release, zooKeeper, setting);
    prepareJvm(setting, jvm);
    record(startJvm(setting, jvm));
  } else {
    const clusterId = newClusterId();
    await Promise.all(brokers.map((broker) => formatStorage(setting, broker, clusterId, io.signal)));
  }
  io.signal.throwIfAborted();
  const started = brokers.map((broker) => ({ process: record(startJvm(setting, broker)), broker }));
  await Promise.all(started.map(({ process, broker }) => waitUntilReady(process, broker.readyLine, io)));
  const addresses = state.brokers.map(({ address }) => address);
  await waitUntilJoined(addresses, io, namespaceOf(network, generatorHost));
}

function brokerJvm(
  { nodes, zooKeeper, network }: KafkaPlan,
  release: KafkaRelease,
  node: BrokerNode,
  { directory }: JvmSetting,
  properties: KafkaLabRequest['properties'],
): Jvm {
  const folder = nodeFolder(directory, node.name);
  const namespace = namespaceOf(network, node.name);
  return {
    name: node.name,
    role: 'broker',
    files: {
      [settingsFile]: renderServerProperties(
        release,
        node,
        { brokers: nodes, ...(zooKeeper && { zooKeeper }) },
        properties,
      ),
      [loggingFile]: loggingProperties[release.logging],
    },
    javaOptions: [loggingOption(release, folder)],
    mainClass: 'kafka.Kafka',
    words: [join(folder, settingsFile)],
    // KRaft brokers say it once they are registered and unfenced, ZooKeeper ones once they are registered.
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
    words: [join(folder, settingsFile)],
    readyLine: /binding to port/,
    ...(namespace !== undefined && { namespace }),
  };
}

/** Kafka in KRaft mode starts on a formatted folder only. */
function formatStorage(setting: JvmSetting, jvm: Jvm, clusterId: string, signal: AbortSignal): Promise<void> {
  return runJvmTool(setting, jvm, {
    attempt: 'format its storage',
    words: ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', ...jvm.words],
    signal,
  });
}

/** 16 random bytes, base64url, as Kafka's Uuid; never one that begins like an option. */
function newClusterId(): string {
  const random = randomBytes(16);
  random[0] = (random[0] ?? 0) & 0x7f;
  return random.toString('base64url');
}
