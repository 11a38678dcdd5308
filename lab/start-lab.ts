// Starts a lab: prerequisites, jars, network, nodes, readiness; cleans up if a step fails.

import { statfsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { traitsOf } from '../core/broker-kind/registry.ts';
import type { BrokerKind } from '../core/cluster.ts';
import { AppError, type FaultCode, fileFaultCodes } from '../core/errors.ts';
import { brokerJars } from './broker-jars.ts';
import { gcLogPath } from './broker-jvm.ts';
import { planKafkaLab } from './kafka/kafka-lab.ts';
import { requireListener } from './kafka/listener.ts';
import type { KafkaLabRequest } from './kafka/plan.ts';
import { kafkaRelease } from './kafka/release.ts';
import { generatorHost, renderLabConfig, type LabIo, type PlannedLab } from './planned-lab.ts';
import { claimLabState, type LabProcess, labRunning, type LabState, readLabState, writeLabState } from './lab-state.ts';
import { findJava, requireNamespaces } from './prerequisites.ts';
import type { Release } from './release.ts';
import { requireMode } from './rocketmq/mode.ts';
import type { RocketmqLabRequest } from './rocketmq/plan.ts';
import { rocketmqRelease } from './rocketmq/release.ts';
import { planRocketmqLab } from './rocketmq/rocketmq-lab.ts';
import {
  holdNamespace,
  makeNetwork,
  namespaceOf,
  namespacesOf,
  type ShapedNetwork,
  waitUntilHeld,
} from './shaped-network.ts';
import { isRunning } from '../core/started-process.ts';
import { configPath, dismantle, isStarting } from './stop-lab.ts';
import { tbfSource } from './tbf.ts';

export type LabRequest = KafkaLabRequest | RocketmqLabRequest;

export interface Lab extends Pick<LabState, 'product' | 'version' | 'nameServers' | 'proxy' | 'nic'> {
  configPath: string;
  brokers: readonly { id: string; address: string; pid: number }[];
  /** Folder of the broker's jars, which also contain its tools. */
  jars: string;
}

/** @throws AppError usage, prerequisite-missing, no-permission, no-space, lab-running, lab-failed, aborted */
export async function startLab(request: LabRequest, io: LabIo): Promise<Lab> {
  try {
    return await start({ ...request, directory: resolve(request.directory) }, io);
  } catch (error) {
    throw fileFault(error);
  }
}

async function start(request: LabRequest, io: LabIo): Promise<Lab> {
  const { directory, nic } = request;
  const { release, planLab } = choose(request);
  if (nic !== undefined) requireNamespaces(io.environment);
  const java = await findJava(io);
  const jars = await brokerJars(release, request.cache, io);
  const plan = await planLab();
  const { state, network } = plan;
  if (network) {
    state.namespaces = namespacesOf(network);
    state.nic = { bitsPerSecond: network.bitsPerSecond, source: tbfSource };
  }
  await claim(directory, state, io);
  try {
    requireRoom(directory);
    const record = (process: LabProcess) => {
      state.processes.push(process);
      writeLabState(directory, state);
      return process;
    };
    if (network) await bringUpNetwork(network, { labId: state.id, directory, record }, io);
    await plan.bringUp({ setting: { labId: state.id, java, jars, directory }, record }, io);
    return finish(plan, directory, jars);
  } catch (error) {
    const failed = error instanceof AppError && error.code === 'lab-failed';
    // Run the cleanup to its end even if the signal of the start is aborted.
    await dismantle(directory, state, { clock: io.clock, signal: new AbortController().signal }, { keepLogs: failed });
    if (io.signal.aborted)
      throw new AppError('aborted', 'lab up was interrupted', { cause: error, hint: 'all its processes are stopped' });
    throw error;
  }
}

interface ChosenLab {
  release: Release;
  planLab(): Promise<PlannedLab>;
}

const labs: { [Kind in BrokerKind]: (request: Extract<LabRequest, { product: Kind }>) => ChosenLab } = {
  kafka(request) {
    const release = kafkaRelease(request.version);
    if (request.listener !== undefined) requireListener(request.listener, release);
    return { release, planLab: () => planKafkaLab(request, release) };
  },
  rocketmq(request) {
    const release = rocketmqRelease(request.version);
    requireMode(request, release);
    return { release, planLab: () => planRocketmqLab(request, release) };
  },
};

/** @throws AppError usage for options that a version does not support, before anything is fetched */
const choose = (request: LabRequest): ChosenLab =>
  // The compiler does not infer that key and request match.
  (labs[request.product] as (request: LabRequest) => ChosenLab)(request);

/** Removes the remains of a crash first; does not touch a lab with a running process. */
async function claim(directory: string, state: LabState, io: LabIo): Promise<void> {
  const before = readLabState(directory);
  if (before !== undefined && !isStarting(before) && !before.processes.some(isRunning))
    await dismantle(directory, before, io);
  if (claimLabState(directory, state)) return;
  throw labRunning(directory);
}

async function bringUpNetwork(
  network: ShapedNetwork,
  { labId, directory, record }: { labId: string; directory: string; record(process: LabProcess): LabProcess },
  io: LabIo,
): Promise<void> {
  await makeNetwork(network, io.signal);
  for (const host of network.hosts) await waitUntilHeld(record(holdNamespace(host, { labId, cwd: directory })), io);
}

function finish({ state, network, clusterLines }: PlannedLab, directory: string, jars: string): Lab {
  const pidOf = (name: string, role: LabProcess['role']) =>
    state.processes.find((process) => process.name === name && process.role === role)?.pid ?? 0;
  const { product, version, brokers, nameServers, proxy, nic } = state;
  const config = renderLabConfig({
    title: `${traitsOf(product).displayName} ${version}`,
    clusterLines: clusterLines(),
    brokers,
    ...(network && {
      shaped: {
        bitsPerSecond: network.bitsPerSecond,
        generatorNamespace: namespaceOf(network, generatorHost) ?? '',
        hosts: network.hosts.map(({ name }) => ({
          name,
          holderPid: pidOf(name, 'namespace-holder'),
          ...(brokers.some((broker) => broker.name === name) && { gcLog: gcLogPath(directory, name) }),
        })),
      },
    }),
  });
  writeFileSync(configPath(directory), config);
  delete state.starter;
  writeLabState(directory, state);
  return {
    product,
    version,
    configPath: configPath(directory),
    brokers: brokers.map(({ id, name, address }) => ({ id, address, pid: pidOf(name, 'broker') })),
    ...(nameServers && { nameServers }),
    ...(proxy && { proxy }),
    ...(nic && { nic }),
    jars,
  };
}

const codes: Readonly<Record<string, FaultCode>> = {
  ...fileFaultCodes,
  ENOTDIR: 'usage',
  EEXIST: 'usage',
};

/**
 * Three idle brokers wrote 0.6 MB (4.3.1); the rest is for a first load. On a full disk they exit without a log
 * message.
 */
const leastRoomBytes = 200e6;

/** @throws AppError no-space */
function requireRoom(directory: string): void {
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize >= leastRoomBytes) return;
  const megabytes = (value: number) => `${Math.floor(value / 1e6)} MB`;
  throw new AppError(
    'no-space',
    `${directory} has ${megabytes(bavail * bsize)} of disk space left; the lab needs ${megabytes(leastRoomBytes)}`,
    { hint: 'free disk space or give another --state-dir' },
  );
}

/** @returns the error unchanged if it is not a common file system error */
export function fileFault(error: unknown): unknown {
  const { code, syscall, path, message } = error as NodeJS.ErrnoException;
  const fault = code === undefined ? undefined : codes[code];
  if (error instanceof AppError || fault === undefined || syscall === undefined) return error;
  const where = path ?? 'a file of the lab';
  return new AppError(fault, `cannot write ${where}: ${message}`, {
    cause: error,
    hint: 'check free space and permissions there, or give another --state-dir (jars: XDG_CACHE_HOME)',
  });
}
