// Checks the computed true limits by hours of simulated load at them.

import { expect, test } from 'vitest';
import { fullMatrix } from '../support/prerequisites.ts';
import { changed } from './world/calm-clusters.ts';
import { simulate } from './world/seconds.ts';
import { drawWorld, stratumNames, type StratumName } from './world/strata.ts';
import { firstOf, policyShares, safeLimits, type TrueLimit } from './world/true-limits.ts';
import type { World } from './world/world.ts';

const hours = fullMatrix ? 20 : 4;

/** Removes warm-up and outlying steps, which are not part of the true limit. */
function steady(world: World, tps: number): World {
  const level = changed(world, (use) => ({ ...use, scatter: { ...use.scatter, step: 0 } }));
  const hosts = level.hosts.map((host) => ({ ...host, warmUp: { share: 0, seconds: 1 } }));
  const steps = [{ targetTps: Math.floor(tps), durationSeconds: 3600 * hours }];
  return { ...world, passing: [], warmUpSeconds: 0, hosts, steps };
}

function sharesOf(world: World, { host, resource }: TrueLimit): number[] {
  const capacity = world.hosts.find(({ name }) => name === host)?.uses[resource]?.capacity ?? 0;
  return [...simulate(world)].map(({ uses }) => (uses.get(host)?.[resource] ?? 0) / capacity);
}

const strata: readonly StratumName[] = [
  'kafka, three brokers',
  'noisy seconds',
  'seconds that resemble each other',
  'outlier seconds',
  'collections in a row',
  'write-back in bursts',
  'traffic of others',
  'cores that contend',
];

test.each(strata)('at the true safe limit, 1% of seconds are above the policy limit: %s', (name) => {
  const world = drawWorld(name, 3);
  const first = firstOf(safeLimits(world));
  const shares = sharesOf(steady(world, first.tps), first);
  const above = shares.filter((share) => share > policyShares[first.resource]).length / shares.length;
  expect(above).toBeGreaterThan(0.008);
  expect(above).toBeLessThan(0.012);
});

test('a seed always draws the same simulated cluster, and different strata draw different ones', () => {
  for (const name of stratumNames) expect(drawWorld(name, 1)).toEqual(drawWorld(name, 1));
  const rates = new Set(stratumNames.map((name) => firstOf(safeLimits(drawWorld(name, 2))).tps));
  expect(rates.size).toBe(stratumNames.length);
});
