// Finds a network card that moved the same bytes under rising targets, well below its stated speed: it looks shaped, or slower than stated.

import type { Evidence, UnexplainedCeiling } from './evidence.ts';
import { generatorNode, type ResourceUse } from './resource-use.ts';
import { mean } from './statistics.ts';

export interface ShapedCard {
  use: ResourceUse;
  /** Bytes per second that it moved in each of the steps. */
  level: number;
}

/** One step at a steady level may be chance; so may two on a card that does nothing else. */
const fewestSteps = 2;
const fewestSamples = 5;

/**
 * A shaper lets the same bytes pass each second, to within a per cent or two, whatever waits behind it; threads, cores and disks
 * spread more. The card must be the steadiest one, and stand below its stated speed.
 */
export function shapedCard({ steps }: UnexplainedCeiling, { steps: all, resources, policy }: Evidence) {
  const { shapedSpread, flatShare } = policy.cause;
  const places = steps.map((step) => all.indexOf(step));
  if (places.length < fewestSteps) return undefined;
  const cards = resources.flatMap((use): (ShapedCard & { spread: number })[] => {
    if (use.kind !== 'network' || use.node === generatorNode) return [];
    const samples = places.map((place) => use.uses[place]?.series?.values ?? []);
    if (samples.some(({ length }) => length < fewestSamples)) return [];
    const levels = samples.map((values) => mean(values));
    const level = mean(levels);
    const isFlat = Math.max(...levels) - Math.min(...levels) <= flatShare.value * level;
    const spread = Math.max(...samples.map((values, step) => spreadOf(values, levels[step] as number)));
    return isFlat && spread <= shapedSpread.value ? [{ use, level, spread }] : [];
  });
  // Every direction is steady where one of them is: the shaped one moves the most of what it may.
  return cards.toSorted((a, b) => b.level / b.use.capacity.value - a.level / a.use.capacity.value)[0];
}

/** Standard deviation over the mean. */
function spreadOf(values: readonly number[], level: number): number {
  const squares = values.reduce((sum, value) => sum + (value - level) ** 2, 0);
  return level > 0 ? Math.sqrt(squares / values.length) / level : Number.POSITIVE_INFINITY;
}
