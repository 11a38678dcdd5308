// Defines a finding rule: it returns one finding or none, and cites the source of each threshold.

import type { BrokerKind } from '../../../core/cluster.ts';
import type { Evidence, Finding } from '../../../core/documents/analysis.ts';
import type { InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import type { FiguresFold } from '../figures-fold.ts';
import type { Figures } from '../gc-report.ts';

export interface Judged {
  /** Sums over all JVMs, and the resulting figures. */
  fold: FiguresFold;
  figures: Figures;
  /** One per JVM, because heaps of several JVMs must not be combined. */
  runs: readonly FiguresFold[];
  /** Absent if file names are ambiguous: then the limits of both brokers apply. */
  broker: BrokerKind | undefined;
  paths: readonly string[];
}

/** The name of a rule in the registry is the finding's code. */
export type FindingRule = (judged: Judged) => GcFinding | undefined;

export type GcFinding = Pick<Finding, 'severity' | 'evidence'> & InLanguages<string>;

export const figure = (name: string, value: Evidence['value'], unit: string, source = 'GC log'): Evidence => ({
  name,
  value,
  unit,
  source,
});
