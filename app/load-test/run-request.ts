// Defines the request of a load test and the callbacks that receive its progress.

import type { RehearsalStamp } from '../../core/documents/rehearsal.ts';
import type { RunProgress } from '../../loadgen/record/progress.ts';
import type { Caller } from '../caller.ts';

export interface RunRequest {
  /** Name in the config file; optional if the file has one cluster. */
  cluster?: string | undefined;
  /** Path as given; absent for the default file. */
  configFile?: string | undefined;
  /** Workload file. */
  workload?: string | undefined;
  /** Overrides of the workload file, by its keys. */
  values?: Readonly<Record<string, unknown>>;
  /** Folder of the new bundle. */
  out?: string | undefined;
  /** Brokers that are down during the test. */
  degraded?: readonly string[] | undefined;
  /** Bundle of the run whose prediction is tested. */
  predictedBy?: string | undefined;
  /** Run even if some brokers have no host metrics. */
  acceptBlind?: boolean | undefined;
  /** Bundle of the run to resume. */
  resume?: string | undefined;
  /** Default: for searches and runs longer than a minute. */
  calibrate?: boolean | undefined;
  /** Which promotion the run rehearses; stored in run.json. */
  rehearsal?: RehearsalStamp | undefined;
  /** Set if the cluster ends with the run, so that no later command can read it. */
  endsCluster?: boolean;
  skipDeliveryCheck?: boolean | undefined;
  keepTopic?: boolean | undefined;
}

export interface RunCaller extends Pick<Caller, 'signal' | 'environment' | 'clock'> {
  tell(line: string): void;
  onProgress(progress: RunProgress): void;
}
