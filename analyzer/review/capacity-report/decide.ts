// Decides GO or NO-GO for a domain: a sustained rate above its peak, and all other conditions.

import { defined } from '../../../core/defined.ts';
import type { Analysis, SafeMaxTps } from '../../../core/documents/analysis.ts';
import type { Condition, DomainVerdict, Proof } from '../../../core/documents/capacity-report.ts';
import type { Estimate } from '../../../core/documents/cluster-plan.ts';
import { decisionOf, reasonTable, type Reason } from '../../../core/documents/reasons/go-reasons.ts';
import { causeOf } from '../../../core/documents/reasons/missing-causes.ts';
import { decisions } from '../../../core/documents/reasons/reason-entry.ts';
import { limitKindOf, safeTpsOf, strengthOf } from '../../../core/documents/safe-tps.ts';
import { judgeAfterLoss } from './conditions/after-loss.ts';
import { judgeDiskSpace } from './conditions/disk-space.ts';
import { judgeDrift } from './conditions/drift.ts';
import { judgeFindings, judgeLifetime, measuredAt, newestFirst } from './conditions/evidence.ts';
import { judgeGroups } from './conditions/groups.ts';
import { judgeLatency } from './conditions/latency.ts';
import { judgeMessageSize } from './conditions/message-size.ts';
import { judgeMonitoring } from './conditions/monitoring.ts';
import { judgeOneCluster } from './conditions/one-cluster.ts';
import { judgeOrder } from './conditions/order.ts';
import { judgeReplication } from './conditions/replication.ts';
import {
  isOwnTraffic,
  isWhole,
  judged,
  stepToRun,
  verdictsOfCluster,
  type GoCase,
  type Judged,
  type Measured,
  type MeasuredCase,
} from './go-case.ts';
import {
  contradictionOf,
  contradictionSince,
  foundMaximum,
  wholeProofs,
  type FoundMaximum,
  type Proofs,
} from './proofs.ts';

/** Least share of simulations in which a plan survives the peak, for a GO with conditions. */
const surePlan = 0.9;

/** Reasons that a test of the planned cluster does not remove: wrong or old evidence also misleads the plan, and brokers speed up no slow group. */
const ofPlans: ReadonlySet<Reason['code']> = new Set([
  'critical-finding',
  'different-clusters',
  'evidence-expired',
  'evidence-in-future',
  'forecast-misses-promotion',
  'forecast-without-promotion',
  'group-below-share',
  'peak-measured-once',
]);

type Decision = Pick<
  DomainVerdict,
  'decision' | 'reasons' | 'conditions' | 'survives' | 'proof' | 'safeMaxTps' | 'safeMaxSource' | 'safeTps' | 'headroom'
>;

export function decide(case_: GoCase): Decision {
  const { peakTps, survives } = case_;
  const { best: proof, superseded } = wholeProofs(case_);
  const { analysis: strongest, source } = strongestOf(case_) ?? {};
  const safeMaxTps = strongest && raiseTo(strongest.safeMaxTps, proof);
  const isRaised = strongest && safeMaxTps && rateOf(safeMaxTps) > rateOf(strongest.safeMaxTps);
  const safeMaxSource = isRaised ? proof?.source : source;
  const safe = safeRate(safeMaxTps, proof);
  const figures = {
    survives,
    ...(proof && { proof }),
    ...defined({ safeMaxTps, safeMaxSource }),
    ...(safe !== undefined && peakTps && { safeTps: safe, headroom: 1 - peakTps.mid / safe }),
  };
  const { reasons: ofCluster, conditions } = judge(case_, {
    proof,
    superseded,
    safeMaxTps,
    safe,
    ...foundAround(strongest, proof, case_),
  });
  const reasons = withPlanGap(ofCluster, case_);
  return { decision: decisionOf(reasons), reasons: worstFirst(reasons), conditions, ...figures };
}

interface Rates {
  proof: Proof | undefined;
  superseded: Proofs['superseded'];
  safeMaxTps: SafeMaxTps | undefined;
  /** The known safe rate, sustained or predicted. */
  safe: number | undefined;
  /** Another measurement whose lower end is below the proof without contradicting it. */
  foundTps?: FoundMaximum;
}

