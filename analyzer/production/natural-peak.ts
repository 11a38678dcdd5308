// Finds the highest rate that production sustained within every limit, and its duration; requires no law.

import type { Finding } from '../../core/documents/analysis.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { ResourceUse } from '../verdict/limits/resource-use.ts';
import type { Block, Period } from './blocks.ts';

export interface NaturalPeak {
  tps: number;
  /** Start of consecutive blocks with nearly the same throughput. */
  from: number;
  seconds: number;
}

/** Share of the peak's throughput above which blocks belong to it. */
const nearly = 0.95;

/** @returns undefined if no block was within all limits */
export function naturalPeak({ blocks, places, uses }: Period): NaturalPeak | undefined {
  const healthy = new Set(places.filter((place) => isHealthy(uses, place)));
  const best = [...healthy].toSorted((a, b) => rateOf(blocks, b) - rateOf(blocks, a))[0];
  if (best === undefined) return undefined;
  const held = (place: number) => healthy.has(place) && rateOf(blocks, place) >= nearly * rateOf(blocks, best);
  let [first, last] = [best, best];
  while (held(first - 1) && isAdjoining(blocks, first)) first -= 1;
  while (held(last + 1) && isAdjoining(blocks, last + 1)) last += 1;
  const { from } = (blocks[first] as Block).window;
  return { tps: rateOf(blocks, best), from, seconds: (blocks[last] as Block).window.to - from };
}

const isHealthy = (uses: readonly ResourceUse[], place: number) =>
  uses.every(({ uses: own, capacity, policyLimit, kind }) => {
    const use = own[place];
    return use === undefined ? kind === 'disk' : use.p99 <= policyLimit * capacity.value;
  });

/** @returns the highest rate that consecutive healthy blocks sustained for this time; undefined if none did */
export function heldInProduction({ blocks, places, uses }: Period, leastSeconds: number): NaturalPeak | undefined {
  const healthy = new Set(places.filter((place) => isHealthy(uses, place)));
  const stretches = [...healthy].flatMap((first) => stretchFrom(blocks, healthy, first, leastSeconds) ?? []);
  return stretches.toSorted((a, b) => b.tps - a.tps)[0];
}

/** Whether the block starts at the end of the previous one: blocks without traffic data are omitted, so they may be hours apart. */
const isAdjoining = (blocks: readonly Block[], place: number): boolean =>
  blocks[place]?.window.from === blocks[place - 1]?.window.to;

function stretchFrom(
  blocks: readonly Block[],
  healthy: ReadonlySet<number>,
  first: number,
  leastSeconds: number,
): NaturalPeak | undefined {
  const { from } = (blocks[first] as Block).window;
  let tps = Number.POSITIVE_INFINITY;
  for (let place = first; healthy.has(place); place += 1) {
    const { window } = blocks[place] as Block;
    if (place > first && !isAdjoining(blocks, place)) return undefined;
    tps = Math.min(tps, rateOf(blocks, place));
    if (window.to - from >= leastSeconds) return { tps, from, seconds: window.to - from };
  }
  return undefined;
}

const rateOf = (blocks: readonly Block[], place: number) => blocks[place]?.tps ?? 0;

export function peakFinding({ tps, from, seconds }: NaturalPeak, startedAt: string, policy: Policy): Finding {
  const { confirmationSeconds: confirmation } = policy;
  return findingOf('held-in-production', { tps, startedAt, fromSeconds: from, seconds, confirmation });
}
