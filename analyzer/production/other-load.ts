// Finds other load at fixed hours: hours with more or less use than other hours with the same traffic.

import type { Finding } from '../../core/documents/analysis.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import type { ResourceUse } from '../verdict/limits/resource-use.ts';
import { followsLoad } from './regimes.ts';
import { type Block, loadsOf, type Period, pointsOf } from './blocks.ts';
import { robustLine, type LinePoint } from './robust-line.ts';
import { median, normalMad, quantile } from '../../core/statistics/statistics.ts';

/** A resource whose slope over all blocks differs from the slope of block-to-block changes. */
export interface Confounded {
  resource: ResourceUse['resource'];
  node: string;
  level: number;
  difference: number;
}

interface OtherLoad {
  resource: ResourceUse['resource'];
  node: string;
  /** Hour of the day, UTC. */
  hour: number;
  /** Difference from other hours with the same traffic, as a share of capacity. */
  share: number;
}

/** Share of the capacity; a smaller difference moves no limit by more than a hundredth. */
const leastShare = 0.01;
const leastSure = 4;
/** Traffic within this share counts as the same. */
const alikeTraffic = 0.1;
const leastBlocks = 3;
/** Least number of other hours to compare with. */
const leastHours = 2;

const secondsPerDay = 86_400;

export function hourOf({ window }: Block, startedAt: string): number {
  const seconds = Date.parse(startedAt) / 1000 + (window.from + window.to) / 2;
  return Math.floor((seconds % secondsPerDay) / 3600);
}

export function otherLoadOf({ blocks, places, uses }: Period, startedAt: string): OtherLoad[] {
  return uses.filter(followsLoad).flatMap((use) => {
    const { resource, node, capacity } = use;
    const points = pointsOf(use, loadsOf(blocks, resource), places).map(({ place, ...point }) => {
      return { ...point, hour: hourOf(blocks[place] as Block, startedAt), kept: true };
    });
    const found: OtherLoad[] = [];
    // Removes the strongest first, because it hides or distorts the others.
    for (;;) {
      const kept = points.filter((point) => point.kept);
      const line = robustLine(kept);
      if (line === undefined) return found;
      const residuals = kept.map(({ x, y, hour }) => ({ x, hour, off: y - line.intercept - line.slope * x }));
      const scale = Math.max(line.scale, 1e-6 * capacity.value);
      let worst: { hour: number; off: number; sure: number } | undefined;
      for (const [hour, own] of Map.groupBy(residuals, (each) => each.hour)) {
        const [low, high] = [Math.min(...own.map(({ x }) => x)), Math.max(...own.map(({ x }) => x))];
        const others = residuals.filter(
          (each) => each.hour !== hour && each.x >= low * (1 - alikeTraffic) && each.x <= high * (1 + alikeTraffic),
        );
        const isAlone = new Set(others.map((each) => each.hour)).size < leastHours;
        if (own.length < leastBlocks || others.length < leastBlocks || isAlone) continue;
        const off = median(own.map((each) => each.off)) - median(others.map((each) => each.off));
        const sure = Math.abs(off) / (scale * Math.sqrt(1.6 / own.length + 1.6 / others.length));
        if (Math.abs(off) >= leastShare * capacity.value && sure > (worst?.sure ?? leastSure))
          worst = { hour, off, sure };
      }
      if (worst === undefined) return found;
      const { hour, off } = worst;
      found.push({ resource, node, hour, share: off / capacity.value });
      for (const point of points) if (point.hour === hour) point.kept = false;
    }
  });
}

/**
 * Compares the slope of block-to-block changes with the slope over all blocks: other load that varies with the traffic
 * over hours affects the second and not the first.
 *
 * @returns the resources whose slopes differ significantly by more than a fifth
 */
export function confounded({ blocks, places, uses }: Period): Confounded[] {
  return uses.filter(followsLoad).flatMap((use) => {
    const { resource, node } = use;
    const points = pointsOf(use, loadsOf(blocks, resource), places);
    const line = robustLine(points);
    const steps = changesOf(points);
    if (line === undefined || steps.length < leastSteps || !(line.slope > 0)) return [];
    // Through the origin: without a traffic change there is no change of use. Larger changes have more weight.
    const typical = typicalOf(steps);
    const large = steps.filter(({ x }) => Math.abs(x) >= typical && x !== 0);
    const slopes = large.map(({ x, y }) => y / x);
    const slope = median(slopes);
    const spread = normalMad * median(slopes.map((each) => Math.abs(each - slope)));
    const error = (1.25 * spread) / Math.sqrt(large.length / 3);
    const isFar = Math.abs(slope / line.slope - 1) > 0.2 && Math.abs(slope - line.slope) > 4 * error;
    return isFar ? [{ resource, node, level: line.slope, difference: slope }] : [];
  });
}

/**
 * Changes over an hour, because consecutive blocks differ by little but noise. For traffic that repeats every hour, changes are taken over
 * three quarters of an hour.
 */
function changesOf(points: readonly (LinePoint & { place: number })[]): LinePoint[] {
  const loads = points.map(({ x }) => x);
  const range = quantile(loads, 0.95) - quantile(loads, 0.05);
  const [hourly = [], shorter = []] = [4, 3].map((blocks) =>
    points.flatMap((point, index) => {
      const before = points[index - blocks];
      return before && point.place - before.place === blocks ? [{ x: point.x - before.x, y: point.y - before.y }] : [];
    }),
  );
  return typicalOf(hourly) >= leastChange * range || typicalOf(shorter) < typicalOf(hourly) ? hourly : shorter;
}

const typicalOf = (changes: readonly LinePoint[]) => median(changes.map(({ x }) => Math.abs(x)));
/** Share of the range of the traffic. A daily wave changes by a tenth of its range within an hour. */
const leastChange = 0.05;
const leastSteps = 20;

export function otherLoadFindings(found: readonly OtherLoad[]): Finding[] {
  return [...Map.groupBy(found, ({ resource, node }) => `${resource} ${node}`).values()].map((own) => {
    const [{ resource, node }] = own as [OtherLoad, ...OtherLoad[]];
    const hours = own.map(({ hour }) => hour).toSorted((a, b) => a - b);
    const worst = own.reduce((most, each) => (Math.abs(each.share) > Math.abs(most.share) ? each : most));
    return findingOf('other-load-by-clock', { resource, node, hours, worst });
  });
}
