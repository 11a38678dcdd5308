// Formats the title of a plan.

import { html, type Html } from '../../../core/text/html.ts';
import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import { named } from '../layout.ts';
import type { Language } from '../view.ts';
import { planLanguages } from './plan-texts.ts';

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
