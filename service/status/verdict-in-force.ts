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

/** @returns those that can be in force at some time: of equals, the one that was measured last */
export function contenders(verdicts: readonly KnownVerdict[]): KnownVerdict[] {
  const alike = Map.groupBy(
    verdicts,
    ({ degraded, safeMaxTps }) => `${degraded === undefined} ${strengthOf(safeMaxTps)}`,
  );
  return [...alike.values()].flatMap((each) => each.toSorted(newestFirst).slice(0, 1));
}

interface At {
  nowMs: number;
  lastsSeconds: number;
}

const isValid = ({ measuredAtMs }: KnownVerdict, { nowMs, lastsSeconds }: At): boolean =>
  nowMs - measuredAtMs <= lastsSeconds * 1000;

/** @returns whether nothing that was measured before it can be in force */
export const isValidMaximum = (verdict: KnownVerdict, at: At): boolean =>
  verdict.degraded === undefined && strengthOf(verdict.safeMaxTps) === strength.confirmed && isValid(verdict, at);

const strengthOf = ({ kind }: KnownVerdict['safeMaxTps']): number => strength[kind];
const newestFirst = (a: KnownVerdict, b: KnownVerdict): number => b.measuredAtMs - a.measuredAtMs || b.entry - a.entry;

/**
 * What was measured with a broker down is of the cluster without it, and never of the whole one.
 *
 * @returns the strongest that has not expired, of equals the newest; where all have, the strongest and newest of them
 */
export function verdictInForce(all: readonly KnownVerdict[], at: At): KnownVerdict | undefined {
  const verdicts = all.filter(({ degraded }) => degraded === undefined);
  const known = verdicts.filter(({ safeMaxTps }) => safeMaxTps.kind !== 'unknown');
  const valid = known.filter((verdict) => isValid(verdict, at));
  const candidates = [valid, known, verdicts].find(({ length }) => length > 0) ?? [];
  return candidates.toSorted((a, b) => strengthOf(b.safeMaxTps) - strengthOf(a.safeMaxTps) || newestFirst(a, b))[0];
}
