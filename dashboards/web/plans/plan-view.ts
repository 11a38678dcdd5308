// Defines the data of the plan pages, which service/pages/plans.ts fills.

import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import type { OperationState } from '../../../core/documents/recorded-operation.ts';
import type { PlanEntry } from './plan-title.ts';

export interface PlanRow {
  /** The newest known state of the plan. */
  entry: PlanEntry;
  /** Absent for sized clusters: they are planned, and their construction is not tracked. */
  state?: OperationState;
}

export interface PlansContent {
  rows: readonly PlanRow[];
  cluster?: string;
  /** Before which entry older ones are found; absent when there are none. */
  olderThan?: number;
  isFirst: boolean;
}

/** What is known of one plan besides its entry. */
export interface PlanContent {
  entry: PlanEntry;
  state?: OperationState;
  /** Entries of the same plan, this one among them, and changes that name one of them; newest first. */
  history: readonly Extract<HistoryEntry, { kind: 'operation' | 'plan' | 'change' }>[];
  /** Ratio of a link that policy allows. */
  networkLimit: number;
}
