// Defines a kind of change (initial facts and steps), and the plan of a change.

import type { z } from 'zod';
import type { Evidence, Finding } from '../../core/documents/analysis.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import type { Blocker, Step } from './step.ts';

/** Facts are known at the start or learnt by steps. The journal stores them, and steps are rebuilt from them. */
export interface ChangeKind<Facts extends object, Tools> {
  name: string;
  facts: z.ZodType<Facts>;
  steps(facts: Facts, tools: Tools): readonly Step<Facts>[];
}

/** A plan that changed nothing yet. A critical finding prevents the change from starting. */
export interface PlannedChange<Facts extends object> {
  facts: Facts;
  findings: readonly Finding[];
  /** What would block the steps now; absent: nothing. */
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

/** @returns one finding if `holds`, otherwise none */
export const findingIf = (holds: boolean, ...of: Parameters<typeof finding>): Finding[] =>
  holds ? oneFinding(...of) : [];
