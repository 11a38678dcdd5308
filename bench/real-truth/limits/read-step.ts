// Reads from the counters of a bundle what one step sustained, and whether within the SLO, without the analyzer.

import { z } from 'zod';
import { bitsPerSecond, type BitsPerSecond } from '../../../core/units.ts';
import { copiedTps, readDrivenLimit, type DrivenLimit } from '../../driven-limit.ts';

/**
 * Utilization of a resource in a step: the mean, and that of each second; records before 2026-11-21T22:00Z only have
 * the mean.
 */
export const ResourceShare = z.strictObject({
  host: z.string(),
  resource: z.string(),
  share: z.number(),
  seconds: z.array(z.number()).optional(),
});

export const DrivenStep = z.strictObject({
  /** `lower`, `past`, or the name of a drive. */
  run: z.string(),
  targetTps: z.number(),
  /** Messages per second acknowledged, read by every group and replicated, once the step had settled. */
  achievedTps: z.number(),
  p99Seconds: z.number().optional(),
  failedShare: z.number(),
  withinSlo: z.boolean(),
  shares: z.array(ResourceShare),
});
export type DrivenStep = z.infer<typeof DrivenStep>;

/** A step in the output of `plimsoll run --json`. */
export const RunStep = z.looseObject({
  targetTps: z.number(),
  achievedTps: z.number(),
  intendedSends: z.number().optional(),
  failedSends: z.number(),
  latencySeconds: z.looseObject({ p99: z.number() }).optional(),
});
export type RunStep = z.infer<typeof RunStep>;

/**
 * A rate is sustained within the SLO if 98% of it is achieved, p99 of sends is at most 1 s, and at most one in a
 * thousand fails.
 */
export const slo = { achievedShare: 0.98, p99Seconds: 1, failedShare: 0.001 };

export interface StepPlace {
  run: string;
  bundle: string;
  step: number;
  cards: ReadonlyMap<string, BitsPerSecond>;
  /** Step at which all replicas kept up, if replicas may fall behind. */
  copied?: DrivenLimit;
}

export async function readStep(
  { run, bundle, step, cards, copied }: StepPlace,
  { targetTps, failedSends, intendedSends = 0, latencySeconds }: RunStep,
): Promise<{ driven: DrivenStep; limit: DrivenLimit }> {
  const limit = await readDrivenLimit(bundle, unitSpeed, step);
  const achievedTps = Math.min(slowestReader(limit), copied ? copiedTps(copied, limit) : limit.acknowledgedPerSecond);
  const p99Seconds = latencySeconds?.p99;
  const failedShare = intendedSends === 0 ? 0 : failedSends / intendedSends;
  const withinSlo =
    achievedTps >= slo.achievedShare * targetTps &&
    (p99Seconds ?? Number.POSITIVE_INFINITY) <= slo.p99Seconds &&
    failedShare <= slo.failedShare;
  const driven: DrivenStep = {
    run,
    targetTps,
    achievedTps,
    ...(p99Seconds !== undefined && { p99Seconds }),
    failedShare,
    withinSlo,
    shares: sharesOf(limit, cards),
  };
  return { driven, limit };
}

/** Shares are computed for one speed of all interfaces, but these interfaces differ. */
const unitSpeed = bitsPerSecond(8);

/** Fetches arrive in bursts: a group that reads 98% within a short window keeps up. */
const slowestReader = ({ acknowledgedPerSecond, groups }: DrivenLimit) =>
  Math.min(acknowledgedPerSecond, ...groups.map(({ messagesPerSecond }) => messagesPerSecond));

const rounded = (share: number) => Number(share.toFixed(4));

function sharesOf({ shares, cpu }: DrivenLimit, cards: ReadonlyMap<string, BitsPerSecond>): DrivenStep['shares'] {
  const ofCards = shares.map(({ host, direction, share, seconds }) => {
    const ofCard = (units: number) => (units * unitSpeed) / (cards.get(host) ?? Number.POSITIVE_INFINITY);
    return { host, resource: direction, share: ofCard(share), seconds: seconds.map(ofCard).map(rounded) };
  });
  const ofCores = cpu.map((each) => ({ ...each, resource: 'cpu', seconds: each.seconds.map(rounded) }));
  return [...ofCards, ...ofCores];
}
