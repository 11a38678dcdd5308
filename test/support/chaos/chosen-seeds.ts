// Chooses the seeds of one run of the chaos suite.

import { fullMatrix } from '../prerequisites.ts';
import { scenarioOf, type Product, type Scenario } from './scenario.ts';
import { seeds } from './seeds.ts';

/** Returns all of the list in the full matrix, or those in `PLIMSOLL_CHAOS_SEEDS=1001,1003`. */
export function chosenScenarios(product: Product): readonly Scenario[] {
  const given = process.env['PLIMSOLL_CHAOS_SEEDS']?.split(',').map(Number);
  if (!fullMatrix) return [];
  return seeds
    .filter((seed) => given?.includes(seed) ?? true)
    .map(scenarioOf)
    .filter((scenario) => scenario.product === product);
}
