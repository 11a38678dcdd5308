// Defines the request of a load test and the callbacks that receive its progress.

import type { RehearsalStamp } from '../../core/documents/rehearsal.ts';
import type { RunProgress } from '../../loadgen/record/progress.ts';
import type { Caller } from '../caller.ts';

export interface RunRequest {
  /** Name in the config file; may be absent where it has one cluster. */
  cluster?: string | undefined;
  /** As given; absent for the default one. */
  configFile?: string | undefined;
  /** Workload file. */
  workload?: string | undefined;
  /** Replace values of the workload file, by its keys. */
  values?: Readonly<Record<string, unknown>>;
  /** Folder of the bundle; must not exist. */
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
  /** Of what the run is a rehearsal; goes into run.json. */
  rehearsal?: RehearsalStamp | undefined;
  skipDeliveryCheck?: boolean | undefined;
  keepTopic?: boolean | undefined;
}

export interface RunCaller extends Pick<Caller, 'signal' | 'environment' | 'clock'> {
  tell(line: string): void;
  onProgress(progress: RunProgress): void;
}