function judge(case_: GoCase, rates: Rates): { reasons: Reason[]; conditions: Condition[] } {
  const { peakTps, plan, measured, withoutPeak = [], forecastReasons = [] } = case_;
  const { proof, safe, safeMaxTps, foundTps } = rates;
  if (plan === 'refused') return { reasons: [{ code: 'refused-by-plan' }], conditions: [] };
  const unknown: Reason[] = [
    ...(peakTps === undefined
      ? [{ code: 'peak-unknown' as const, ...(withoutPeak.length > 0 && { subjects: [...withoutPeak] }) }]
      : []),
    ...forecastReasons,
    ...(safe === undefined ? [{ code: 'not-measured' as const, ...missingIn(safeMaxTps) }] : []),
  ];
  if (peakTps === undefined || safe === undefined) {
    const findings = measured.length === 0 ? [] : judgeFindings({ ...case_, neededTps: 0, isProven: false }).reasons;
    return { reasons: [...unknown, ...findings], conditions: [] };
  }
  const neededTps = peakTps.high;
  const measuredCase: MeasuredCase = { ...case_, neededTps, isProven: (proof?.tps ?? 0) >= neededTps };
  const judged = [proofCondition(proof, neededTps), ...conditionsOf(measuredCase)];
  const conditions = judged.map(withMissing);
  const ofRate = [...rateReasons(case_, peakTps, rates), ...supersededReasons(neededTps, rates)];
  const isNextStep = ofRate.some(({ code }) => code === 'not-confirmed');
  // A step for the groups alone would load a cluster beyond its safe maximum.
  const others = judged
    .flatMap((each) => each.reasons)
    .filter(({ code }) => isNextStep || code !== 'groups-not-confirmed');
  const reasons = [...ofRate, ...forecastReasons, ...others];
  const isShort = reasons.some(({ code }) => shortfalls.has(code));
  if (plan !== undefined && isShort)
    return { reasons: planned(plan, reasons, { tps: safe, neededTps }, measured), conditions };
  if (reasons.length > 0) return { reasons, conditions };
  const figures = { tps: proof?.tps ?? safe, neededTps, ...(foundTps && { foundTps }) };
  return { reasons: [{ code: 'proven', ...figures }], conditions };
}

function conditionsOf(case_: MeasuredCase): Judged[] {
  const { survives, measured } = case_;
  // A test with brokers down is no evidence if no loss must be survived.
  const evidence = { ...case_, measured: survives === 'none' ? measured.filter(isWhole) : measured };
  return [
    ...judgeLatency(case_),
    ...judgeAfterLoss(case_),
    judgeDiskSpace(case_),
    judgeGroups(case_),
    judgeMessageSize(case_),
    ...judgeReplication(case_),
    ...judgeOrder(case_),
    judgeOneCluster(case_),
    judgeFindings(evidence),
    judgeMonitoring(evidence),
    judgeDrift(evidence),
    judgeLifetime(evidence),
  ];
}

/** A reason may be excluded from the decision; its condition still names what is missing. */
function withMissing({ condition, reasons }: Judged): Condition {
  const missing = reasons.flatMap((reason) => reason.missing ?? []);
  return condition.state === 'unknown' && missing.length > 0 ? { ...condition, missing } : condition;
}

function proofCondition(proof: Proof | undefined, neededTps: number): Judged {
  const isEnough = proof !== undefined && proof.tps >= neededTps;
  return judged('proof', isEnough ? 'holds' : 'fails', [], {
    neededTps,
    ...(proof && { basis: 'measured', tps: proof.tps, subject: proof.source }),
  });
}

/** Reasons why the rate is not proven; empty if it is. */
function rateReasons(case_: GoCase, peak: Estimate, { proof, safeMaxTps, safe = 0, foundTps }: Rates): Reason[] {
  const { measured } = case_;
  const neededTps = peak.high;
  if (proof !== undefined && proof.tps >= neededTps) return [];
  const next = stepToRun({ ...case_, neededTps });
  const figures = { tps: safe, neededTps };
  if (safe >= neededTps) {
    const isReading =
      safeMaxTps?.kind === 'observed' || measured.every(({ analysis }) => analysis.run.origin === 'readings');
    return [{ code: isReading ? 'read-once' : 'not-confirmed', ...figures, ...next }];
  }
  // A throughput without a limit is no maximum, so a peak above it proves nothing.
  if (safeMaxTps === undefined || foundMaximum(safeMaxTps) === undefined) {
    return [{ code: 'no-maximum-found', ...figures, ...next }];
  }
  const hasInterval = safeMaxTps.kind !== 'at-least';
  const code = hasInterval && safe >= peak.mid ? 'interval-overlaps' : 'safe-below-peak';
  return [{ code, ...figures, ...(foundTps && { foundTps }) }];
}

/** Reasons for a rate that later measurements contradict. */
function supersededReasons(neededTps: number, { proof, superseded }: Rates): Reason[] {
  const isProven = proof !== undefined && proof.tps >= neededTps;
  if (isProven || superseded === undefined || superseded.proof.tps < neededTps) return [];
  const { proof: earlier, found } = superseded;
  return [{ code: 'proof-superseded', tps: found.low, foundTps: found, neededTps, subjects: [earlier.source] }];
}

/** Reasons that a larger cluster removes. */
const shortfalls: ReadonlySet<Reason['code']> = new Set([
  'interval-overlaps',
  'safe-below-peak',
  'no-maximum-found',
  'after-loss-below-peak',
  'after-loss-rejects-sends',
  'catch-up-below-peak',
  'retention-below-average',
]);

