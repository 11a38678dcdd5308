// Defines one row of the findings table: severity, evidence, and text in two languages, all derived from typed facts.

import type { Evidence, Finding } from '../analysis.ts';
import type { Reading } from '../written-reading.ts';

/** What `--lang` and the pages accept. */
export const findingLanguages = ['en', 'zh'] as const;
export type FindingLanguage = (typeof findingLanguages)[number];

export type InLanguages<Text> = Readonly<Record<FindingLanguage, Text>>;

/** A value without its name; absent if the fact is unknown. */
type EvidenceValue = Omit<Evidence, 'name'> | undefined;

type Severity = Finding['severity'];

export interface FindingEntry<Facts> {
  severity: Severity | ((facts: Facts) => Severity);
  /** Text in each language: what happened, why, and what to do, in that order. */
  en(facts: Facts): string;
  zh(facts: Facts): string;
  /** Evidence by name, in print order; a list if the facts provide the names. */
  evidence?: Readonly<Record<string, (facts: Facts) => EvidenceValue>> | ((facts: Facts) => readonly Evidence[]);
  /** Facts as the product creates them; the contract test renders each, docs/reference/findings.md the first. */
  examples: readonly [Facts, ...Facts[]];
}

/** Checks a row and preserves the type of its facts. */
export const findingEntry = <Facts>(entry: FindingEntry<Facts>): FindingEntry<Facts> => entry;

/** @returns a piece of evidence; undefined if its value is */
export const figure = (value: Evidence['value'] | undefined, unit: string, source: string): EvidenceValue =>
  value === undefined ? undefined : { value, unit, source };

/** @returns a piece of evidence with its name, for lists */
export const piece = (name: string, value: Evidence['value'], unit: string, source: string): Evidence => ({
  name,
  value,
  unit,
  source,
});

export const readingExample = (quantity: Reading['quantity'], value?: number): Reading => ({
  quantity,
  relation: 'equals',
  node: 'broker-a',
  ...(value === undefined ? { text: 'as the team reported it' } : { value }),
  source: { document: 'result.md', heading: 'Results', quote: `${quantity}: ${value ?? 'as reported'}` },
});
