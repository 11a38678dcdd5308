// Selects the verdict that applies now: the strongest that has not expired.

import type { Analysis } from '../../core/documents/analysis.ts';
import type { HistoryEntry } from '../../core/documents/history-entry.ts';

/** The parts of a verdict or load test that a state needs; its document is in the history. */
export interface KnownVerdict extends Pick<
  Analysis,
  'safeMaxTps' | 'binding' | 'withoutOne' | 'withoutOneUnknown' | 'fingerprint' | 'degraded'
> {
  entry: number;
  kind: 'verdict' | 'test';
  /** End of what it was measured over, and not when somebody filed it. */
  measuredAtMs: number;
}

export function verdictOf(entry: Extract<HistoryEntry, { kind: 'verdict' | 'test' }>): KnownVerdict {
  const { run, safeMaxTps, binding, withoutOne, withoutOneUnknown, fingerprint, degraded } = entry.document;
  const filedMs = Date.parse(entry.at);
  const measuredMs =
    run.startedAt === undefined ? filedMs : Date.parse(run.startedAt) + 1000 * (run.durationSeconds ?? 0);
  return {
    entry: entry.id,
    kind: entry.kind,
    measuredAtMs: Math.min(filedMs, measuredMs),
    safeMaxTps,
    ...(binding && { binding }),
    ...(withoutOne && { withoutOne }),
    ...(withoutOneUnknown && { withoutOneUnknown }),
    ...(fingerprint && { fingerprint }),
    ...(degraded && { degraded }),
  };
}

/** A maximum is stronger than an observed rate, and that is stronger than unknown. */
const strength = { confirmed: 3, predicted: 3, observed: 2, 'at-least': 1, unknown: 0 } as const;

/**
 * What was measured with a broker down is of the cluster without it, and never of the whole one.
 *
 * @returns the strongest that has not expired, of equals the newest; where all have, the strongest and newest of them
 */
export function verdictInForce(
  all: readonly KnownVerdict[],
  { nowMs, lastsSeconds }: { nowMs: number; lastsSeconds: number },
): KnownVerdict | undefined {
  const verdicts = all.filter(({ degraded }) => degraded === undefined);
  const isValid = ({ measuredAtMs }: KnownVerdict) => nowMs - measuredAtMs <= lastsSeconds * 1000;
  const known = verdicts.filter(({ safeMaxTps }) => safeMaxTps.kind !== 'unknown');
  const candidates = known.some(isValid) ? known.filter(isValid) : known.length > 0 ? known : verdicts;
  return candidates.toSorted(
    (a, b) =>
      strength[b.safeMaxTps.kind] - strength[a.safeMaxTps.kind] || b.measuredAtMs - a.measuredAtMs || b.entry - a.entry,
  )[0];
}
