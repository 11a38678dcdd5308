// Compares two verdicts: whether the safe maxima differ beyond chance, and other differences.

import type { Analysis, Interval, Limit, SafeMaxTps } from '../../../core/documents/analysis.ts';
import type { LossGrade } from '../../../core/documents/loss-grade.ts';
import { gradeLoss } from '../../production/grading/grade-loss.ts';
import { drawQuantile, measuredCrossing } from '../../verdict/fit/crossing.ts';
import { foundMaximum } from '../capacity-report/proofs.ts';
import { driftOf, type Drift } from '../../evidence/fingerprint.ts';

export interface VerdictComparison {
  /** Result for B. */
  finding: 'worse' | 'better' | 'no-difference-seen' | 'not-comparable';
  a: SafeMaxTps;
  b: SafeMaxTps;
  /** Ratio of the estimates, B over A minus 1, with its 95% interval; absent if one has no estimate, without `high` if one is open. */
  difference?: { ratio: number; low: number; high?: number };
  /** First limits, if they differ. */
  limits?: { a: Limit; b: Limit };
  /** Settings that differ, so that the verdict of A does not apply to B. */
  drift: readonly Drift[];
  /** If brokers were down only in B: how well A predicted it. */
  lossGrade?: LossGrade;
}

const confidence = 0.95;
/** Quantiles of each distribution, combined pairwise. */
const quantiles = 200;

/**
 * The runs are independent, so each draw of one can be combined with each of the other. Draws come from the
 * intervals, as two halves of a normal, because an analysis file stores only these. A difference is significant if the
 * interval of the ratio excludes 1.
 */
export function compareVerdicts(a: Analysis, b: Analysis): VerdictComparison {
  const [safeA, safeB] = [a.safeMaxTps, b.safeMaxTps];
  const drift = driftOf(a.fingerprint, b.fingerprint);
  const isLoss = b.degraded !== undefined && a.degraded === undefined;
  const lossGrade = isLoss ? gradeLoss(a, b, b.degraded?.lost ?? []) : undefined;
  const both = { a: safeA, b: safeB, drift, ...(lossGrade && { lossGrade }) };
  if (!isEstimated(safeA) || !isEstimated(safeB)) return { finding: beyond(safeA, safeB), ...both };
  const difference = differenceOf(safeA, safeB);
  const isOther = JSON.stringify(safeA.limitedBy) !== JSON.stringify(safeB.limitedBy);
  return {
    finding: findingOf(difference),
    ...both,
    difference,
    ...(isOther && { limits: { a: safeA.limitedBy, b: safeB.limitedBy } }),
  };
}

/** @returns whether B is significantly worse by more than this share */
export function isWorseBy({ finding, difference }: VerdictComparison, share: number): boolean {
  return finding === 'worse' && (difference === undefined || -difference.ratio > share);
}

/** @returns whether B cannot be worse by more than this share, although its own maximum is unknown */
export const isKept = ({ a, b }: VerdictComparison, share: number): boolean =>
  isEstimated(a) && (lowestOf(b) ?? 0) >= (1 - share) * (a.interval.high ?? Infinity);

/** @returns whether A has an estimate, and B may be worse than it by more than this share */
export const isLost = (verdicts: VerdictComparison, share: number): boolean =>
  verdicts.finding === 'not-comparable' && isEstimated(verdicts.a) && !isKept(verdicts, share);

type Estimated = Extract<SafeMaxTps, { interval: Interval }>;

const isEstimated = (safe: SafeMaxTps): safe is Estimated => safe.kind === 'predicted' || safe.kind === 'confirmed';

function differenceOf(a: Estimated, b: Estimated): NonNullable<VerdictComparison['difference']> {
  const [ofA, ofB] = [drawn(a), drawn(b)];
  const ratios = Float64Array.from({ length: quantiles ** 2 }, (_, place) => {
    const under = ofA[Math.floor(place / quantiles)] as number;
    const over = ofB[place % quantiles] as number;
    return under > 0 ? over / under - 1 : Number.POSITIVE_INFINITY;
  });
  const tail = (1 - confidence) / 2;
  const high = drawQuantile(ratios, 1 - tail);
  // A missing upper end opens the interval of the ratio: in A its lower end, in B its upper end.
  return {
    ratio: b.estimateTps / a.estimateTps - 1,
    low: a.interval.high === undefined ? -1 : drawQuantile(ratios, tail),
    ...(b.interval.high !== undefined && Number.isFinite(high) && { high }),
  };
}

function drawn({ estimateTps, interval: { low, high, confidence: own }, limitedBy }: Estimated): number[] {
  const crossing = measuredCrossing({ value: estimateTps, low, ...(high !== undefined && { high }) }, own, limitedBy);
  return Array.from({ length: quantiles }, (_, place) => drawQuantile(crossing.draws.low, (place + 0.5) / quantiles));
}

function findingOf({ low, high }: NonNullable<VerdictComparison['difference']>): VerdictComparison['finding'] {
  if (low > 0) return 'better';
  return high !== undefined && high < 0 ? 'worse' : 'no-difference-seen';
}

/** A lower end above every possible value of the other is a difference of unknown size. */
function beyond(a: SafeMaxTps, b: SafeMaxTps): VerdictComparison['finding'] {
  const isAbove = (one: SafeMaxTps, other: SafeMaxTps) => (lowestOf(one) ?? 0) > (highestOf(other) ?? Infinity);
  if (isAbove(b, a)) return 'better';
  return isAbove(a, b) ? 'worse' : 'not-comparable';
}

const lowestOf = (safe: SafeMaxTps): number | undefined =>
  isEstimated(safe) ? safe.interval.low : safe.kind === 'at-least' ? safe.tps : undefined;

/** Without an interval, the rate at which throughput stopped growing. */
const highestOf = (safe: SafeMaxTps): number | undefined =>
  isEstimated(safe) ? safe.interval.high : foundMaximum(safe)?.high;
