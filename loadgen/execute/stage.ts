// Defines the inputs of a load test that starts, and its results.

import type { DeliveryAccount } from '../../core/documents/delivery-account.ts';
import type { FaultCode } from '../../core/errors.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import type { SearchCertificate } from '../../core/documents/search-certificate.ts';
import type { TelemetryEnvironment } from '../../core/documents/evidence/telemetry.ts';
import type { BundleWriter } from '../record/bundle/bundle-writer.ts';
import type { Resumption } from '../record/bundle/resumption.ts';
import type { LogsSeen } from './log-watch.ts';
import type { RunPlan } from '../plan/plan.ts';
import type { RunTools } from './run.ts';
import type { RunOrigin } from './run-clock.ts';
import type { RateSearch } from '../search/search.ts';
import type { StepSummary } from '../record/step-summary.ts';
import type { Threads } from './threads.ts';
import type { WireAccount } from '../../core/documents/wire-account.ts';

export type Ending =
  | { status: 'completed' }
  | { status: 'aborted' }
  | { status: 'stopped'; reason: string }
  | { status: 'failed'; code: FaultCode; reason: string };

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
  tools: Pick<
    RunTools,
    'telemetry' | 'onProgress' | 'guard' | 'lostWorker' | 'calibration' | 'judgeLimits' | 'recorded'
  >;
  /** Hears every line of the journal as it is written. */
  observe?(line: JournalLine): void;
  /** Where the run is asked how it goes. */
  url?: string;
}

export interface Conducted {
  ending: Ending;
  steps: readonly StepSummary[];
  certificate?: SearchCertificate;
  /** Whether the bytes on the brokers' cards fit the messages. */
  wire: WireAccount;
  /** Absent without the delivery check. */
  ledger?: DeliveryAccount;
  /** Why it could not be computed. */
  deliveryUnread?: { reason: string };
}
