// Chooses the seeds of one run of the chaos suite.

import { fullMatrix } from '../prerequisites.ts';
import { scenarioOf, type Product, type Scenario } from './scenario.ts';
import { seeds } from './seeds.ts';

/** A change of Kafka, in every test run: Plimsoll is killed inside a step, and `--resume` ends the change. */
const shown = 1015;

/** All of the list in the full matrix, or those in `PLIMSOLL_CHAOS_SEEDS=1001,1003`; otherwise one. */
export function chosenScenarios(product: Product): readonly Scenario[] {
  const given = process.env['PLIMSOLL_CHAOS_SEEDS']?.split(',').map(Number);
  const chosen = fullMatrix ? (given ?? seeds) : [shown];
  return seeds
    .filter((seed) => chosen.includes(seed))
    .map(scenarioOf)
    .filter((scenario) => scenario.product === product);
}
