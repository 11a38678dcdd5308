// Creates the findings about joined files: missing hosts, windows between steps, loads that stopped, and limitations of figures.

import type { Finding } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { Doubt } from '../load-tests/load-test-importer.ts';
import type { JoinedHosts } from './joined-hosts.ts';
import { labelOf, type JoinedSteps } from './joined-steps.ts';
import { lengthOf, type JoinedClock } from './load-clock.ts';

export interface SourceDoubt extends Doubt {
  file: string;
  /** File name, and the part of the file. */
  source: string;
}

export function joinedFindings(clock: JoinedClock, joined: JoinedSteps, seen: JoinedHosts): Finding[] {
  const findings: Finding[] = [];
  const notes = clock.loads.flatMap((placed) =>
    (placed.load.notes ?? []).map((note) => ({ ...note, file: labelOf(placed) })),
  );
  if (notes.length > 0) findings.push(findingOf('read-from-files', { notes }));
  if (seen.hosts.size === 0) findings.push(findingOf('no-telemetry', {}));
  if (joined.edges > 0) findings.push(findingOf('between-steps', { windows: joined.edges }));
  if (joined.brokeOffAt !== undefined) findings.push(findingOf('load-broke-off', { atSeconds: joined.brokeOffAt }));
  if (joined.steps.length === 0 && clock.loads.every(({ load }) => load.produced.length === 0)) {
    const seconds = Math.max(...clock.loads.map(({ load }) => lengthOf(load)));
    findings.push(findingOf('nothing-produced', { files: clock.loads.map(labelOf), seconds }));
  }
  return findings;
}

/** One finding per flag, with the affected files. */
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
