// Defines the progress that a run reports.

import type { TrialRecord } from '../search/trial.ts';
import type { IntervalSummary, StepSummary } from './step-summary.ts';
import type { Utilisation } from './utilisation.ts';

export type RunProgress =
  /** Waits for slaves without the topics' settings: if one became master, the topics would be lost. */
  | { kind: 'awaits-copies'; topics: readonly string[]; slaves: readonly string[] }
  /** Slaves did not copy the topics in time, and the run continues. */
  | { kind: 'not-copied'; topics: readonly string[]; slaves: readonly string[] }
  | { kind: 'started'; id: string; topic: string; directory: string; attempt?: number; url?: string }
  | {
      kind: 'second';
      elapsedSeconds: number;
      /** Counted from 1; absent in the warm-up and between trials. */
      step?: number;
      /** Absent in a search, because the number is unknown. */
      steps?: number;
      /** Time until the last step ends; absent in a search. */
      leftSeconds?: number;
      /** Summary of the last second. */
      interval: IntervalSummary;
      /** Messages acknowledged and not yet consumed by the slowest group; absent without groups. */
      lagMessages?: number;
      busiest?: Utilisation;
    }
  | { kind: 'step-ended'; step: number; steps?: number; summary: StepSummary }
  /** Explains the start rate of a search, one line per reason. */
  | { kind: 'search-starts'; explanation: readonly string[] }
  | { kind: 'trial-judged'; record: TrialRecord }
  /** The other producers send the messages of a lost one. */
  | { kind: 'worker-lost'; worker: string; reason: string }
  /** The guard stopped the load. */
  | { kind: 'stopped'; reason: string; ends: 'trial' | 'run' }
  | { kind: 'ended' }
  /** The partitions do not show every acknowledged message yet; waits at most this long. */
  | { kind: 'awaits-ends'; messages: number; seconds: number }
  /** A reading failed, and the result lacks it. */
  | { kind: 'unread'; what: string; reason: string }
  /** A resource that the run created on the cluster and could not delete. */
  | { kind: 'left-behind'; what: string; reason: string };
