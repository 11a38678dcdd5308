// Defines the inputs and outputs of conducting a load test.

import type { ClusterAdmin, ClusterInspector } from '../../brokers/driver.ts';
import type { Broker } from '../../core/cluster.ts';
import type { TelemetryEnvironment, TelemetrySource } from '../../core/documents/evidence/telemetry.ts';
import type { Calibration } from '../../core/documents/generator-calibration.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import type { LimitJudge } from '../../core/limit-judge.ts';
import type { Guard } from '../guard/guard.ts';
import type { RunPlan } from '../plan/plan.ts';
import type { LoadTestDocument } from '../plan/stored-workload.ts';
import type { BundleWriter } from '../record/bundle/bundle-writer.ts';
import type { RunResult } from '../record/bundle/result.ts';
import type { Resumption } from '../record/bundle/resumption.ts';
import type { RunProgress } from '../record/progress.ts';
import type { SearchOptions, Started } from '../search/search-options.ts';
import type { RateSearch } from '../search/search.ts';
import type { LogsSeen } from './log-watch.ts';
import type { RunOrigin } from './run-clock.ts';
import type { Ending } from './run-end.ts';
import type { Threads } from './threads.ts';
import type { StartThread } from './workers/traffic-thread.ts';

export interface RunTools {
  admin: ClusterAdmin;
  inspector: ClusterInspector;
  /** Opens another inspector, without cached state. */
  openInspector(io: { signal: AbortSignal }): Promise<ClusterInspector>;
  telemetry: TelemetrySource;
  startThread: StartThread;
  /** Weight of each producer; absent if all send the same amount. */
  shares?: readonly number[];
  onProgress(progress: RunProgress): void;
  /** Names and versions of the software that produced the figures: plimsoll, node, the client. */
  versions: Readonly<Record<string, string>>;
  gitCommit?: string;
  /** Ends the load before it causes damage. */
  guard?: Guard;
  /** Present if the plan has a search: its options with a start rate, and one line for each limit considered. */
  search?: { options: Started<SearchOptions>; explanation: readonly string[] };
  /** Names the limit inside brokers, or in their configuration, that a search trial reached. */
  judgeLimits?: LimitJudge;
  /** Reaction when a producer thread ends on its own: move its messages to the others, or fail the run (default). */
  lostWorker?: 'move' | 'fail';
  /** Performance of the load generator alone with this workload. */
  calibration?: Calibration;
  /** Arguments, such as the config file, of a printed command that continues or cleans up; begins with a space. */
  configArgs?: string;
  /** Further fields of run.json, such as the permissions that the cluster's configuration gave. */
  recorded?: Partial<LoadTestDocument>;
}

export interface Stage {
  plan: RunPlan;
  origin: RunOrigin;
  environment: TelemetryEnvironment;
  /** Brokers of the cluster when the run was prepared. */
  brokers: readonly Broker[];
  /** Replication factor of the run's topics. */
  replicationFactor: number;
  threads: Threads;
  bundle: BundleWriter;
  /** Present if the plan has a search. */
  search?: RateSearch;
  /** State of the attempts before the interruption. */
  resumption?: Resumption;
  /** Log offsets before the load, and a function that reads the current ones; used if the delivery check is on. */
  logs: {
    before: LogsSeen | undefined;
    read(): Promise<LogsSeen | undefined>;
    /** True if this attempt created the topics. */
    areNew: boolean;
  };
  tools: RunTools;
  /** Called with every journal line when it is written. */
  observe?(line: JournalLine): void;
  /** Address of the control server of the run. */
  url?: string;
}

/** Result of the load, before thresholds are judged. */
export interface Conducted extends Omit<RunResult, 'id' | 'status' | 'reason' | 'thresholds'> {
  ending: Ending;
  /** For a search: step of the last trial that passed, counted from 0. */
  passedStep?: number;
}