function planned(
  { probabilityEnough = 0 }: { probabilityEnough?: number },
  reasons: readonly Reason[],
  figures: { tps: number; neededTps: number },
  measured: readonly Measured[],
): Reason[] {
  // Groups of load tests do no work, so they consume as fast as brokers send.
  const isOfPlans = (code: Reason['code']) => code !== 'group-below-share' || measured.some(isOwnTraffic);
  const kept = reasons.filter(({ code }) => ofPlans.has(code) && isOfPlans(code));
  if (probabilityEnough >= surePlan) return [{ code: 'plan-closes-gap', ...figures, ...lossOf(reasons) }, ...kept];
  // Reasons that can be resolved without the plan stay conditions.
  return reasons.every(({ code }) => reasonTable[code].decision !== 'no-go')
    ? [...reasons]
    : [...reasons, { code: 'plan-not-sure' }];
}

/** What the cluster carries after the loss that it has to survive, which is less than with all brokers. */
function lossOf(reasons: readonly Reason[]): Pick<Reason, 'tps' | 'subjects'> {
  const losses = reasons.filter(({ code }) => code === 'after-loss-below-peak' || code === 'catch-up-below-peak');
  const [worst] = losses.toSorted((a, b) => (a.tps ?? 0) - (b.tps ?? 0));
  return worst === undefined ? {} : defined({ tps: worst.tps, subjects: worst.subjects });
}

/**
 * Returns the strongest of the verdicts of the whole cluster that no later one contradicts; among equals the newest, at the same time the
 * lowest.
 */
function strongestOf(case_: GoCase): Measured | undefined {
  const later = verdictsOfCluster(case_).filter(isWhole);
  const isUncontradicted = ({ analysis }: Measured) =>
    !contradictionSince(measuredAt(analysis), rateOf(analysis.safeMaxTps), { later, policy: case_ });
  const own = case_.measured.filter(isWhole);
  const uncontradicted = own.filter(isUncontradicted);
  // If neighbors contradict all of them, the neighbors' results apply to the cluster.
  const candidates = own.length > 0 && uncontradicted.length === 0 ? later.filter(isUncontradicted) : uncontradicted;
  return candidates.toSorted(({ analysis: a }, { analysis: b }) => {
    const [one, two] = [a.safeMaxTps, b.safeMaxTps];
    const stronger = strengthOf(two) - strengthOf(one);
    if (stronger !== 0) return stronger;
    // Rates below any limit do not contradict each other, so the highest counts.
    if (limitKindOf(one) === 'at-least') return rateOf(two) - rateOf(one);
    return newestFirst(a, b) || rateOf(one) - rateOf(two);
  })[0];
}

/** As within one run: a sustained rate is certain, so neither bound nor estimate of a maximum is below it. */
function raiseTo(safeMax: SafeMaxTps, proof: Proof | undefined): SafeMaxTps {
  if (proof === undefined || (safeMax.kind !== 'confirmed' && safeMax.kind !== 'predicted')) return safeMax;
  const raised = (tps: number) => Math.max(tps, proof.tps);
  const { tps, estimateTps, interval } = safeMax;
  const { low, high } = interval;
  return {
    ...safeMax,
    tps: raised(tps),
    estimateTps: raised(estimateTps),
    interval: { ...interval, low: raised(low), ...(high !== undefined && { high: raised(high) }) },
  };
}

function foundAround(
  strongest: Analysis | undefined,
  proof: Proof | undefined,
  case_: GoCase,
): Pick<Rates, 'foundTps'> {
  if (proof === undefined || strongest === undefined || contradictionOf(strongest, proof.tps, case_)) return {};
  const foundTps = foundMaximum(strongest.safeMaxTps);
  return foundTps !== undefined && foundTps.low < proof.tps ? { foundTps } : {};
}

const rateOf = (safe: SafeMaxTps) => (safe.kind === 'unknown' ? 0 : safe.tps);

function safeRate(safeMax: SafeMaxTps | undefined, proof: Proof | undefined): number | undefined {
  const known = safeMax && safeTpsOf(safeMax);
  if (known === undefined) return proof?.tps;
  return Math.max(known, proof?.tps ?? 0);
}

/** Reasons that can be resolved without a plan stay conditions. */
const withPlanGap = (reasons: readonly Reason[], { planGap }: GoCase): Reason[] =>
  planGap !== undefined && decisionOf(reasons) === 'no-go' ? [...reasons, planGap] : [...reasons];

function missingIn(safeMax: SafeMaxTps | undefined): Pick<Reason, 'subjects'> {
  if (safeMax?.kind !== 'unknown' || safeMax.missing.length === 0) return {};
  return { subjects: safeMax.missing.map(causeOf) };
}

const worstFirst = (reasons: readonly Reason[]): Reason[] =>
  reasons.toSorted(
    (a, b) => decisions.indexOf(reasonTable[b.code].decision) - decisions.indexOf(reasonTable[a.code].decision),
  );
