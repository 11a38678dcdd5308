// Splits time into periods with one behaviour, at broker restarts and at changes of the cost per message.

import type { ResourceUse } from '../verdict/limits/resource-use.ts';
import type { TopologyEvent } from '../evidence/sources/telemetry.ts';
import { type LinePoint, robustLine } from './robust-line.ts';
import { median } from '../../core/statistics/statistics.ts';
import { type Block, brokersAt, loadsOf, pointsOf } from './blocks.ts';

/** Blocks in which each resource follows one law. */
export interface Regime {
  /** Positions among all blocks, in order. */
  places: readonly number[];
  /** What ended the previous period; absent for the first. */
  begins?: 'event' | 'cost-changed';
}

/** Shorter parts are too small to compare. */
const leastPart = 8;
/** Least length of a part without an event, so that a nightly job does not form a separate one. */
const leastWithoutEvent = 24;
/** The cost of a message has changed if use at the same traffic differs by more than this share … */
export const leastChange = 0.04;
/** … and by more than this many standard errors, since the best of many cuts is chosen. */
export const leastSure = 5;
/** Number of cuts that are tried; a true cut is still detected half a day off. */
const mostCuts = 48;
/** Consecutive blocks are correlated, so this many count as one. */
export const alike = 3;
/** Warm-up after restarts: a block with an event, and blocks within this time of it, belong to no period. */
const settleSeconds = 600;

export function regimesOf(
  blocks: readonly Block[],
  uses: readonly ResourceUse[],
  events: readonly TopologyEvent[],
): Regime[] {
  const difference: Difference = (before, after) => differenceOf(blocks, uses, before, after);
  const joined: (Regime & { brokers: number | undefined })[] = [];
  for (const part of partedAtEvents(blocks, events)) {
    const before = joined.at(-1);
    if (before && before.brokers === part.brokers && isOneLaw(difference, before.places, part.places)) {
      joined[joined.length - 1] = { ...before, places: [...before.places, ...part.places] };
    } else joined.push(before === undefined ? part : { ...part, begins: 'event' });
  }
  return joined.flatMap(({ places, begins }) => partedByCost({ places, ...(begins && { begins }) }, difference));
}

/** @returns parts with their number of brokers */
function partedAtEvents(blocks: readonly Block[], events: readonly TopologyEvent[]) {
  const windowOf = (place: number) => (blocks[place] as Block).window;
  const settled = [...blocks.keys()].filter((place) => {
    const { from, to } = windowOf(place);
    return !events.some(({ elapsedSeconds }) => elapsedSeconds > from - settleSeconds && elapsedSeconds < to);
  });
  const eventsBefore = (place: number) =>
    events.filter(({ elapsedSeconds }) => elapsedSeconds <= windowOf(place).from).length;
  return [...Map.groupBy(settled, eventsBefore).values()].map((places) => {
    return { places, brokers: brokersAt(events, windowOf(places[0] as number).from) };
  });
}

function partedByCost(regime: Regime, difference: Difference): Regime[] {
  const { places, begins } = regime;
  let best: { at: number; sure: number } | undefined;
  const stride = Math.max(2, Math.ceil(places.length / mostCuts));
  for (let at = leastWithoutEvent; at <= places.length - leastWithoutEvent; at += stride) {
    const sure = difference(places.slice(0, at), places.slice(at));
    if (sure > (best?.sure ?? leastSure)) best = { at, sure };
  }
  if (best === undefined) return [regime];
  const left = { places: places.slice(0, best.at), ...(begins && { begins }) };
  const right: Regime = { places: places.slice(best.at), begins: 'cost-changed' };
  return [...partedByCost(left, difference), ...partedByCost(right, difference)];
}

const isOneLaw = (difference: Difference, before: readonly number[], after: readonly number[]): boolean =>
  before.length >= leastPart && after.length >= leastPart && difference(before, after) < 3;

type Difference = (before: readonly number[], after: readonly number[]) => number;

/**
 * Significance of the difference between the laws of two parts: the median residual of one part's blocks from the common line,
 * compared with the other's, at the traffic that both had.
 *
 * @returns standard errors for the resource that differs most; 0 if the difference is too small to matter
 */
function differenceOf(
  blocks: readonly Block[],
  uses: readonly ResourceUse[],
  before: readonly number[],
  after: readonly number[],
): number {
  return uses.filter(followsLoad).reduce((most, use) => {
    const loads = loadsOf(blocks, use.resource);
    return Math.max(most, differenceOfLines(pointsOf(use, loads, before), pointsOf(use, loads, after)));
  }, 0);
}

/** Memory and heap fill with time, not with messages. */
export function followsLoad({ resource }: Pick<ResourceUse, 'resource'>): boolean {
  return resource === 'cpu' || resource === 'disk-io' || resource.startsWith('network');
}

function differenceOfLines(before: readonly LinePoint[], after: readonly LinePoint[]): number {
  const [one, other] = [robustLine(before), robustLine(after)];
  if (one === undefined || other === undefined) return 0;
  const at = median([...before, ...after].map(({ x }) => x));
  const high = Math.min(highest(before), highest(after));
  return Math.max(
    ...[at, high].map((x) => {
      const [left, right] = [one.intercept + one.slope * x, other.intercept + other.slope * x];
      const level = Math.max(left, right);
      if (!(level > 0) || Math.abs(left - right) < leastChange * level) return 0;
      const error = Math.hypot(errorAt(one.scale, before, x), errorAt(other.scale, after, x));
      return Math.abs(left - right) / Math.max(error, 1e-9 * level);
    }),
  );
}

/** Standard error of a line at x; the factor 1.25 accounts for the median instead of the mean. */
function errorAt(scale: number, points: readonly LinePoint[], x: number): number {
  const n = points.length / alike;
  const middle = points.reduce((sum, point) => sum + point.x, 0) / points.length;
  const variance = points.reduce((sum, point) => sum + (point.x - middle) ** 2, 0) / points.length;
  const reach = variance > 0 ? (x - middle) ** 2 / variance : 0;
  return 1.25 * scale * Math.sqrt((1 + reach) / n);
}

function highest(points: readonly LinePoint[]): number {
  return points.reduce((most, { x }) => Math.max(most, x), 0);
}
