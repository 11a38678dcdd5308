// Orders the runs of two values in random balanced blocks (abba or baab) from a seed.

import { seededRandom } from '../../../core/statistics/seeded-random.ts';
import type { Side } from './effect.ts';

const block = 4;

/** @param runs of both values; rounded up to a multiple of four, since half a block favours one value */
export function turnsOf(runs: number, seed: number): Side[] {
  const random = seededRandom(`turns ${seed}`);
  const blocks = Math.max(1, Math.ceil(runs / block));
  return Array.from({ length: blocks }, (): Side[] =>
    random.uniform() < 0.5 ? ['a', 'b', 'b', 'a'] : ['b', 'a', 'a', 'b'],
  ).flat();
}
