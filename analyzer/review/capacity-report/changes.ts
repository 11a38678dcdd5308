// Lists changes since the last report in the facts that decisions depend on.

import { driftOf } from '../../evidence/fingerprint.ts';
import type { CapacityReport, DomainVerdict } from '../../../core/documents/capacity-report.ts';
import { safeTpsOf } from '../../../core/documents/safe-tps.ts';

type Change = NonNullable<CapacityReport['changes']>[number];
type Evidence = CapacityReport['evidence'][number];

/** Smaller relative differences of rates are noise between two tests of one cluster. */
const worthTelling = 0.02;

export function changesBetween(before: readonly DomainVerdict[], now: readonly DomainVerdict[]): Change[] {
  const domains = new Set([...now, ...before].map(({ domain }) => domain));
  return [...domains].flatMap((domain) => {
    const was = figuresOf(before.find((verdict) => verdict.domain === domain));
    const is = figuresOf(now.find((verdict) => verdict.domain === domain));
    return changeKinds.flatMap((what): Change[] => {
      const [a, b] = [was[what], is[what]];
      if (isAlike(a, b, what === 'brokers-needed' ? 0 : worthTelling)) return [];
      return [{ domain, what, ...(a !== undefined && { before: a }), ...(b !== undefined && { now: b }) }];
    });
  });
}

/** Settings of the newest measurements of each kind, then and now; a kind without an earlier measurement has no changes. */
export function settingChanges(before: CapacityReport['evidence'], now: CapacityReport['evidence']): Change[] {
  const previous = newestOfEachKind(before);
  const changes = [...newestOfEachKind(now)].flatMap(([kind, { domain, fingerprint }]) => {
    const was = previous.get(kind);
    if (was === undefined) return [];
    return driftOf(was.fingerprint, fingerprint).map(({ setting, a, b }): Change => ({
      domain,
      what: 'setting',
      setting,
      ...(a !== undefined && { before: a }),
      ...(b !== undefined && { now: b }),
    }));
  });
  // Measurements of several kinds may show the same change.
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
}

/** Load tests, production and runs with brokers down have different clients and settings, so they are compared separately. */
const kindOf = ({ domain, origin, without = [] }: Evidence) => JSON.stringify([domain, origin, without.toSorted()]);

const startedMs = ({ startedAt }: Evidence) => (startedAt === undefined ? 0 : Date.parse(startedAt));

/** Only evidence with settings. */
const newestOfEachKind = (evidence: readonly Evidence[]): Map<string, Evidence> =>
  new Map(
    evidence
      .filter(({ fingerprint }) => fingerprint !== undefined)
      .toSorted((a, b) => startedMs(a) - startedMs(b))
      .map((each) => [kindOf(each), each]),
  );

const changeKinds = ['decision', 'safe-max', 'peak', 'brokers-needed'] as const;

function figuresOf(verdict: DomainVerdict | undefined): Partial<Record<(typeof changeKinds)[number], string | number>> {
  if (verdict === undefined) return {};
  const { decision, safeMaxTps, safeTps = safeMaxTps && safeTpsOf(safeMaxTps), peakTps, brokersNeeded } = verdict;
  return {
    decision,
    // As the decision compares them.
    ...(safeMaxTps && safeMaxTps.kind !== 'unknown' && safeTps !== undefined && { 'safe-max': safeTps }),
    ...(peakTps && { peak: peakTps.high }),
    ...(brokersNeeded !== undefined && { 'brokers-needed': brokersNeeded }),
  };
}

function isAlike(a: string | number | undefined, b: string | number | undefined, scatter: number): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return Math.abs(a - b) <= scatter * Math.max(a, b);
}
