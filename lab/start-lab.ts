// How does a Kafka lab come up? Prerequisites, jars, network, nodes, readiness; and nothing stays when one of them fails.

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { brokerJars } from './broker-jars.ts';
import { formatStorage, prepareJvm, startJvm, waitUntilReady, type Jvm, type JvmSetting } from './broker-jvm.ts';
import { fileFault, requireRoom } from './file-fault.ts';
import { kafkaRelease, type KafkaRelease } from './kafka-release.ts';
import { generatorHost, renderLabConfig } from './lab-config.ts';
import { claimLabState, readLabState, writeLabState, type LabProcess, type LabState } from './lab-state.ts';
import { waitUntilJoined } from './membership.ts';
import { planLab, type LabPlan, type LabRequest } from './plan-lab.ts';
import { findJava, requireNamespaces } from './prerequisites.ts';
import { renderServerProperties, renderZooKeeperProperties } from './server-properties.ts';
import { holdNamespace, makeNetwork, waitUntilHeld } from './shaped-network.ts';
import { isRunning } from './started-process.ts';
import { configPath, dismantle, isStarting } from './stop-lab.ts';

export interface LabIo {
  signal: AbortSignal;
  clock: Clock;
  environment: NodeJS.ProcessEnv;
  progress(line: string): void;
}

export interface Lab {
  version: string;
  configPath: string;
  brokers: readonly { id: string; address: string; pid: number }[];
  nic?: { bitsPerSecond: number; source: string };
}

/** @throws AppError usage, prerequisite-missing, no-permission, no-space, lab-running, lab-failed, aborted */
export async function startLab(request: LabRequest, io: LabIo): Promise<Lab> {
  try {
    return await start(request, io);
  } catch (error) {
    throw fileFault(error);
  }
}

async function start(request: LabRequest, io: LabIo): Promise<Lab> {
  const directory = resolve(request.directory);
  const release = kafkaRelease(request.version);
  if (request.nic !== undefined) requireNamespaces(io.environment);
  const java = await findJava(io);
  const jars = await brokerJars(release, request.cache, io);
  const plan = await planLab(request, release, directory);
  await claim(directory, plan.state, io);
  try {
    requireRoom(directory);
    await bringUp(plan, { labId: plan.state.id, java, jars, release, directory }, request, io);
    return finish(plan, release, directory);
  } catch (error) {
    const failed = error instanceof AppError && error.code === 'lab-failed';
    // The clean-up runs to its end even when the signal that ended the start is aborted.
    await dismantle(
      directory,
      plan.state,
      { clock: io.clock, signal: new AbortController().signal },
      { keepLogs: failed },
    );
    if (io.signal.aborted)
      throw new AppError('aborted', 'lab up was interrupted', { cause: error, hint: 'nothing of it runs any more' });
    throw error;
  }
}

/** What a crash left behind is taken away first; a lab of which anything runs is not touched. */
async function claim(directory: string, state: LabState, io: LabIo): Promise<void> {
  const before = readLabState(directory);
  if (before !== undefined && !isStarting(before) && !before.processes.some(isRunning))
    await dismantle(directory, before, io);
  if (claimLabState(directory, state)) return;
  throw new AppError('lab-running', `a lab runs already, or is being started, in ${directory}`);
}

async function bringUp(plan: LabPlan, setting: JvmSetting, { properties }: LabRequest, io: LabIo): Promise<void> {
  const { state, nodes, network, zooKeeper } = plan;
  const { release, directory } = setting;
  const record = (process: LabProcess) => {
    state.processes.push(process);
    writeLabState(directory, state);
    return process;
  };

  if (network) {
    await makeNetwork(network, io.signal);
    for (const host of network.hosts)
      await waitUntilHeld(record(holdNamespace(host, { labId: state.id, cwd: directory })), io);
  }
  const namespaceOf = (name: string) => {
    const namespace = network?.hosts.find((host) => host.name === name)?.namespace;
    return namespace === undefined ? {} : { namespace };
  };
  const brokers = nodes.map((node): Jvm => ({
    name: node.name,
    role: 'broker',
    mainClass: 'kafka.Kafka',
    properties: renderServerProperties(release, node, { brokers: nodes, ...(zooKeeper && { zooKeeper }) }, properties),
    ...namespaceOf(node.name),
  }));
  for (const broker of brokers) prepareJvm(setting, broker);

  io.progress(`starting ${nodes.length === 1 ? 'one broker' : `${nodes.length} brokers`}, Kafka ${release.version}`);
  if (zooKeeper) {
    const jvm: Jvm = {
      name: 'zookeeper',
      role: 'zookeeper',
      mainClass: 'org.apache.zookeeper.server.quorum.QuorumPeerMain',
      properties: renderZooKeeperProperties(zooKeeper),
      ...namespaceOf('broker-1'),
    };
    prepareJvm(setting, jvm);
    record(startJvm(setting, jvm));
  } else {
    const clusterId = newClusterId();
    await Promise.all(brokers.map((broker) => formatStorage(setting, broker, clusterId, io.signal)));
  }
  io.signal.throwIfAborted();
  const started = brokers.map((broker) => record(startJvm(setting, broker)));
  await Promise.all(started.map((broker) => waitUntilReady(broker, io)));
  const addresses = state.brokers.map(({ address }) => address);
  await waitUntilJoined(addresses, io, network?.hosts.find(({ name }) => name === generatorHost)?.namespace);
}

function finish({ state, network }: LabPlan, { version }: KafkaRelease, directory: string): Lab {
  const pidOf = (name: string, role: LabProcess['role']) =>
    state.processes.find((process) => process.name === name && process.role === role)?.pid ?? 0;
  const config = renderLabConfig({
    version,
    brokers: state.brokers,
    ...(network && {
      shaped: {
        bitsPerSecond: network.bitsPerSecond,
        generatorNamespace: network.hosts.find(({ name }) => name === generatorHost)?.namespace ?? '',
        hosts: network.hosts.map(({ name }) => ({ name, holderPid: pidOf(name, 'namespace-holder') })),
      },
    }),
  });
  writeFileSync(configPath(directory), config);
  delete state.starter;
  writeLabState(directory, state);
  return {
    version,
    configPath: configPath(directory),
    brokers: state.brokers.map(({ id, name, address }) => ({ id, address, pid: pidOf(name, 'broker') })),
    ...(state.nic && { nic: state.nic }),
  };
}

/** 16 random bytes, base64url, as Kafka's Uuid; never one that begins like an option. */
function newClusterId(): string {
  const random = randomBytes(16);
  random[0] = (random[0] ?? 0) & 0x7f;
  return random.toString('base64url');
}
