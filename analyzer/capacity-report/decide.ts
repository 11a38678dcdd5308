// May a domain go into the promotion? What its cluster safely carries against what the peak will ask, and the plan where that is not enough.

import type { SafeMaxTps } from '../../core/analysis.ts';
import type { DomainVerdict, Reason } from '../../core/capacity-report.ts';
import type { Estimate } from '../../core/cluster-plan.ts';

/** A plan that carries the peak in fewer worlds than this is no condition to sign under. */
export const surePlan = 0.9;

export interface Question {
  peakTps: Estimate | undefined;
  safeMaxTps: SafeMaxTps | undefined;
  /** The plan for the domain: absent where none was made, and refused where no cluster fits. */
  plan: { probabilityEnough: number } | 'refused' | undefined;
}

export type Decision = Pick<DomainVerdict, 'decision' | 'reason' | 'safeTps' | 'headroom'>;

export function decide({ peakTps, safeMaxTps, plan }: Question): Decision {
  if (plan === 'refused') return { decision: 'no-go', reason: 'refused-by-plan' };
  if (peakTps === undefined || safeMaxTps === undefined || safeMaxTps.kind === 'unknown') {
    return { decision: 'no-go', reason: 'not-measured' };
  }
  const safe = safeRate(safeMaxTps);
  const figures = { safeTps: safe, headroom: 1 - peakTps.mid / safe };
  if (safe >= peakTps.high) {
    return safeMaxTps.kind === 'observed'
      ? { decision: 'conditions', reason: 'read-once', ...figures }
      : { decision: 'go', reason: 'safe-above-peak', ...figures };
  }
  if (plan !== undefined && plan.probabilityEnough >= surePlan) {
    return { decision: 'conditions', reason: 'plan-closes-gap', ...figures };
  }
  const reason = shortfall(safeMaxTps, safe, peakTps);
  if (reason === 'interval-overlaps') return { decision: 'conditions', reason, ...figures };
  return { decision: 'no-go', reason: plan === undefined ? reason : 'plan-not-sure', ...figures };
}

type Known = Exclude<SafeMaxTps, { kind: 'unknown' }>;

/** A reading is not scaled to a policy: what its basis makes of it is. */
function safeRate(safeMax: Known): number {
  if (safeMax.kind !== 'observed') return safeMax.tps;
  return Math.min(safeMax.tps, ...safeMax.basis.map(({ tps }) => tps.low));
}

/** What was carried without reaching a limit is no maximum: that the peak lies above it says nothing. */
function shortfall({ kind }: Known, safe: number, peak: Estimate): Reason {
  if (kind === 'at-least' || kind === 'observed') return 'no-maximum-found';
  return safe >= peak.mid ? 'interval-overlaps' : 'safe-below-peak';
}
