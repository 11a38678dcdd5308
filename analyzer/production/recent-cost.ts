// Finds resources whose cost per message changed too recently for a separate fit, and accounts for the new cost.

import type { Finding } from '../../core/documents/analysis.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import { median } from '../../core/statistics/statistics.ts';
import type { Crossing } from '../verdict/fit/crossing.ts';
import type { FittedResource } from '../verdict/fit/resource-fit.ts';
import { scaledUse } from '../verdict/limits/resources/use.ts';
import type { ResourceUse } from '../verdict/limits/resource-use.ts';
import { alike, followsLoad, leastChange, leastSure } from './regimes.ts';
import { type Block, loadsOf, type Period, pointsOf } from './blocks.ts';
import { robustLine } from './robust-line.ts';

export interface RecentCost {
  resource: ResourceUse['resource'];
  node: string;
  /** Current over previous cost of a message, and its bounds, two standard errors away. */
  factor: number;
  low: number;
  high: number;
  /** First block with the new cost. */
  since: number;
  /** Use without traffic, in the unit of the capacity. */
  idle: number;
}

/** Numbers of recent blocks to compare with earlier ones: without an event the time of a change is unknown, so each is tried. */
const tails = [3, 4, 6, 8, 12, 16, 24];
/** Fewer standard errors are required after an event, whose time is known, so that only one split is tried. */
const leastSureAfterEvent = 3;

/**
 * @param newer blocks after a later event, too few for a separate verdict
 * @returns at most one per resource: the most certain change
 */
export function recentCosts({ blocks, places, uses }: Period, newer: readonly number[]): RecentCost[] {
  return uses.filter(followsLoad).flatMap((use) => {
    const loads = loadsOf(blocks, use.resource);
    const tried =
      newer.length > 0
        ? [{ before: places, after: newer, least: leastSureAfterEvent }]
        : tails.map((count) => ({ before: places.slice(0, -count), after: places.slice(-count), least: leastSure }));
    const found = tried.flatMap(({ before, after, least }) => costOf(use, loads, before, after, least) ?? []);
    const surest = found.toSorted((a, b) => b.sure - a.sure)[0];
    return surest === undefined ? [] : [surest.cost];
  });
}

function costOf(
  use: ResourceUse,
  loads: readonly number[],
  before: readonly number[],
  after: readonly number[],
  least: number,
): { cost: RecentCost; sure: number } | undefined {
  const { resource, node } = use;
  const line = robustLine(pointsOf(use, loads, before));
  const latest = pointsOf(use, loads, after).filter(({ x }) => x > 0);
  if (line === undefined || !(line.slope > 0) || latest.length === 0) return undefined;
  const factor = median(latest.map(({ x, y }) => (y - line.intercept) / (line.slope * x)));
  const load = median(latest.map(({ x }) => x));
  const error = (1.25 * line.scale) / (line.slope * load) / Math.sqrt(Math.max(1, latest.length / alike));
  const off = Math.abs(factor - 1);
  // Relative to the whole use, as for splitting periods: otherwise cores that idle at night would show nothing.
  const share = (off * line.slope * load) / (line.intercept + line.slope * load);
  const sure = off / Math.max(error, 1e-9);
  if (!(share > leastChange) || sure < least) return undefined;
  const ends = { low: Math.max(0.01, factor - 2 * error), high: factor + 2 * error };
  return { cost: { resource, node, factor, ...ends, since: after[0] as number, idle: line.intercept }, sure };
}

/** Applies a higher cost to earlier use as well: the same traffic would use as much more now. */
export function atRecentCost(uses: readonly ResourceUse[], costs: readonly RecentCost[]): readonly ResourceUse[] {
  return uses.map((use) => {
    const cost = costs.find(({ resource, node }) => resource === use.resource && node === use.node);
    if (cost === undefined || cost.factor <= 1) return use;
    const { since, idle, factor } = cost;
    return { ...use, uses: use.uses.map((each, place) => (place < since ? scaledUse(each, factor, idle) : each)) };
  });
}

/** Widens the intervals by the uncertainty of the new cost. A lower cost, seen only briefly, raises only their upper ends. */
export function withRecentCost(fitted: readonly FittedResource[], costs: readonly RecentCost[]): FittedResource[] {
  return fitted.map((each) => {
    const cost = costs.find(({ resource, node }) => resource === each.resource && node === each.node);
    if (cost === undefined) return each;
    const { factor, low, high } = cost;
    const [down, up] = factor > 1 ? [high / factor, factor / low] : [1, 1 / low];
    const { safe, saturation } = each;
    return {
      ...each,
      ...(safe && { safe: widened(safe, down, up) }),
      ...(saturation && { saturation: widened(saturation, down, up) }),
    };
  });
}

const widened = (crossing: Crossing, down: number, up: number): Crossing => ({
  ...crossing,
  low: crossing.low / down,
  ...(crossing.high !== undefined && { high: crossing.high * up }),
  draws: { low: crossing.draws.low.map((draw) => draw / down), high: crossing.draws.high.map((draw) => draw * up) },
});

export function recentCostFindings(
  costs: readonly RecentCost[],
  blocks: readonly Block[],
  startedAt: string,
): Finding[] {
  return costs.map(({ resource, node, factor, low, high, since }) =>
    findingOf('cost-changed-recently', {
      resource,
      node,
      factor,
      low,
      high,
      startedAt,
      fromSeconds: (blocks[since] as Block).window.from,
    }),
  );
}
