// Defines the progress that a run reports.

import type { TrialRecord } from '../search/trial.ts';
import type { StepSummary } from './step-summary.ts';
import type { Utilisation } from './utilisation.ts';

export type RunProgress =
  /** Slaves that do not know the settings of the topics yet: should one become master, they would be gone. */
  | { kind: 'awaits-copies'; topics: readonly string[]; slaves: readonly string[] }
  /** They did not in time, and the run continues. */
  | { kind: 'not-copied'; topics: readonly string[]; slaves: readonly string[] }
  | { kind: 'started'; id: string; topic: string; directory: string; attempt?: number; url?: string }
  | {
      kind: 'second';
      elapsedSeconds: number;
      /** Counted from 1; absent in the warm-up and between trials. */
      step?: number;
      /** Absent in a search, which does not know. */
      steps?: number;
      /** Until the last step ends; absent in a search. */
      leftSeconds?: number;
      /** Of the last second. */
      interval: StepSummary;
      /** Messages acknowledged and not yet consumed by the slowest group; absent without groups. */
      lagMessages?: number;
      busiest?: Utilisation;
    }
  | { kind: 'step-ended'; step: number; steps?: number; summary: StepSummary }
  /** Why a search begins at the rate it does; a line each. */
  | { kind: 'search-starts'; explanation: readonly string[] }
  | { kind: 'trial-judged'; record: TrialRecord }
  /** The guard took the load away. */
  | { kind: 'stopped'; reason: string; ends: 'trial' | 'run' }
  | { kind: 'ended' }
  /** Something that the result then lacks. */
  | { kind: 'unread'; what: string; reason: string }
  /** What the run made on the cluster and could not delete again. */
  | { kind: 'left-behind'; what: string; reason: string };
