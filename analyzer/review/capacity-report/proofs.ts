// Finds the rates that were sustained for the confirmation time, by origin.

import type { Analysis, SafeMaxTps } from '../../../core/documents/analysis.ts';
import type { Proof } from '../../../core/documents/capacity-report.ts';
import { measuredAt } from './conditions/evidence.ts';
import { hasFailed, isWhole, verdictsOfCluster, type GoCase, type Measured, type ReportPolicy } from './go-case.ts';
import { defined } from '../../../core/defined.ts';

/** By the origin of a run. Written readings prove no sustained rate. */
const proofOrigins: Readonly<Record<NonNullable<Analysis['run']['origin']>, Proof['origin'] | undefined>> = {
  'load-test': 'load-test',
  files: 'load-test',
  production: 'natural-peak',
  redline: 'redline',
  readings: undefined,
};

/** @returns undefined if nothing was sustained long enough, as in written readings and in short steps */
export function proofOf({ analysis, source }: Measured, confirmationSeconds: number): Proof | undefined {
  const { safeMaxTps, run } = analysis;
  const held = heldOf(analysis);
  const origin = proofOrigins[run.origin ?? 'load-test'];
  if (origin === undefined || held === undefined || held.seconds < confirmationSeconds) return undefined;
  // A group, a quota or a doubt may have lowered the answer below a sustained rate.
  const most = safeMaxTps.kind === 'unknown' ? held.tps : Math.min(held.tps, safeMaxTps.tps);
  const { seconds, endedAt } = held;
  return { origin, tps: most, seconds, ...(endedAt !== undefined && { endedAt }), source };
}

export interface Proofs {
  /** Highest proof that no later measurement contradicts. */
  best?: Proof;
  /** Highest proof that a later measurement contradicts, and the result of that. */
  superseded?: { proof: Proof; found: FoundMaximum };
}

/** Lower and upper bound of a maximum; if the upper bound is unknown, the estimate. */
export interface FoundMaximum {
  low: number;
  high: number;
}

/** @returns undefined for a verdict without a limit; one of unknown cause is where throughput stopped growing, or an SLO was violated */
export function foundMaximum(safe: SafeMaxTps): FoundMaximum | undefined {
  if (safe.kind === 'unknown') return safe.below && { low: 0, high: safe.below.tps };
  if (safe.kind === 'at-least') return safe.ceiling && { low: safe.tps, high: Math.max(safe.tps, safe.ceiling.tps) };
  if (safe.kind !== 'confirmed' && safe.kind !== 'predicted') return undefined;
  return { low: safe.tps, high: safe.interval.high ?? safe.estimateTps };
}

/** @param measured of the whole cluster, or with the same brokers down @param later measurements that may contradict them */
export function proofsOf(
  measured: readonly Measured[],
  policy: ReportPolicy,
  later: readonly Measured[] = measured,
): Proofs {
  const judged = measured
    .flatMap((each) => {
      const proof = proofOf(each, policy.confirmationSeconds);
      if (proof === undefined) return [];
      const heldAt = proof.endedAt === undefined ? measuredAt(each.analysis) : Date.parse(proof.endedAt);
      return [{ proof, found: contradictionSince(heldAt, proof.tps, { later, policy }) }];
    })
    .toSorted((a, b) => b.proof.tps - a.proof.tps);
  const best = judged.find(({ found }) => found === undefined)?.proof;
  const [superseded] = judged.flatMap(({ proof, found }) => (found === undefined ? [] : [{ proof, found }]));
  return defined({ best, superseded });
}

/** @returns the proofs for the whole cluster, without those of runs with brokers down */
export function wholeProofs(case_: GoCase): Proofs {
  return proofsOf(case_.measured.filter(isWhole), case_, verdictsOfCluster(case_).filter(isWhole));
}

/** @param sinceMs time of the earlier rate @returns among the maxima that contradict it, the one with the lowest upper bound */
export function contradictionSince(
  sinceMs: number,
  tps: number,
  { later, policy }: { later: readonly Measured[]; policy: ReportPolicy },
): FoundMaximum | undefined {
  return later
    .filter(({ analysis }) => measuredAt(analysis) > sinceMs)
    .flatMap(({ analysis }) => contradictionOf(analysis, tps, policy) ?? [])
    .toSorted((a, b) => a.high - b.high)[0];
}

/**
 * Only a limit that was found, or a failed step, shows that a rate is too high; a rate below any limit does not, and
 * neither does an interval that includes it. An upper bound at which a test failed is not an interval: a test that sustained that target
 * achieved slightly less.
 *
 * @returns the result of the analysis, if it contradicts the rate
 */
export function contradictionOf(
  analysis: Analysis,
  tps: number,
  { achievedShare }: Pick<ReportPolicy, 'achievedShare'>,
): FoundMaximum | undefined {
  const found = foundMaximum(analysis.safeMaxTps);
  const isAbove =
    found !== undefined &&
    (tps > found.high || (tps > found.low && tps >= achievedShare * found.high && hasFailedAt(analysis, found.high)));
  return isAbove ? found : failureBelow(tps / achievedShare, analysis, tps);
}

/**
 * A failure below a rate that the same test sustained, such as in a cold start, is no limit.
 *
 * @returns the rates around the lowest failed target, up to this one; undefined if the same test sustained the rate
 */
function failureBelow(mostTps: number, { run, steps }: Analysis, tps: number): FoundMaximum | undefined {
  // The steps of a redline measure one broker.
  if (run.origin === 'redline') return undefined;
  const sustained = steps.filter(({ verdict }) => verdict.kind === 'sustained');
  const held = Math.max(0, ...sustained.map(({ targetTps = 0, achievedTps }) => Math.max(targetTps, achievedTps)));
  if (held >= tps) return undefined;
  const failed = steps.filter(hasFailed).map(({ targetTps, achievedTps }) => targetTps ?? achievedTps);
  const high = Math.min(...failed.filter((target) => target > held && target <= mostTps));
  if (!Number.isFinite(high)) return undefined;
  return { low: Math.min(high, Math.max(0, ...sustained.map(({ achievedTps }) => achievedTps))), high };
}

/** Whether a search rejected the rate, or a step with this target violated the SLO. */
function hasFailedAt({ certificate, safeMaxTps, steps }: Analysis, tps: number): boolean {
  if (safeMaxTps.kind === 'unknown') return true;
  if (certificate?.upperBounds.some((bound) => bound.tps === tps)) return true;
  if (!('limitedBy' in safeMaxTps) || !('slo' in safeMaxTps.limitedBy)) return false;
  // Several limits make the bound a result of sampling, and so rounded.
  return steps.some(({ targetTps = 0, achievedTps }) => Math.abs(Math.max(targetTps, achievedTps) / tps - 1) < 1e-9);
}

/** For a redline, in which one broker sustained live traffic: the cluster's rate if all of its brokers lead as much. */
function heldOf({ held, redline }: Analysis): Analysis['held'] {
  if (redline?.held === undefined || redline.heldClusterTps === undefined) return held;
  return { ...redline.held, tps: redline.heldClusterTps };
}
