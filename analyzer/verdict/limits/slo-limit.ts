// Finds the rate at which an SLO is violated: between two steps, or slightly beyond the last one by a queueing law.

import type { Finding, Limit } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { crossingOf, drawCount, measuredCrossing, type Crossing } from '../fit/crossing.ts';
import { fitLatency, rateOfLatency } from '../fit/latency-law.ts';
import { coldStepsOf } from '../steps/cold-start.ts';
import { backgroundTpsOf, endedSecondsOf, targetTpsOf } from '../steps/measured-step.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import { seededRandom } from '../../../core/statistics/seeded-random.ts';
import { largest } from '../../../core/statistics/statistics.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';

export interface SloLimit {
  limit: Extract<Limit, { slo: unknown }>;
  /** Absent if the SLO was met in every step and nothing indicates the rate at which it is violated. */
  crossing?: Crossing;
  /** One per step; absent if not measured. */
  isKept: readonly (boolean | undefined)[];
  measured: readonly (number | undefined)[];
  bound: { value: number; source: string };
  unit: 's' | 'ratio';
}

interface Promised extends Pick<SloLimit, 'limit' | 'bound' | 'unit' | 'measured'> {
  /** Whether it grows like a queue. */
  isLatency: boolean;
}

/** @param document a redline watches group lag during the load, which ends at it, so no step contains it */
export function sloLimits(
  steps: readonly JudgedStep[],
  { slo, fit, extrapolation }: Policy,
  run: LoadTestRun,
): { limits: SloLimit[]; findings: Finding[] } {
  const { redline } = run.document;
  if (slo === undefined || steps.length === 0) return { limits: [], findings: [] };
  const all = promisedOf(steps, slo, redline !== undefined);
  const isMeasured = ({ measured }: Promised) => measured.some((each) => each !== undefined);
  const unmeasured = unmeasuredFindings(all.filter((each) => !isMeasured(each)));
  const judged = all.filter(isMeasured).map((promised) => {
    const isKept = steps.map(({ verdict }, index) => {
      const measured = promised.measured[index];
      if (measured === undefined) return undefined;
      const isWithin = measured <= promised.bound.value;
      // The rate was achieved, so the SLO is violated whether or not consumers kept up, or the guard stopped the load.
      if ('reason' in verdict && (verdict.reason === 'lag-unknown' || verdict.reason === 'guard-stopped'))
        return isWithin ? undefined : false;
      if (verdict.kind === 'not-judged') return undefined;
      if (verdict.kind === 'invalid' && verdict.reason !== 'errors' && verdict.reason !== 'unstable') return undefined;
      return isWithin;
    });
    // Live traffic keeps brokers warm. Errors and lag have other causes.
    const cold = redline === undefined && promised.isLatency ? coldMisses(steps, isKept, run) : 0;
    const warm = <T>(values: readonly (T | undefined)[]) =>
      values.map((each, index) => (index < cold ? undefined : each));
    const crossing =
      between(steps, promised.limit, warm(isKept), fit.confidence.value) ??
      (promised.isLatency ? byQueue(steps, promised, isKept, fit.confidence.value) : undefined);
    const highest = Math.max(0, ...steps.map(({ step }, index) => (isKept[index] === true ? step.tps : 0)));
    const isNear = crossing !== undefined && crossing.low <= extrapolation.latency.value * highest;
    const known = isNear || highest === 0 ? crossing : undefined;
    const { limit, bound, unit, measured } = promised;
    return {
      // A crossing too far to be an answer still excludes higher ones.
      limit: { limit, bound, unit, measured, ...(crossing && { crossing }), isKept },
      findings: [
        ...coldFinding(promised, cold, steps),
        ...openFinding(
          { ...promised, measured: warm(measured) },
          { highest, missedTps: missedFrom({ isKept }, steps), crossing: known },
        ),
      ],
    };
  });
  return {
    limits: judged.map(({ limit }) => limit),
    findings: [...unmeasured, ...judged.flatMap(({ findings }) => findings)],
  };
}

/** @returns the lowest rate of an SLO that every step violated; undefined if a step met it, or none measured it */
export function missedFrom({ isKept }: Pick<SloLimit, 'isKept'>, steps: readonly JudgedStep[]): number | undefined {
  const missed = steps.flatMap(({ step }, index) => (isKept[index] === false ? [triedTps(step)] : []));
  return missed.length === 0 || isKept.includes(true) ? undefined : Math.min(...missed);
}

/** For production, where metrics show neither client latency nor the load that caused a lag. */
export const unmeasuredSlos = ({ slo = {} }: Policy): Finding[] => unmeasuredFindings(promisedOf([], slo, false));

const unmeasuredFindings = (all: readonly Promised[]): Finding[] =>
  all.map(({ limit, bound, unit }) => findingOf('slo-unmeasured', { limit, bound, unit }));

