// Defines one row of the findings table: severity, evidence and text in two languages, all made from typed facts.

import type { Evidence, Finding } from '../analysis.ts';

/** What `--lang` and the pages accept. */
const findingLanguages = ['en', 'zh'] as const;
export type FindingLanguage = (typeof findingLanguages)[number];

export type InLanguages<Text> = Readonly<Record<FindingLanguage, Text>>;

/** A value under its name; absent where the fact is unknown. */
type EvidenceValue = Omit<Evidence, 'name'> | undefined;

type Severity = Finding['severity'];

export interface FindingEntry<Facts> {
  severity: Severity | ((facts: Facts) => Severity);
  /** Text in each language: what happened, why, and what to do, in that order. */
  en(facts: Facts): string;
  zh(facts: Facts): string;
  /** Each piece of evidence under its name, in the order in which it is printed; a list where the facts name the pieces. */
  evidence?: Readonly<Record<string, (facts: Facts) => EvidenceValue>> | ((facts: Facts) => readonly Evidence[]);
  /** Facts as the product makes them; the contract test renders each, and docs/findings.md shows the first. */
  examples: readonly [Facts, ...Facts[]];
}

/** Checks a row and keeps its type of facts. */
export const findingEntry = <Facts>(entry: FindingEntry<Facts>): FindingEntry<Facts> => entry;

/** @returns a piece of evidence; undefined where its value is */
export const figure = (value: Evidence['value'] | undefined, unit: string, source: string): EvidenceValue =>
  value === undefined ? undefined : { value, unit, source };

/** @returns a piece of evidence with its name, for lists */
export const piece = (name: string, value: Evidence['value'], unit: string, source: string): Evidence => ({
  name,
  value,
  unit,
  source,
});
