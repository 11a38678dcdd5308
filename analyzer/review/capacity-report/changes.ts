// Lists what changed since the last report in the facts that decisions rest on.

import { driftOf } from '../../evidence/fingerprint.ts';
import type { CapacityReport, DomainVerdict } from '../../../core/documents/capacity-report.ts';

type Change = NonNullable<CapacityReport['changes']>[number];

/** Less than this of a rate is the scatter of two tests of one cluster. */
const worthTelling = 0.02;

export function changesBetween(before: readonly DomainVerdict[], now: readonly DomainVerdict[]): Change[] {
  const domains = new Set([...now, ...before].map(({ domain }) => domain));
  return [...domains].flatMap((domain) => {
    const was = figuresOf(before.find((verdict) => verdict.domain === domain));
    const is = figuresOf(now.find((verdict) => verdict.domain === domain));
    return changeKinds.flatMap((what): Change[] => {
      const [a, b] = [was[what], is[what]];
      if (isAlike(a, b)) return [];
      return [{ domain, what, ...(a !== undefined && { before: a }), ...(b !== undefined && { now: b }) }];
    });
  });
}

/** What the measurements held for then and now; a domain that was not measured before has no changes. */
export function settingChanges(before: CapacityReport['evidence'], now: CapacityReport['evidence']): Change[] {
  return now.flatMap(({ domain, fingerprint: is = {} }) => {
    const was = before.find((each) => each.domain === domain)?.fingerprint;
    if (was === undefined) return [];
    return driftOf(was, is).map(({ setting, a, b }): Change => ({
      domain,
      what: 'setting',
      setting,
      ...(a !== undefined && { before: a }),
      ...(b !== undefined && { now: b }),
    }));
  });
}

const changeKinds = ['decision', 'safe-max', 'peak', 'brokers-needed'] as const;

function figuresOf(verdict: DomainVerdict | undefined): Partial<Record<(typeof changeKinds)[number], string | number>> {
  if (verdict === undefined) return {};
  const { decision, safeMaxTps, peakTps, brokersNeeded } = verdict;
  return {
    decision,
    ...(safeMaxTps && safeMaxTps.kind !== 'unknown' && { 'safe-max': safeMaxTps.tps }),
    ...(peakTps && { peak: peakTps.mid }),
    ...(brokersNeeded !== undefined && { 'brokers-needed': brokersNeeded }),
  };
}

function isAlike(a: string | number | undefined, b: string | number | undefined): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return Math.abs(a - b) <= worthTelling * Math.max(a, b);
}
