// How many brokers that take messages does each world need, of one shape? Per scenario and resource, in closed form.

import type { Capacity, ShapeCapacity } from './capacity.ts';
import { rateResources, keptResources, type LoadDraws, type PlannedResourceName } from './cluster-load-draws.ts';
import { withLoss, type Scenario } from './scenarios.ts';
import { drawn, type Worlds } from './worlds.ts';

/** How much one resource asks in one scenario: of the brokers that are left in it. */
export interface Asked {
  scenario: Scenario;
  resource: PlannedResourceName;
  /** Brokers that are left, not rounded. */
  masters: number;
}

const tiny = 1e-9;

/**
 * With load L, capacity c of a broker and rebuild traffic b that a lost broker's n-th part makes, the n − k that are left need
 *   (n − k) ≥ L / c                                  and, where b is sent by a group's own master or arrives at one broker,
 *   (n − k) ≥ (L + b) / c,                           and where all others send it,
 *   (n − k) ≥ L / c + (b / c) / n                    which is a quadratic in n − k.
 */
export function mastersLeft(base: number, rebuild: number, lostCount: number, shape: 'own-master' | 'others'): number {
  if (rebuild === 0) return base;
  if (shape === 'own-master') return base + rebuild;
  return (base - lostCount + Math.sqrt((base + lostCount) ** 2 + 4 * rebuild)) / 2;
}

/** One over the capacity of each world, in units of its middle; shared by all shapes with the same interval. */
export class InverseFactors {
  readonly #worlds: Worlds;
  readonly #known = new Map<string, Float64Array>();

  constructor(worlds: Worlds) {
    this.#worlds = worlds;
  }

  of({ low, high, draws }: Capacity): Float64Array {
    const key = `${draws} ${low} ${high}`;
    let factors = this.#known.get(key);
    if (factors === undefined) {
      const normals = draws === 'wire' ? this.#worlds.wire : this.#worlds.capacity;
      const isCertain = draws === 'none' || (low === 1 && high === 1);
      factors = isCertain
        ? new Float64Array(this.#worlds.count + 1).fill(1)
        : drawn({ low, mid: 1, high }, normals).map((factor) => 1 / factor);
      this.#known.set(key, factors);
    }
    return factors;
  }
}

interface Dealt {
  /** The load is dealt out to so many. */
  clusters: number;
  least: number;
  /** Brokers come in multiples of it. */
  step: number;
  dailyShare?: number;
  /** Of one queue, which one broker carries: what is answered where that is too much for it. */
  beyondOneQueue?: number;
}

/** Brokers that take messages, in each world, the middle last. */
export function neededMasters(
  load: LoadDraws,
  { resources }: ShapeCapacity,
  scenarios: readonly Scenario[],
  factors: InverseFactors,
  { clusters, least, step, dailyShare = 1, beyondOneQueue }: Dealt,
): Int32Array {
  const worlds = load.peakTps.length;
  const needed = new Int32Array(worlds).fill(least);
  const asked = new Float64Array(worlds);
  for (const scenario of scenarios) {
    asked.fill(0);
    for (const resource of rateResources) {
      const capacity = resources[resource];
      if (!Number.isFinite(capacity.full)) continue;
      const { base, usual, catchUp, rebuild } = load.rate[resource];
      const inverse = factors.of(capacity);
      const each = 1 / (clusters * limitOf(capacity, scenario, dailyShare));
      const isSpread = scenario.rebuild === 'others' && resource === 'network-out';
      const lostCount = scenario.lost.kind === 'count' ? scenario.lost.count : 0;
      const first = scenario.against === 'daily' ? usual : base;
      const extra = scenario.catchUp ? 1 : 0;
      const again = scenario.rebuild === 'none' ? 0 : 1;
      for (let world = 0; world < worlds; world += 1) {
        const unit = each * (inverse[world] as number);
        const own = ((first[world] as number) + extra * (catchUp[world] as number)) * unit;
        const rebuilt = again * (rebuild[world] as number) * unit;
        const masters = isSpread ? mastersLeft(own, rebuilt, lostCount, 'others') : own + rebuilt;
        if (masters > (asked[world] as number)) asked[world] = masters;
      }
    }
    if (scenario.lost.kind === 'none' && scenario.against === 'safe') {
      for (const resource of keptResources) {
        const each = 1 / (clusters * resources[resource].safe);
        const kept = load.kept[resource];
        for (let world = 0; world < worlds; world += 1) {
          const masters = (kept[world] as number) * each;
          if (masters > (asked[world] as number)) asked[world] = masters;
        }
      }
    }
    for (let world = 0; world < worlds; world += 1) {
      const whole = Math.ceil((asked[world] as number) - tiny);
      const masters = whole > 1 && beyondOneQueue !== undefined ? beyondOneQueue : withLoss(scenario, whole);
      if (masters > (needed[world] as number)) needed[world] = masters;
    }
  }
  if (step > 1) needed.forEach((masters, world) => (needed[world] = Math.ceil(masters / step) * step));
  return needed;
}

export function limitOf({ safe, full }: Capacity, { against }: Scenario, dailyShare: number): number {
  return against === 'safe' ? safe : against === 'full' ? full : full * dailyShare;
}

/** What each resource asks in each scenario of one world. */
export function askedIn(
  world: number,
  load: LoadDraws,
  { resources }: ShapeCapacity,
  scenarios: readonly Scenario[],
  factors: InverseFactors,
  { clusters, dailyShare = 1 }: { clusters: number; dailyShare?: number },
): Asked[] {
  return scenarios.flatMap((scenario) => {
    const rates = rateResources.flatMap((resource): Asked[] => {
      const capacity = resources[resource];
      if (!Number.isFinite(capacity.full)) return [];
      const { base, usual, catchUp, rebuild } = load.rate[resource];
      const unit = (factors.of(capacity)[world] as number) / (clusters * limitOf(capacity, scenario, dailyShare));
      const first = (scenario.against === 'daily' ? usual : base)[world] as number;
      const own = (first + (scenario.catchUp ? (catchUp[world] as number) : 0)) * unit;
      const rebuilt = scenario.rebuild === 'none' ? 0 : (rebuild[world] as number) * unit;
      const isSpread = scenario.rebuild === 'others' && resource === 'network-out';
      const lostCount = scenario.lost.kind === 'count' ? scenario.lost.count : 0;
      const masters = mastersLeft(own, rebuilt, lostCount, isSpread ? 'others' : 'own-master');
      return [{ scenario, resource, masters }];
    });
    if (scenario.lost.kind !== 'none' || scenario.against !== 'safe') return rates;
    return [
      ...rates,
      ...keptResources.map((resource) => ({
        scenario,
        resource,
        masters: (load.kept[resource][world] as number) / (clusters * resources[resource].safe),
      })),
    ];
  });
}

/** What decides: the resource and scenario that ask for the most whole brokers, and of those for the most of them. */
export function binding(asked: readonly Asked[]): Asked {
  const order = (one: Asked, two: Asked) =>
    wholeTotal(one) - wholeTotal(two) || fractionalTotal(one) - fractionalTotal(two) * (1 + tiny);
  return asked.reduce((most, each) => (order(each, most) > 0 ? each : most));
}

export const wholeTotal = ({ scenario, masters }: Asked): number => withLoss(scenario, Math.ceil(masters - tiny));

/** Brokers in all, not rounded. */
export function fractionalTotal({ scenario: { lost }, masters }: Asked): number {
  if (lost.kind === 'none') return masters;
  return lost.kind === 'count' ? masters + lost.count : (masters * lost.zones) / (lost.zones - 1);
}
