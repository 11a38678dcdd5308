// Defines what a broker kind provides so that the lab can start, record and describe it.

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

/** Options of a lab whatever runs in it. */
export interface LabSite {
  version: string;
  /** Speed of every host's network card, each direction; absent for the plain loopback. */
  nic?: BitsPerSecond;
  /** Broker properties that win over the lab's. */
  properties?: Readonly<Record<string, string>>;
  /** Of each broker's JVM, after the lab's own: of two that contradict each other the later counts. */
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
  /** Written down before and while things are started. */
  state: LabState;
  network?: ShapedNetwork;
  /** Starts every node, and resolves once clients can use all of them. */
  bringUp(crew: Crew, io: LabIo): Promise<void>;
  /** The lines of `clusters.lab` in the config, above its `brokers`. */
  clusterLines(): readonly string[];
}

export interface Crew {
  setting: JvmSetting;
  /** Written down, so that it is stopped whatever happens next. */
  record(process: LabProcess): LabProcess;
}
