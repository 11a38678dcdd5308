// Defines a kind of change: its initial facts and its steps; the plan of one, before anything is changed.

import type { z } from 'zod';
import type { Evidence, Finding } from '../../core/documents/analysis.ts';
import type { FindingLanguage, InLanguages } from '../../core/documents/findings/finding-entry.ts';
import type { Blocker, Step } from './step.ts';

/** Facts are what is known when the change begins and what its steps learn: its journal keeps them, and rebuilds the steps from them. */
export interface ChangeKind<Facts extends object, Tools> {
  name: string;
  facts: z.ZodType<Facts>;
  steps(facts: Facts, tools: Tools): readonly Step<Facts>[];
}

/** Nothing was changed for it. A critical finding keeps the change from being begun. */
export interface PlannedChange<Facts extends object> {
  /** The broker, topic, group or address it is about. */
  subject: string;
  facts: Facts;
  findings: readonly Finding[];
  /** What would hold the steps back now; absent: nothing. */
  holds?: readonly Blocker[];
}

export const finding = (
  severity: Finding['severity'],
  code: string,
  text: string | (InLanguages<string> & { evidence?: Evidence[] }),
): Finding => ({
  severity,
  code,
  ...(typeof text === 'string'
    ? { message: text, evidence: [] }
    : { message: text.en, messageZh: text.zh, evidence: text.evidence ?? [] }),
});

export const figure = (name: string, value: number, unit = '', source = 'Metadata'): Evidence => ({
  name,
  value,
  unit,
  source,
});

export const oneFinding = (...of: Parameters<typeof finding>): Finding[] => [finding(...of)];

/** One finding where it holds, otherwise none. */
export const findingIf = (holds: boolean, ...of: Parameters<typeof finding>): Finding[] =>
  holds ? oneFinding(...of) : [];

/** The first names and how many more there are. */
export function named(names: readonly string[], most = 5, language: FindingLanguage = 'en'): string {
  const shown = names.slice(0, most).join(', ');
  if (names.length <= most) return shown;
  return language === 'zh' ? `${shown} 等 ${names.length} 个` : `${shown} and ${names.length - most} more`;
}
