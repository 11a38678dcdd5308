// Defines the data of the plan pages, which service/pages/plans.ts fills.

import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import type { OperationState } from '../../../core/documents/recorded-operation.ts';
import { html, type Html } from '../../../core/text/html.ts';
import { named } from '../layout.ts';
import type { Language } from '../view.ts';
import { planLanguages } from './plan-texts.ts';

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

export type PlanEntry = Extract<HistoryEntry, { kind: 'operation' | 'plan' }>;

export function planTitle(entry: PlanEntry, language: Language): Html {
  const { what, subject } = titleParts(entry, language);
  return html`${what}${subject !== undefined && html`${planLanguages[language].colon}${named(subject)}`}`;
}

/** Formats the title of a page, which cannot contain elements. */
export function plainTitle(entry: PlanEntry, language: Language): string {
  const { what, subject } = titleParts(entry, language);
  return subject === undefined ? what : `${what}${planLanguages[language].colon}${subject}`;
}

function titleParts({ kind, document }: PlanEntry, language: Language): { what: string; subject: string | undefined } {
  const { operations, clusterPlan } = planLanguages[language];
  if (kind === 'plan') return { what: clusterPlan, subject: document.name };
  return { what: operations[document.operation], subject: document.subject };
}
