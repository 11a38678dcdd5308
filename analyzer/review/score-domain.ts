// Scores forecast, safe maximum, decision and reasons of a domain against its load and incidents.

import type { DomainVerdict } from '../../core/documents/capacity-report.ts';
import type { ReasonScore, ReviewedDomain } from '../../core/documents/promotion-review.ts';
import type { Reading } from '../forecast/history.ts';
import { type DomainRecord, isWithin, type Span } from './domain-record.ts';
import { defined } from '../../core/defined.ts';
import { tellingShare } from '../production/grading/grade-verdict.ts';
import { type ReasonCode, reasonTable } from '../../core/documents/reasons/go-reasons.ts';

/** @param isRecorded whether incidents are known; without them only the forecast can be scored */
export function scoreDomain(verdict: DomainVerdict, course: DomainRecord, isRecorded = true): ReviewedDomain {
  const { domain, decision } = verdict;
  const forecast = scoreForecast(verdict, course.readings);
  const readings = course.readings.length;
  if (!isRecorded) return { domain, decision, readings, ...defined({ forecast }) };
  return {
    domain,
    decision,
    ...defined({ decisionHeld: didDecisionHold(verdict, course) }),
    ...(verdict.reasons.length > 0 && { reasons: scoreReasons(verdict, course) }),
    readings,
    ...defined({ forecast, safeMax: scoreSafeMax(verdict, course) }),
  };
}

function highest(readings: readonly Reading[]): Reading | undefined {
  return readings.reduce<Reading | undefined>((top, each) => (top && top.value >= each.value ? top : each), undefined);
}

function scoreForecast({ peakTps }: DomainVerdict, readings: readonly Reading[]): ReviewedDomain['forecast'] {
  const peak = highest(readings);
  if (peakTps === undefined || peak === undefined) return undefined;
  const { low, mid, high } = peakTps;
  return {
    predicted: { low, mid, high },
    actualTps: peak.value,
    at: new Date(peak.timeMs).toISOString(),
    error: mid > 0 ? peak.value / mid - 1 : 0,
    // No peak matches a single value exactly.
    ...(low < high && { held: peak.value >= low && peak.value <= high }),
  };
}

/** Queues and lag build up and drain for this long around an incident, so its rates were not sustained. */
const builds = 30 * 60_000;

function scoreSafeMax(verdict: DomainVerdict, course: DomainRecord): ReviewedDomain['safeMax'] {
  const predicted = promised(verdict);
  const { readings, troubles } = course.cluster ?? course;
  if (predicted === undefined || readings.length === 0) return undefined;
  const isNear = ({ timeMs }: Reading) =>
    troubles.some(({ fromMs, toMs }) => isWithin(timeMs, { fromMs: fromMs - builds, toMs: toMs + builds }));
  const calmTps = highest(readings.filter((reading) => !isNear(reading)))?.value;
  const inTrouble = readings.filter(({ timeMs }) => troubles.some((trouble) => isWithin(timeMs, trouble)));
  // The highest rate during an incident: it starts before the load decreases, and ends after.
  const strained = incidentsOf(troubles).flatMap(
    (incident) => highest(inTrouble.filter(({ timeMs }) => isWithin(timeMs, incident)))?.value ?? [],
  );
  const strainedTps = strained.length === 0 ? undefined : Math.min(...strained);
  const { low, high } = predicted;
  const outcome = (() => {
    if (strainedTps !== undefined && strainedTps < low) return 'promised-too-much';
    if (calmTps !== undefined && high !== undefined && calmTps > high) return 'promised-too-little';
    if (strainedTps !== undefined || (calmTps !== undefined && calmTps >= tellingShare * low)) return 'held';
    return 'not-tested';
  })();
  return { predicted, outcome, ...defined({ calmTps, strainedTps }) };
}

/** Joins alerts that follow each other while queues and lag drain to one incident. */
function incidentsOf(troubles: readonly Span[]): Span[] {
  const incidents: Span[] = [];
  for (const { fromMs, toMs } of troubles.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = incidents.at(-1);
    if (last !== undefined && fromMs <= last.toMs + builds) last.toMs = Math.max(last.toMs, toMs);
    else incidents.push({ fromMs, toMs });
  }
  return incidents;
}

function promised({
  safeMaxTps,
  safeTps,
}: DomainVerdict): NonNullable<ReviewedDomain['safeMax']>['predicted'] | undefined {
  if (safeMaxTps === undefined || safeMaxTps.kind === 'unknown') return undefined;
  if (safeMaxTps.kind === 'confirmed' || safeMaxTps.kind === 'predicted') {
    const { low, high } = safeMaxTps.interval;
    return { low, mid: safeMaxTps.estimateTps, ...(high !== undefined && { high }) };
  }
  return { low: safeTps ?? safeMaxTps.tps };
}

/**
 * @returns undefined if nothing was read, if there were conditions (only people know whether they were met), or if NO-GO was
 *   not tested: a calm peak refutes a limit, not a missing proof
 */
function didDecisionHold(
  { decision, peakTps, reasons }: DomainVerdict,
  { readings, troubles }: DomainRecord,
): boolean | undefined {
  const peak = highest(readings);
  if (peak === undefined) return undefined;
  if (decision === 'go') return troubles.length === 0;
  if (decision === 'conditions') return undefined;
  if (troubles.length > 0) return true;
  const isRefutable = reasons.some(({ code }) => reasonTable[code].decision === 'no-go' && limitsOfLoad.has(code));
  return isRefutable && peakTps !== undefined && peak.value >= peakTps.low ? false : undefined;
}

/** Reasons that state a limit below the load of the peak. Others state that a proof is missing. */
const limitsOfLoad: ReadonlySet<ReasonCode> = new Set([
  'interval-overlaps',
  'proof-superseded',
  'safe-below-peak',
  'latency-missed',
  'group-below-share',
  'retention-below-average',
]);

/** Reasons that only a lost broker tests. */
const limitsAfterLoss: ReadonlySet<ReasonCode> = new Set([
  'after-loss-below-peak',
  'after-loss-rejects-sends',
  'catch-up-below-peak',
]);

/** Reasons that the load of the present cluster cannot confirm, because another cluster had it, or none. */
const ofOtherClusters: ReadonlySet<ReasonCode> = new Set([
  'plan-closes-gap',
  'plan-not-sure',
  'refused-by-plan',
  'plan-not-measured',
  'plan-without-build',
]);

/**
 * A reason was tested if something went wrong, or if the load came close to the required rate. GO was right if
 * nothing went wrong, and a reason against it if something did. If nothing did, only a stated limit was wrong.
 */
export function scoreReasons({ reasons, peakTps }: DomainVerdict, { readings, troubles }: DomainRecord): ReasonScore[] {
  const highest = readings.reduce((most, { value }) => Math.max(most, value), 0);
  const isTested = peakTps !== undefined && readings.length > 0 && highest >= tellingShare * peakTps.high;
  const wasTrouble = troubles.length > 0;
  const outcomeOf = (code: ReasonCode): ReasonScore['outcome'] => {
    if (ofOtherClusters.has(code) || (!wasTrouble && !isTested)) return 'cannot-be-judged';
    if ((reasonTable[code].decision === 'go') !== wasTrouble) return 'right';
    if (wasTrouble || limitsOfLoad.has(code)) return 'wrong';
    return limitsAfterLoss.has(code) ? 'cannot-be-judged' : 'unproven';
  };
  return reasons.map(({ code }) => ({ code, outcome: outcomeOf(code) }));
}