function promisedOf(steps: readonly JudgedStep[], slo: NonNullable<Policy['slo']>, isLagWatched: boolean): Promised[] {
  const promised = (
    kind: Pick<Promised, 'unit' | 'isLatency'>,
    limit: Promised['limit'],
    bound: Promised['bound'] | undefined,
    measuredIn: (step: JudgedStep['step']) => number | undefined,
  ): Promised[] => (bound ? [{ ...kind, limit, bound, measured: steps.map(({ step }) => measuredIn(step)) }] : []);
  const latency = { unit: 's', isLatency: true } as const;
  const lag = { unit: 's', isLatency: false } as const;
  const errors = { unit: 'ratio', isLatency: false } as const;
  const { publishLatencyP99: publish, endToEndP99, sendErrors, lagTime } = slo;
  const node = 'cluster';
  const groups = new Set(steps.flatMap(({ step }) => step.groups.map(({ group }) => group)));
  return [
    ...promised(latency, { slo: 'publish-latency', node }, publish, ({ recorded }) => recorded.latencySeconds?.p99),
    ...promised(latency, { slo: 'consumer-lag', node }, endToEndP99, ({ recorded }) => recorded.endToEndSeconds?.p99),
    ...promised(errors, { slo: 'send-errors', node }, sendErrors, ({ failedShare }) => failedShare),
    ...[...groups].flatMap((group) =>
      promised(lag, { slo: 'consumer-lag', group }, lagTime, (step) => lagSeconds(step, group)),
    ),
    // Without a group in any step, it is unknown whether the SLO is met.
    ...(groups.size > 0 || isLagWatched ? [] : promised(lag, { slo: 'consumer-lag', node }, lagTime, () => undefined)),
  ];
}

function lagSeconds({ groups, tps }: JudgedStep['step'], group: string): number | undefined {
  const lag = largest(groups.find((each) => each.group === group)?.lag ?? []);
  return lag !== undefined && tps > 0 ? lag / tps : undefined;
}

/** Counts the first steps that violated the SLO in a cold start; a step whose rate was not sustained does not show that it is met. */
const coldMisses = (steps: readonly JudgedStep[], isKept: SloLimit['isKept'], run: LoadTestRun): number =>
  coldStepsOf(
    steps.map(({ step, verdict }, index) => ({
      targetTps: targetTpsOf(step),
      backgroundTps: backgroundTpsOf(step, run),
      endedSeconds: endedSecondsOf(step, run),
      isKept: isKept[index] === true && verdict.kind !== 'sustained' ? undefined : isKept[index],
    })),
  );

/** Above the limit, throughput is below the target, so the target is the rate at which the SLO was violated. */
const triedTps = (step: JudgedStep['step']): number => Math.max(step.tps, targetTpsOf(step));

/**
 * Returns the range from the highest step below which all met the SLO, which is the answer, to the lowest step that
 * violated it.
 */
function between(
  steps: readonly JudgedStep[],
  limit: SloLimit['limit'],
  isKept: SloLimit['isKept'],
  confidence: number,
): Crossing | undefined {
  const rates = (kept: boolean) =>
    steps.flatMap((judged, index) => (isKept[index] === kept ? [kept ? judged.step.tps : triedTps(judged.step)] : []));
  const broken = rates(false);
  if (broken.length === 0) return undefined;
  const high = Math.min(...broken);
  const low = Math.max(0, ...rates(true).filter((tps) => tps < high));
  return measuredCrossing({ value: (low + high) / 2, low, high }, confidence, limit);
}

function byQueue(
  steps: readonly JudgedStep[],
  { measured, bound }: Promised,
  isKept: SloLimit['isKept'],
  confidence: number,
): Crossing | undefined {
  const points = steps.flatMap(({ step, verdict }, index) => {
    const y = measured[index];
    return isKept[index] === true && verdict.kind === 'sustained' && y !== undefined && y > 0
      ? [{ x: step.tps, y }]
      : [];
  });
  const law = fitLatency(points);
  if (law === undefined) return undefined;
  const value = rateOfLatency(law, bound.value);
  const random = seededRandom(points.map(({ x }) => x.toPrecision(6)).join());
  const freedom = points.length - 3;
  const draws = Float64Array.from({ length: drawCount }, () => {
    let square = 0;
    for (let i = 0; i < freedom; i += 1) square += random.normal() ** 2;
    const off = law.holdOutError * random.normal() * Math.sqrt(freedom / square);
    return rateOfLatency(law, bound.value * Math.exp(off));
  });
  return Number.isFinite(value) ? crossingOf(value, { low: draws, high: draws }, confidence) : undefined;
}

function coldFinding(
  { limit, bound, unit, measured }: Promised,
  cold: number,
  steps: readonly JudgedStep[],
): Finding[] {
  if (cold === 0) return [];
  const misses = steps
    .slice(0, cold)
    .map(({ step }, index) => ({ tps: targetTpsOf(step), measured: measured[index] ?? 0 }));
  const worst = Math.max(...misses.map((each) => each.measured));
  return [findingOf('slo-missed-cold', { limit, bound, unit, worst, misses })];
}

function openFinding(
  { limit, bound, unit, measured }: Promised,
  { highest, missedTps, crossing }: { highest: number; missedTps: number | undefined; crossing: Crossing | undefined },
): Finding[] {
  const worst = Math.max(...measured.filter((each) => each !== undefined));
  if (missedTps !== undefined) return [findingOf('slo-missed', { limit, bound, unit, worst, lowestTps: missedTps })];
  if (highest === 0) return [];
  if (crossing === undefined) return [findingOf('slo-kept', { limit, bound, unit, worst, tps: highest })];
  if (crossing.value <= highest || worst > bound.value) return [];
  return [findingOf('slo-extrapolated', { limit, bound, unit, worst, crossingTps: crossing.value })];
}
