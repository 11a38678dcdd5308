// Selects the verdict that applies now: the strongest that has not expired.

import { measuredAt } from '../../analyzer/review/capacity-report/conditions/evidence.ts';
import { defined } from '../../core/defined.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import { strengthOf, strengths, type LimitKind } from '../../core/documents/safe-tps.ts';

/** The parts of a verdict or load test needed for a state; the document is in the history. */
export interface KnownVerdict extends Pick<
  Analysis,
  'safeMaxTps' | 'binding' | 'withoutOne' | 'withoutOneUnknown' | 'fingerprint'
> {
  entry: number;
  kind: 'verdict' | 'test';
  /** End of the measured time, which may be before the entry was recorded. */
  measuredAtMs: number;
}

type VerdictEntry = Extract<HistoryEntry, { kind: 'verdict' | 'test' }>;

/** Whether all brokers were up: a measurement with a broker down does not apply to the whole cluster. */
export const isWhole = (entry: HistoryEntry): entry is VerdictEntry =>
  (entry.kind === 'verdict' || entry.kind === 'test') && entry.document.degraded === undefined;

export const verdictsIn = (entry: HistoryEntry): KnownVerdict[] => (isWhole(entry) ? [verdictOf(entry)] : []);

function verdictOf(entry: VerdictEntry): KnownVerdict {
  const { safeMaxTps, binding, withoutOne, withoutOneUnknown, fingerprint } = entry.document;
  const filedMs = Date.parse(entry.at);
  const measuredMs = measuredAt(entry.document) || filedMs;
  return {
    entry: entry.id,
    kind: entry.kind,
    measuredAtMs: Math.min(filedMs, measuredMs),
    safeMaxTps,
    ...defined({ binding, withoutOne, withoutOneUnknown, fingerprint }),
  };
}

/** @returns verdicts that can be in force at some time: among equally strong ones, the last measured */
export function contenders(verdicts: readonly KnownVerdict[]): KnownVerdict[] {
  const alike = Map.groupBy(verdicts, strengthOfVerdict);
  return [...alike.values()].flatMap((each) => each.toSorted(newestFirst).slice(0, 1));
}

export interface ValidAt {
  nowMs: number;
  lastsSeconds: number;
}

export const isValid = ({ measuredAtMs }: KnownVerdict, { nowMs, lastsSeconds }: ValidAt): boolean =>
  nowMs - measuredAtMs <= lastsSeconds * 1000;

/** @returns kinds of verdicts that can be in force although measured before all of these, grouped by equal strength */
export function strongerKinds(verdicts: readonly KnownVerdict[], at: ValidAt): LimitKind[][] {
  const strongest = Math.max(strengths.unknown, ...verdicts.filter((each) => isValid(each, at)).map(strengthOfVerdict));
  const kinds = (Object.keys(strengths) as LimitKind[]).filter((kind) => strengths[kind] > strongest);
  return [...Map.groupBy(kinds, (kind) => strengths[kind]).values()];
}

const strengthOfVerdict = ({ safeMaxTps }: KnownVerdict): number => strengthOf(safeMaxTps);
const newestFirst = (a: KnownVerdict, b: KnownVerdict): number => b.measuredAtMs - a.measuredAtMs || b.entry - a.entry;

/** @returns the strongest that has not expired, the newest of equals; if all have expired, the strongest and newest of them */
export function verdictInForce(verdicts: readonly KnownVerdict[], at: ValidAt): KnownVerdict | undefined {
  const known = verdicts.filter(({ safeMaxTps }) => safeMaxTps.kind !== 'unknown');
  const valid = known.filter((verdict) => isValid(verdict, at));
  const candidates = [valid, known, verdicts].find(({ length }) => length > 0) ?? [];
  return candidates.toSorted((a, b) => strengthOfVerdict(b) - strengthOfVerdict(a) || newestFirst(a, b))[0];
}
