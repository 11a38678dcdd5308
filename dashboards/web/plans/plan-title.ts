// Formats the title of a plan.

import { html, type Html } from '../../../core/text/html.ts';
import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import { named } from '../layout.ts';
import type { Language } from '../strings.ts';
import { planLanguages } from './plan-texts.ts';

export type PlanEntry = Extract<HistoryEntry, { kind: 'operation' | 'plan' }>;

export function planTitle(entry: PlanEntry, language: Language): Html {
  const { operations, clusterPlan, colon } = planLanguages[language];
  const { kind, document } = entry;
  if (kind === 'plan') return html`${clusterPlan}${colon}${named(document.name)}`;
  const { operation, subject } = document;
  return subject === undefined
    ? html`${operations[operation]}`
    : html`${operations[operation]}${colon}${named(subject)}`;
}

/** For the title of a page, where no element is allowed. */
export function plainTitle({ kind, document }: PlanEntry, language: Language): string {
  const { operations, clusterPlan, colon } = planLanguages[language];
  if (kind === 'plan') return `${clusterPlan}${colon}${document.name}`;
  const { operation, subject } = document;
  return subject === undefined ? operations[operation] : `${operations[operation]}${colon}${subject}`;
}
