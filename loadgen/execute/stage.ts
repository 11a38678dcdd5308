// Defines what a load test is conducted with, and what it comes to.

import type { ClusterAdmin, ClusterInspector } from '../../brokers/driver.ts';
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
  /** Another one, which remembers nothing. */
  openInspector(io: { signal: AbortSignal }): Promise<ClusterInspector>;
  telemetry: TelemetrySource;
  startThread: StartThread;
  /** Weight of each producer, where they are not to send the same. */
  shares?: readonly number[];
  onProgress(progress: RunProgress): void;
  /** Names and versions of what made the figures: plimsoll, node, the client. */
  versions: Readonly<Record<string, string>>;
  gitCommit?: string;
  /** Ends the load before it does harm. */
  guard?: Guard;
  /** Where the plan has a search: its options with a rate to begin at, and a line for each limit that was looked at. */
  search?: { options: Started<SearchOptions>; explanation: readonly string[] };
  /** Names the limit that a trial of a search reached inside brokers or their configuration. */
  judgeLimits?: LimitJudge;
  /** A producer thread that ends by itself: its messages go to the others, or the run fails (default). */
  lostWorker?: 'move' | 'fail';
  /** What the load generator does by itself with this workload. */
  calibration?: Calibration;
  /** Of a printed command that continues or cleans up the run, such as its config file; begins with a space. */
  configArgs?: string;
  /** More for run.json, such as what the cluster's block allowed. */
  recorded?: Partial<LoadTestDocument>;
}

export interface Stage {
  plan: RunPlan;
  origin: RunOrigin;
  environment: TelemetryEnvironment;
  /** Of the run's topics. */
  replicationFactor: number;
  threads: Threads;
  bundle: BundleWriter;
  /** Where the plan has a search. */
  search?: RateSearch;
  /** What was done before the run was cut off. */
  resumption?: Resumption;
  /** What the partitions held before the load, and what gives what they hold now; with the ledger on. */
  logs: {
    before: LogsSeen | undefined;
    read(): Promise<LogsSeen | undefined>;
    /** Their topics were made just now. */
    areNew: boolean;
  };
  tools: RunTools;
  /** Hears every line of the journal as it is written. */
  observe?(line: JournalLine): void;
  /** Address of the control server of the run. */
  url?: string;
}

/** Its result, before it is judged by the thresholds. */
export interface Conducted extends Omit<RunResult, 'id' | 'status' | 'reason' | 'thresholds'> {
  ending: Ending;
  /** Of a search: the step of the last trial that passed, counted from 0. */
  passedStep?: number;
}
