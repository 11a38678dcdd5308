// Computes safe maximum and saturation of a simulated cluster by bisection.

import { normalShareBelow } from './random.ts';
import { judgedResources, useAt, type HostUse, type JudgedResource, type Scatter, type World } from './world.ts';

/** Ratios of capacity as in core/policy/default.yaml, copied by hand: the truth must not depend on the code under test. */
export const policyShares: Readonly<Record<JudgedResource, number>> = {
  'network-in': 0.8,
  'network-out': 0.8,
  cpu: 0.7,
  'disk-io': 0.8,
};

/** Maximum extrapolation beyond the highest step of a load test. */
export const reaches: Readonly<Record<JudgedResource, number>> = {
  'network-in': 2,
  'network-out': 2,
  cpu: 1.5,
  'disk-io': 1.2,
};

export interface TrueLimit {
  resource: JudgedResource;
  host: string;
  /** Ids of the brokers that share it. */
  brokers: readonly string[];
  tps: number;
}

/**
 * The policy compares the p99 of one-second samples with a ratio of the capacity. The distribution is that of long-run behaviour: the
 * law, background use, the scatter of seconds, outliers and bursts with their share of seconds. Transient effects
 * (warm-up, a replica that catches up, an outlying step) are excluded.
 */
export function safeLimits(world: World, shares: Readonly<Record<JudgedResource, number>> = policyShares): TrueLimit[] {
  return limits(world, ({ use, resource }) => {
    const most = shares[resource] * use.capacity;
    return highestRate((tps) => shareAbove(use, useAt(use.law, world.batching, tps), most) <= 0.01);
  });
}

/** Rates at which the mean use equals the capacity. */
export function fullLimits(world: World): TrueLimit[] {
  return limits(world, ({ use }) => {
    const factor = componentsOf(use.scatter).reduce((sum, { share, factor: times }) => sum + share * times, 0);
    const others = use.background?.mean ?? 0;
    return highestRate((tps) => factor * (useAt(use.law, world.batching, tps) + others) < use.capacity);
  });
}

export function firstOf(all: readonly TrueLimit[]): TrueLimit {
  return all.reduce((first, limit) => (limit.tps < first.tps ? limit : first));
}

function limits(world: World, rateOf: (of: { use: HostUse; resource: JudgedResource }) => number): TrueLimit[] {
  return world.hosts.flatMap(({ name, brokers, uses }) =>
    judgedResources.flatMap((resource) => {
      const use = uses[resource];
      return use ? [{ resource, host: name, brokers, tps: rateOf({ use, resource }) }] : [];
    }),
  );
}

function highestRate(isWithin: (tps: number) => boolean): number {
  let [low, high] = [0, 1e9];
  for (let round = 0; round < 100; round += 1) {
    const middle = (low + high) / 2;
    if (isWithin(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Kinds of seconds, with their share of all seconds and their factor on use. */
function componentsOf({ outliers, bursts }: Scatter): { share: number; factor: number }[] {
  const either = (odd: { share: number; factor: number } | undefined) =>
    odd ? [{ share: 1 - odd.share, factor: 1 }, odd] : [{ share: 1, factor: 1 }];
  return either(outliers).flatMap((outer) =>
    either(bursts).map((inner) => ({ share: outer.share * inner.share, factor: outer.factor * inner.factor })),
  );
}

/** @returns ratio of seconds whose use is above `most`, for a mean use according to the law */
function shareAbove({ scatter, background }: HostUse, law: number, most: number): number {
  const others = background?.mean ?? 0;
  const wander = others * (background?.deviation ?? 0);
  return componentsOf(scatter).reduce((sum, { share, factor }) => {
    const mean = factor * (law + others);
    const deviation = Math.hypot(mean * scatter.second, factor * wander);
    return sum + share * (deviation > 0 ? 1 - normalShareBelow((most - mean) / deviation) : Number(mean > most));
  }, 0);
}
