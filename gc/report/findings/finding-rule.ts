// Defines a finding rule: it returns one finding or none, and cites the source of each threshold.

import type { BrokerKind } from '../../../core/cluster.ts';
import type { Evidence, Finding } from '../../../core/documents/analysis.ts';
import type { InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import type { FiguresFold } from '../figures-fold.ts';
import type { Figures } from '../gc-report.ts';

export interface Judged {
  /** Of all JVMs, and its figures. */
  fold: FiguresFold;
  figures: Figures;
  /** One for each JVM: heaps of several are not one heap. */
  runs: readonly FiguresFold[];
  /** Absent if file names are ambiguous: then the limits of both brokers apply. */
  broker: BrokerKind | undefined;
  paths: readonly string[];
}

/** Its code is its name in the registry. */
export type FindingRule = (judged: Judged) => GcFinding | undefined;

export type GcFinding = Pick<Finding, 'severity' | 'evidence'> & InLanguages<string>;

export const figure = (name: string, value: Evidence['value'], unit: string, source = 'GC log'): Evidence => ({
  name,
  value,
  unit,
  source,
});
