// Compares the reported limit of a set-up with the achieved rate.

import { readDefaultPolicy } from '../../../core/policy/policy.ts';
import { leastSquares } from '../../../core/statistics/regression.ts';
import { median } from '../../bench.ts';
import type { KnownTruth, LimitSetUp } from './limit-set-up.ts';
import type { LossOutcome } from './lose-broker.ts';
import type { DrivenStep } from './read-step.ts';
import type { Reported, ReportedAnswer } from './reported.ts';

export interface Measured {
  /**
   * Median of the achieved rates of the steps past the limit, or the highest rate within the SLO if that is higher. The
   * maximum of any step would include bursts: for its window of 11 s, a Kafka quota lets more through.
   */
  saturationTps: number;
  /** Highest rate sustained within the SLO; 0 if none. */
  withinSloTps: number;
  /**
   * Highest rate within the SLO at which every network interface, and the cores unless they are shared, stay below
   * their policy limit.
   */
  withinPolicyTps: number;
}

export interface Grade {
  /** Relative error of the predicted saturation; absent if none is predicted or confirmed. */
  error?: number;
  /** True if the interval of the saturation contains the measured one. */
  covers?: boolean;
  halfWidth?: number;
  /**
   * Whether a named limit is one of the right ones; `cause-unknown` if the report states that throughput is limited by
   * an unknown cause.
   */
  named: 'right' | 'wrong' | 'cause-unknown' | 'none';
  /** Safe maximum divided by the highest rate within SLO and policy. */
  useful?: number;
  /** True if the safe maximum is above the highest rate sustained within the SLO. */
  isUnsafe: boolean;
}

/** Drives of a few seconds cannot distinguish two rates closer than this. */
const resolution = 1.03;

export function measure(
  steps: readonly DrivenStep[],
  { hasOwnCore = false }: Pick<LimitSetUp, 'hasOwnCore'> = {},
): Measured {
  const sustained = steps.filter(({ withinSlo }) => withinSlo);
  const withinSloTps = Math.max(0, ...sustained.map(({ targetTps }) => targetTps));
  return {
    saturationTps: Math.max(withinSloTps, ...pastLimit(steps, withinSloTps)),
    withinSloTps,
    withinPolicyTps: Math.min(withinSloTps, policyTps(hasOwnCore ? sustained : sustained.map(cardsAlone))),
  };
}

/** @returns the rate achieved past the limit; empty if no step went past it */
function pastLimit(steps: readonly DrivenStep[], withinSloTps: number): number[] {
  const past = steps.filter(({ withinSlo, targetTps }) => !withinSlo && targetTps > withinSloTps);
  return past.length === 0 ? [] : [median(past.map(({ achievedTps }) => achievedTps))];
}

/**
 * Computes the rate at which the first resource reaches its policy limit, by a line through its utilization; with one
 * step, in proportion. The policy applies to the p99 of one-second samples, so the line is raised by the ratio of the
 * p99 of all seconds to the mean of their step.
 */
function policyTps(steps: readonly DrivenStep[]): number {
  const { limits } = readDefaultPolicy();
  const all = steps.flatMap(({ achievedTps, shares }) => shares.map((each) => ({ ...each, achievedTps })));
  const peaks = new Map(
    [...Map.groupBy(all, ({ resource }) => resource)].map(([resource, points]) => [resource, peakOver(points)]),
  );
  const rates = [...Map.groupBy(all, ({ host, resource }) => `${resource} ${host}`).values()].flatMap((points) => {
    const [first] = points;
    const policy = first && limits[first.resource as keyof typeof limits]?.value;
    const line = leastSquares(
      points.map(({ share }) => share),
      [points.map(({ achievedTps }) => achievedTps)],
    );
    if (first === undefined || policy === undefined) return [];
    const limit = policy / (peaks.get(first.resource) ?? 1);
    if (points.length === 1 && first.share > 0) return [(limit / first.share) * first.achievedTps];
    const [intercept, slope] = line?.coefficients ?? [];
    if (intercept === undefined || slope === undefined || slope <= 0) return [];
    return [(limit - intercept) / slope];
  });
  return Math.min(...rates.filter((rate) => rate > 0));
}

/** Below this share, single messages change the utilization noticeably. */
const leastShare = 0.1;

/**
 * @returns ratio of the p99 of seconds to the mean of their step, of one kind of resource on all hosts; 1 if no seconds
 * were recorded
 */
