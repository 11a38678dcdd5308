// Chooses the seeds of one run of the chaos suite.

import { fullMatrix } from '../prerequisites.ts';
import { scenarioOf, type Product, type Scenario } from './scenario.ts';
import { seeds } from './seeds.ts';

/** In every test run: Plimsoll is killed inside a step, and `--resume` ends the change. */
const shown: Record<Product, number> = { kafka: 1015, rocketmq: 1008 };

/** All of the list in the full matrix, or those in `PLIMSOLL_CHAOS_SEEDS=1001,1003`; otherwise one of each broker. */
export function chosenScenarios(product: Product): readonly Scenario[] {
  const given = process.env['PLIMSOLL_CHAOS_SEEDS']?.split(',').map(Number);
  const chosen = fullMatrix ? (given ?? seeds) : [shown[product]];
  return seeds
    .filter((seed) => chosen.includes(seed))
    .map(scenarioOf)
    .filter((scenario) => scenario.product === product);
}
