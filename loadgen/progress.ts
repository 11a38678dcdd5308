// What is told while a run goes on?

import type { BusyResource } from './busiest-resource.ts';
import type { StepSummary } from './step-summary.ts';

export type RunProgress =
  | { kind: 'started'; id: string; topic: string; directory: string }
  | {
      kind: 'second';
      elapsedSeconds: number;
      /** Counted from 1; absent in the warm-up. */
      step?: number;
      steps: number;
      /** Of the last second. */
      interval: StepSummary;
      /** Messages acknowledged and not yet consumed by the slowest group; absent without groups. */
      lagMessages?: number;
      busiest?: BusyResource;
    }
  | { kind: 'step-ended'; step: number; steps: number; summary: StepSummary }
  | { kind: 'ended' }
  /** What the run made on the cluster and could not delete again. */
  | { kind: 'left-behind'; what: string; reason: string };