function peakOver(points: readonly DrivenStep['shares'][number][]): number {
  const ratios = points
    .filter(({ share }) => share > leastShare)
    .flatMap(({ share, seconds = [] }) => seconds.map((second) => second / share))
    .toSorted((a, b) => a - b);
  return Math.max(1, ratios[Math.ceil(0.99 * ratios.length) - 1] ?? 1);
}

export function grade({ safe, saturation }: Reported, measured: Measured, truth: KnownTruth): Grade {
  const { withinSloTps, withinPolicyTps, saturationTps } = measured;
  const estimate = saturation.estimateTps;
  const limit = safe.limit ?? saturation.limit;
  return {
    ...(estimate !== undefined && {
      error: estimate / saturationTps - 1,
      ...intervalGrade(saturation, estimate, saturationTps),
    }),
    named: namedIn(limit, [safe, saturation], truth),
    ...(safe.tps !== undefined && withinPolicyTps > 0 && { useful: safe.tps / withinPolicyTps }),
    isUnsafe: safe.tps !== undefined && safe.tps > resolution * withinSloTps,
  };
}

function namedIn(limit: string | undefined, answers: readonly ReportedAnswer[], truth: KnownTruth): Grade['named'] {
  if (limit !== undefined) return truth.named.test(limit) ? 'right' : 'wrong';
  // An answer may stop at the tested rate because of a cause that it names.
  if (answers.some(({ reason }) => reason !== undefined && truth.named.test(reason))) return 'right';
  return answers.some(({ reason }) => reason === 'limit-cause-unknown') ? 'cause-unknown' : 'none';
}

function intervalGrade({ low, high }: ReportedAnswer, estimate: number, truth: number) {
  if (low === undefined) return {};
  return {
    covers: low <= truth && truth <= (high ?? Number.POSITIVE_INFINITY),
    ...(high !== undefined && { halfWidth: (high - low) / 2 / estimate }),
  };
}

export interface LossGrade {
  /** Predicted safe maximum after the loss, lower end of its interval; absent if none is reported for this broker. */
  predictedTps?: number;
  /** Estimate that `predictedTps` is the lower end of; absent in rows recorded before it was stored. */
  estimateTps?: number;
  /** Rate at which the first network interface reaches its policy limit, or a lower one that violates the SLO. */
  measuredTps: number;
  /** Error of the estimate, or of its lower end if only that was recorded. */
  error?: number;
  /**
   * Error of the change: predicted rate after the loss divided by predicted rate before it, compared with the same
   * ratio of measured rates. In rows recorded without seconds, the policy applies to the mean of steps here and to the
   * p99 in the analysis; that difference affects both rates.
   */
  changeError?: number;
}

export function gradeLossOf({ lost, reported, before, after }: DrivenLoss): LossGrade {
  const { safe, withoutOne = [] } = reported;
  const { tps: predictedTps, estimateTps } = withoutOne.find(({ id }) => id === lost) ?? {};
  const [{ withinPolicyTps: measuredTps }, { withinPolicyTps: allBrokersTps }] = [measure(after), measure(before)];
  return {
    ...(predictedTps !== undefined && { predictedTps, error: (estimateTps ?? predictedTps) / measuredTps - 1 }),
    ...(estimateTps !== undefined && { estimateTps }),
    ...changeError(safe, { tps: predictedTps, estimateTps }, measuredTps / allBrokersTps),
    measuredTps,
  };
}

/** Removes the cores, which all brokers and the load generator share: they are not a limit of one broker. */
const cardsAlone = (step: DrivenStep): DrivenStep => ({
  ...step,
  shares: step.shares.filter(({ resource }) => resource.startsWith('network')),
});

type DrivenLoss = Pick<LossOutcome, 'lost' | 'reported' | 'before' | 'after'>;

/** Compares estimates with estimates, and lower ends with lower ends. */
function changeError(
  before: Pick<ReportedAnswer, 'tps' | 'estimateTps'>,
  after: { tps: number | undefined; estimateTps: number | undefined },
  measured: number,
): Pick<LossGrade, 'changeError'> {
  const kind = after.estimateTps === undefined ? 'tps' : 'estimateTps';
  const [from, to] = [before[kind], after[kind]];
  if (from === undefined || to === undefined || !(measured > 0) || !Number.isFinite(measured)) return {};
  return { changeError: to / from / measured - 1 };
}
