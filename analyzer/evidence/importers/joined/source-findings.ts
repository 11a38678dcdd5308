// Makes the findings about limits of figures that other tools wrote.

import type { Evidence, Finding, RunSource } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';

export interface SourceDoubt {
  file: string;
  /** File, and which part of it. */
  source: string;
  flag: RunSource['flags'][number];
  what: string;
  evidence?: readonly Evidence[];
}

/** One finding per flag, with the files that it is of. */
export function sourceFindings(doubts: readonly SourceDoubt[]): Finding[] {
  const byFlag = Map.groupBy(doubts, ({ flag }) => flag);
  return [...byFlag].map(([flag, own]) => {
    const byWhat = Map.groupBy(own, ({ what }) => what);
    const found = [...byWhat].map(([what, same]) => ({
      what,
      sources: [...new Set(same.map(({ source }) => source))],
    }));
    return findingOf(flag, { found, evidence: own.flatMap(({ evidence = [] }) => evidence) });
  });
}
