// Defines what a broker kind must implement, so that its lab can be started, recorded and described.

import type { Clock } from '../core/clock.ts';
import type { BitsPerSecond } from '../core/units.ts';
import type { JvmSetting } from './broker-jvm.ts';
import type { LabProcess, LabState } from './lab-state.ts';
import type { ShapedNetwork } from './shaped-network.ts';

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
