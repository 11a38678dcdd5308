// Defines the data of the plan pages, which service/pages/plans.ts fills.

import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import type { OperationState } from '../../../core/documents/recorded-operation.ts';
import type { PlanEntry } from './plan-title.ts';

export interface PlanRow {
  /** The newest known state of the plan. */
  entry: PlanEntry;
  /** Absent for sized clusters, because their construction is not tracked. */
  state?: OperationState;
}

export interface PlansContent {
  rows: readonly PlanRow[];
  cluster?: string;
  /** Id for the next page of older entries; absent if there are none. */
  olderThan?: number;
  isFirst: boolean;
}

/** Data of one plan besides its entry. */
export interface PlanContent {
  entry: PlanEntry;
  state?: OperationState;
  /** Entries of the same plan, including this one, and changes that refer to one of them; newest first. */
  history: readonly Extract<HistoryEntry, { kind: 'operation' | 'plan' | 'change' }>[];
  /** Maximum use of a link that the policy permits, as a ratio. */
  networkLimit: number;
}
