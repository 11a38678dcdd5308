// Compares verdicts with the true limits, and sums over many.

import type { Analysis, Limit } from '../../../core/documents/analysis.ts';
import { firstOf, fullLimits, reaches, safeLimits, type TrueLimit } from './true-limits.ts';
import type { World } from './world.ts';

export interface Judged {
  stratum: string;
  seed: number;
  /** True if the load came near enough to the limit, and everything was read, so that a number is required. */
  isAnswerable: boolean;
  isAnswered: boolean;
  /** Kind of the verdict. */
  kind: Analysis['safeMaxTps']['kind'];
  trueTps: number;
  tps?: number;
  interval?: { low: number; high?: number | undefined };
  covers?: boolean;
  /** Width of the interval over the estimate. */
  width?: number;
  /** True if the reported safe rate is above the true limit. */
  isUnsafe: boolean;
  /** Absent if two limits are within a tenth of each other. */
  isBindingRight?: boolean;
  /** Whether the interval covers the true saturation rate. */
  coversFull?: boolean;
  trueLimit: TrueLimit;
  limitedBy?: Limit;
}

export function judgeAnswer(world: World, { safeMaxTps, saturationTps }: Analysis): Judged {
  const limits = safeLimits(world);
  const first = firstOf(limits);
  const isNumber = safeMaxTps.kind === 'confirmed' || safeMaxTps.kind === 'predicted';
  const said = safeMaxTps.kind === 'unknown' ? undefined : safeMaxTps.tps;
  const full = firstOf(fullLimits(world)).tps;
  return {
    stratum: world.name,
    seed: world.seed,
    isAnswerable: isAnswerable(world, first),
    isAnswered: isNumber,
    kind: safeMaxTps.kind,
    trueTps: first.tps,
    trueLimit: first,
    isUnsafe: said !== undefined && said > first.tps,
    ...(said !== undefined && { tps: said }),
    ...(isNumber && {
      interval: safeMaxTps.interval,
      covers: holds(safeMaxTps.interval, first.tps),
      width:
        ((safeMaxTps.interval.high ?? Number.POSITIVE_INFINITY) - safeMaxTps.interval.low) / safeMaxTps.estimateTps,
      limitedBy: safeMaxTps.limitedBy,
      ...(isAlone(first, limits) && { isBindingRight: isNamed(safeMaxTps.limitedBy, first, limits) }),
    }),
    ...((saturationTps.kind === 'confirmed' || saturationTps.kind === 'predicted') && {
      coversFull: holds(saturationTps.interval, full),
    }),
  };
}

function holds({ low, high = Number.POSITIVE_INFINITY }: { low: number; high?: number | undefined }, tps: number) {
  return low <= tps && tps <= high;
}

/** At least three steps, the highest within the policy's range of extrapolation, with a margin of a tenth. */
function isAnswerable(world: World, first: TrueLimit): boolean {
  if (world.unread.host !== undefined) return false;
  let at = world.warmUpSeconds;
  const driven = world.steps.filter(({ durationSeconds, targetTps }) => {
    at += durationSeconds;
    return at <= (world.cutOffSeconds ?? Number.POSITIVE_INFINITY) && targetTps <= first.tps / 0.8;
  });
  const highest = Math.max(0, ...driven.map(({ targetTps }) => targetTps));
  return driven.length >= 3 && highest * reaches[first.resource] >= 1.1 * first.tps;
}

/** Limits of one resource on several hosts are one limit: brokers with equal shares reach it together. */
function isAlone(first: TrueLimit, limits: readonly TrueLimit[]): boolean {
  return limits.every(({ resource, tps }) => resource === first.resource || tps > apart * first.tps);
}

/** If several hosts reach it within a tenth, any of them may be named by chance. */
function isNamed(said: Limit, first: TrueLimit, limits: readonly TrueLimit[]): boolean {
  if (!('resource' in said)) return false;
  const { resource, node } = said;
  return limits.some(
    (limit) =>
      limit.resource === resource &&
      (limit.brokers.includes(node) || limit.host === node) &&
      limit.tps <= apart * first.tps,
  );
}

const apart = 1.1;

export interface Sum {
  name: string;
  runs: number;
  answerable: number;
  /** Number of answerable ones with a number. */
  answered: number;
  /** With a number, answerable or not; of those: covered, unsafe, and with covered saturation. */
  numbers: number;
  covered: number;
  unsafe: number;
  full: number;
  coveredFull: number;
  /** Number of verdicts with a number and a single limit. */
  alone: number;
  bindingRight: number;
  medianWidth: number | undefined;
  /** Median ratio of the reported safe rate to the true one. */
  medianShare: number | undefined;
  misses: string[];
}

export function sumOf(name: string, judged: readonly Judged[]): Sum {
  const count = (is: (one: Judged) => boolean | undefined) => judged.filter((one) => is(one) === true).length;
  const middle = (of: (one: Judged) => number | undefined) => {
    const values = judged.flatMap((one) => (one.isAnswered ? (of(one) ?? []) : [])).sort((a, b) => a - b);
    return values[values.length >> 1];
  };
  return {
    name,
    runs: judged.length,
    answerable: count(({ isAnswerable }) => isAnswerable),
    answered: count((one) => one.isAnswerable && one.isAnswered),
    numbers: count(({ isAnswered }) => isAnswered),
    covered: count(({ covers }) => covers),
    unsafe: count(({ isUnsafe }) => isUnsafe),
    full: count(({ coversFull }) => coversFull !== undefined),
    coveredFull: count(({ coversFull }) => coversFull),
    alone: count(({ isBindingRight }) => isBindingRight !== undefined),
    bindingRight: count(({ isBindingRight }) => isBindingRight),
    medianWidth: middle(({ width }) => width),
    medianShare: middle(({ tps, trueTps }) => tps && tps / trueTps),
    misses: judged
      .filter(({ covers, isUnsafe, isBindingRight }) => covers === false || isUnsafe || isBindingRight === false)
      .map(({ seed }) => String(seed)),
  };
}

/** @returns one sum for each stratum, in the order of first occurrence */
export function sumsByStratum(judged: readonly Judged[]): Sum[] {
  return [...Map.groupBy(judged, ({ stratum }) => stratum)].map(([name, own]) => sumOf(name, own));
}
