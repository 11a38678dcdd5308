// Defines what a broker kind must implement, so that its lab can be started, recorded and described.

import type { Clock } from '../core/clock.ts';
import { type BitsPerSecond, bitsPerSecond } from '../core/units.ts';
import type { JvmSetting } from './broker-jvm.ts';
import type { LabProcess, LabState } from './lab-state.ts';
import { type ShapedNetwork, cardName } from './shaped-network.ts';
import { tbfSource } from './tbf.ts';

export interface LabIo {
  signal: AbortSignal;
  clock: Clock;
  environment: NodeJS.ProcessEnv;
  progress(line: string): void;
}

/** Options common to all labs. */
export interface LabSite {
  version: string;
  /** Speed of every host's network interface in each direction; absent for the plain loopback. */
  nic?: BitsPerSecond;
  /** Broker properties that override the lab's. */
  properties?: Readonly<Record<string, string>>;
  /** JVM options of each broker, after the lab's own: later options take precedence. */
  jvmOptions?: readonly string[];
  directory: string;
  cache: string;
}

export interface LabNode {
  /** Such as `broker-1`: name of its host, folder and log. */
  name: string;
  host: string;
  port: number;
  dataDirectory: string;
}

/** Decided before anything is started. */
export interface PlannedLab {
  /** Recorded before and while processes are started. */
  state: LabState;
  network?: ShapedNetwork;
  /** Starts every node, and resolves once clients can use all of them. */
  bringUp(crew: Crew, io: LabIo): Promise<void>;
  /** Returns the lines of `clusters.lab` in the config, above its `brokers`. */
  clusterLines(): readonly string[];
}

export interface Crew {
  setting: JvmSetting;
  /** Records a process, so that it is always stopped later. */
  record(process: LabProcess): LabProcess;
}

export interface LabConfig {
  /** Product and version. */
  title: string;
  /** Lines of `clusters.lab` above its `brokers`. */
  clusterLines: readonly string[];
  brokers: readonly { id: string; name: string }[];
  /** Absent if all nodes share the loopback. */
  shaped?: {
    bitsPerSecond: BitsPerSecond;
    generatorNamespace: string;
    /** `gcLog` is the GC log of the host's broker. */
    hosts: readonly { name: string; holderPid: number; gcLog?: string }[];
  };
}

/** Renders the plimsoll.yaml of a lab, with comments. */
export const generatorHost = 'generator';
export const sharedHost = 'local';

export function renderLabConfig({ title, clusterLines, brokers, shaped }: LabConfig): string {
  const joins = brokers.map(({ id, name }) => `      "${id}": { host: ${shaped ? name : sharedHost} }\n`).join('');
  return `# Written by \`plimsoll lab up\`: the lab that runs now. The next \`lab up\` replaces it.
clusters:
  lab: # Apache ${title}
${clusterLines.map((line) => `    ${line}\n`).join('')}    brokers: # which host each broker id runs on
${joins}${permission}hosts:
${shaped ? shapedHosts(shaped) : loopbackHost}`;
}

const permission = `    loadTest: # only this machine is affected
      window: always
      maxTps: 10000000
      maxNicShare: 100%
      topicPrefix: plimsoll-
      approver: whoever started this lab
      overload: allowed
      redline: allowed
`;

const loopbackHost = `  ${sharedHost}: # brokers and load generator share this machine; its loopback has no defined speed
    probe: local
loadgen:
  host: ${sharedHost}
  acceptBlind: [link, gc-log]
`;

function shapedHosts({ bitsPerSecond: rate, generatorNamespace, hosts }: NonNullable<LabConfig['shaped']>): string {
  const sections = hosts.map(
    ({ name, holderPid, gcLog }) => `  ${name}:
    probe: local # CPU and disk are this machine's, shared by all of them
    network:
      procfs: /proc/${holderPid}/net # counters of this host's own network namespace
      devices: [${cardName}]
      speed: ${renderBitRate(rate)} # in each direction
      speedSource: ${tbfSource}
${gcLog === undefined ? '' : gcLogOf(gcLog)}`,
  );
  return `${sections.join('')}loadgen:
  host: ${generatorHost}
  acceptBlind: [gc-log]
  networkNamespace: ${generatorNamespace} # \`plimsoll run\` enters it; other commands: ip netns exec NAMESPACE …
`;
}

/** All brokers use the same port here; only the GC log path distinguishes their command lines. */
const gcLogOf = (path: string) => `    gcLogs:
      broker: { files: ${JSON.stringify(path)} }
    processes:
      broker: { commandLine: ${JSON.stringify(path)} }
`;

const bitUnits = [
  ['gbit', 1e9],
  ['mbit', 1e6],
  ['kbit', 1e3],
] as const;

/** @returns the speed in config notation, in the largest unit that gives an integer */
export function renderBitRate(rate: BitsPerSecond): string {
  const whole = bitsPerSecond(Math.round(rate));
  const [unit, factor] = bitUnits.find(([, size]) => whole % size === 0) ?? ['bit', 1];
  return `${whole / factor}${unit}`;
}
