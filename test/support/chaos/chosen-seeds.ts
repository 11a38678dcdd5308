// Chooses the seeds of one run of the chaos suite: all of the list, or those in PLIMSOLL_CHAOS_SEEDS.

import { fullMatrix } from '../prerequisites.ts';
import { scenarioOf, type Product, type Scenario } from './scenario.ts';
import { seeds } from './seeds.ts';

/** `PLIMSOLL_CHAOS_SEEDS=1001,1003`; none outside the full matrix. */
export function chosenScenarios(product: Product): readonly Scenario[] {
  if (!fullMatrix) return [];
  const given = process.env['PLIMSOLL_CHAOS_SEEDS']?.split(',').map(Number);
  return seeds
    .filter((seed) => given === undefined || given.includes(seed))
    .map(scenarioOf)
    .filter((scenario) => scenario.product === product);
}
